import { describe, expect, it } from 'vitest'
import { toError } from '../model/errors.js'
import { parseYaml } from './yaml-document.js'

function messageOf(text: string): string {
  try {
    parseYaml(text, 'f.yml')
  } catch (error) {
    return toError(error).message
  }
  return 'accepted'
}

describe('parseYaml()', () => {
  it.each(['', '# nothing', '---\n', 'a: 1', '\ufeffa: 1', 'a: &x [1]\nb: *x', 'a: &x 1\nb: &x 2\nc: *x', '%YAML 1.1\n---\na: 1'])(
    'accepts %j',
    (text) => {
      expect(messageOf(text)).toBe('accepted')
    },
  )

  it.each([
    ['a: [1', 'f.yml:1:6: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['a: 1\n\tb: 2', 'f.yml:2:1: not valid YAML: Tabs are not allowed as indentation'],
    ['a: 1\nb: 2\na: 3', 'f.yml:3:1: not valid YAML: Map keys must be unique'],
    ['a: "x', 'f.yml:1:6: not valid YAML: Missing closing "quote'],
    ['a: *x', 'f.yml:1:4: alias *x refers to no anchor that is complete before it'],
    ['[a]: 1', 'f.yml:1:1: not valid YAML: keys must be texts'],
    ['a: 1\n---\nb: 2', 'f.yml:2:1: not valid YAML: a second document begins here, and only one is read'],
    ['a: &x [*x]', 'f.yml:1:8: alias *x refers to no anchor that is complete before it'],
    ['password: hunter2\n]', 'f.yml:2:1: not valid YAML: Unexpected flow-seq-end token in YAML stream'],
    [`a: ${'x'.repeat(17_000_000)}`, 'f.yml:1:1: a configuration file of more than 16777216 bytes is not read'],
  ])('refuses %#', (text, message) => {
    expect(messageOf(text)).toBe(message)
  })

  it.each(['[', '{a: ', '- '])('refuses endless %j', (opening) => {
    expect(messageOf(opening.repeat(20_000))).toMatch(/^f\.yml:1:\d+: not valid YAML: nested too deeply$/)
  })

  it('refuses aliases that expand without end, be it where nobody reads', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 12; i++) lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`)
    expect(messageOf(`rule_files:\n  ${lines.join('\n  ')}`)).toBe('f.yml:8:12: aliases expand to more than 1000000 nodes')
  })
})

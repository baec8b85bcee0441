// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of Go are what is tested
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import { createLabels } from '../model/labels.js'
import type { RelabelConfig } from './relabel-config.js'
import { compileRelabelConfigs } from './relabeler.js'

type LabelMap = Readonly<Record<string, string>>

function relabel(rules: RelabelConfig | readonly RelabelConfig[], labels: LabelMap): LabelMap | null {
  const configs: readonly RelabelConfig[] = 'length' in rules ? rules : [rules]
  const after = compileRelabelConfigs(configs).relabel(createLabels(labels))
  return after === undefined ? null : { ...after.toObject() }
}

type Case = readonly [what: string, rules: RelabelConfig | readonly RelabelConfig[], before: LabelMap, after: LabelMap | null]

const replace: readonly Case[] = [
  ['sets a fixed value', { targetLabel: 'a', replacement: 'x' }, { b: '1' }, { a: 'x', b: '1' }],
  ['copies by default', { sourceLabels: ['a'], targetLabel: 'b' }, { a: '1' }, { a: '1', b: '1' }],
  ['joins with a semicolon', { sourceLabels: ['a', 'b'], targetLabel: 'c' }, { a: '1', b: '2' }, { a: '1', b: '2', c: '1;2' }],
  [
    'joins with a separator',
    { sourceLabels: ['a', 'b'], separator: '', targetLabel: 'c' },
    { a: '1', b: '2' },
    { a: '1', b: '2', c: '12' },
  ],
  ['takes an absent label as empty', { sourceLabels: ['x', 'a'], targetLabel: 'c' }, { a: '1' }, { a: '1', c: ';1' }],
  ['leaves what does not match', { sourceLabels: ['a'], regex: 'x', targetLabel: 'b', replacement: 'y' }, { a: '1' }, { a: '1' }],
  ['is anchored', { sourceLabels: ['a'], regex: 'oo', targetLabel: 'a', replacement: 'y' }, { a: 'foo' }, { a: 'foo' }],
  ['lets the dot match a newline', { sourceLabels: ['a'], regex: 'x.y', targetLabel: 'a', replacement: 'z' }, { a: 'x\ny' }, { a: 'z' }],
  ['deletes by an empty value', { targetLabel: 'a', replacement: '' }, { a: '1', b: '2' }, { b: '2' }],
  ['deletes by an empty group', { sourceLabels: ['x'], targetLabel: 'a' }, { a: '1', b: '2' }, { b: '2' }],
  [
    'expands the target',
    { sourceLabels: ['a'], regex: '(.*)=(.*)', targetLabel: '$1', replacement: '$2' },
    { a: 'k=v' },
    { a: 'k=v', k: 'v' },
  ],
  ['ignores an empty target', { sourceLabels: ['a'], regex: '(x?)y', targetLabel: '$1', replacement: 'v' }, { a: 'y' }, { a: 'y' }],
  ['takes a UTF-8 target', { sourceLabels: ['a'], targetLabel: 'http.status' }, { a: '1' }, { a: '1', 'http.status': '1' }],
  ['takes __proto__ as a name', { targetLabel: '__proto__', replacement: 'x' }, { a: '1' }, JSON.parse('{"__proto__":"x","a":"1"}')],
  [
    'knows named groups',
    { sourceLabels: ['a'], regex: '(?P<k>.)(?<l>.)', targetLabel: 'b', replacement: '${l}$k' },
    { a: '12' },
    { a: '12', b: '21' },
  ],
  ['takes the longest name', { sourceLabels: ['a'], targetLabel: 'b', replacement: '${1}x$1x.' }, { a: '1' }, { a: '1', b: '1x.' }],
  ['writes dollars', { sourceLabels: ['a'], targetLabel: 'b', replacement: '$$1 $ ${' }, { a: '1' }, { a: '1', b: '$1 $ ${' }],
  ['has no group 01', { sourceLabels: ['a'], targetLabel: 'b', replacement: 'x$01$9' }, { a: '1' }, { a: '1', b: 'x' }],
  [
    'has the whole match as $0',
    { sourceLabels: ['a'], regex: 'x(.)', targetLabel: 'b', replacement: '$0' },
    { a: 'xy' },
    { a: 'xy', b: 'xy' },
  ],
  ['matches without case', { sourceLabels: ['a'], regex: '(?i)FOO', targetLabel: 'a', replacement: 'x' }, { a: 'foo' }, { a: 'x' }],
  ['renames the metric', { targetLabel: '__name__', replacement: 'up2' }, { __name__: 'up' }, { __name__: 'up2' }],
]

const filters: readonly Case[] = [
  ['keep keeps a match', { sourceLabels: ['a'], regex: '1|2', action: 'keep' }, { a: '1' }, { a: '1' }],
  ['keep drops the rest', { sourceLabels: ['a'], regex: '1|2', action: 'keep' }, { a: '12' }, null],
  ['keep sees an absent label as empty', { sourceLabels: ['x'], regex: '', action: 'keep' }, { a: '1' }, { a: '1' }],
  ['drop drops a match', { sourceLabels: ['a'], regex: 'go_.*', action: 'drop' }, { a: 'go_gc' }, null],
  ['drop keeps the rest', { sourceLabels: ['a'], regex: 'go_.*', action: 'drop' }, { a: 'cargo_x' }, { a: 'cargo_x' }],
  ['keepequal keeps equals', { sourceLabels: ['a'], targetLabel: 'b', action: 'keepequal' }, { a: '1', b: '1' }, { a: '1', b: '1' }],
  ['keepequal drops others', { sourceLabels: ['a'], targetLabel: 'b', action: 'keepequal' }, { a: '1', b: '2' }, null],
  ['keepequal finds two absent labels equal', { sourceLabels: ['x'], targetLabel: 'y', action: 'keepequal' }, { a: '1' }, { a: '1' }],
  ['dropequal drops equals', { sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' }, { a: '1', b: '1' }, null],
  ['dropequal keeps others', { sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' }, { a: '1', b: '2' }, { a: '1', b: '2' }],
]

const names: readonly Case[] = [
  ['labelmap copies', { regex: 'x_(.+)', action: 'labelmap' }, { x_a: '1', b: '2' }, { x_a: '1', a: '1', b: '2' }],
  [
    'labelmap sees the original labels',
    { regex: '(a|b)', replacement: '${1}_', action: 'labelmap' },
    { a: '1', b: '2' },
    { a: '1', b: '2', a_: '1', b_: '2' },
  ],
  [
    'labelmap maps a chain by one step',
    { regex: 'a(b*)', replacement: 'ab$1', action: 'labelmap' },
    { a: '1', ab: '2' },
    { a: '1', ab: '1', abb: '2' },
  ],
  [
    'labelmap lets the last one win',
    { regex: 'x.', replacement: 'y', action: 'labelmap' },
    { x1: '1', x2: '2' },
    { x1: '1', x2: '2', y: '2' },
  ],
  [
    'labelmap walks labels that were set last',
    [
      { targetLabel: 'x1', replacement: 'set' },
      { regex: 'x.', replacement: 'y', action: 'labelmap' },
    ],
    { x1: '1', x2: '2' },
    { x1: 'set', x2: '2', y: 'set' },
  ],
  ['labelmap leaves out an empty name', { regex: 'a(.*)', action: 'labelmap' }, { a: '1', ab: '2' }, { a: '1', ab: '2', b: '2' }],
  ['labeldrop', { regex: 'a.*', action: 'labeldrop' }, { a: '1', ab: '2', ba: '3' }, { ba: '3' }],
  ['labelkeep', { regex: 'a.*', action: 'labelkeep' }, { a: '1', ab: '2', ba: '3' }, { a: '1', ab: '2' }],
  ['no label left is dropped', { regex: '.*', action: 'labeldrop' }, { a: '1' }, null],
]

const letters: readonly Case[] = [
  ['lowercase', { sourceLabels: ['a'], targetLabel: 'b', action: 'lowercase' }, { a: 'FooÄ' }, { a: 'FooÄ', b: 'fooä' }],
  ['uppercase', { sourceLabels: ['a'], targetLabel: 'a', action: 'uppercase' }, { a: 'foo' }, { a: 'FOO' }],
  ['lowercase of nothing deletes', { sourceLabels: ['x'], targetLabel: 'a', action: 'lowercase' }, { a: '1', b: '2' }, { b: '2' }],
]

describe('relabel()', () => {
  it.each([...replace, ...filters, ...names, ...letters])('%s', (...[, rules, before, after]) => {
    expect(relabel(rules, before)).toEqual(after)
  })

  it('applies rules in order', () => {
    const rules: RelabelConfig[] = [
      { sourceLabels: ['a'], targetLabel: 'b' },
      { sourceLabels: ['b'], regex: '1', action: 'drop' },
    ]
    expect([relabel(rules, { a: '1' }), relabel(rules, { a: '2' })]).toEqual([null, { a: '2', b: '2' }])
  })

  it('gives the same object back where nothing changes', () => {
    const labels = createLabels({ a: '1', b: '2' })
    const undone: RelabelConfig[] = [
      { targetLabel: 'c', replacement: 'x' },
      { regex: 'c', action: 'labeldrop' },
    ]
    for (const rules of [[], undone]) expect(compileRelabelConfigs(rules).relabel(labels)).toBe(labels)
  })

  it('names the rule that cannot be used', () => {
    const rules: RelabelConfig[] = [{ targetLabel: 'a' }, { regex: '(', targetLabel: 'a' }]
    const reason = 'rule 2 of 2: regex "(" is not a valid RE2 expression: missing closing ): `^(?s:()$`'
    expect(() => compileRelabelConfigs(rules)).toThrow(reason)
    try {
      compileRelabelConfigs(rules)
    } catch (error) {
      expect(isPromlineError(error, 'relabel') && error.facts).toEqual({ field: 'regex' })
    }
  })

  it('takes linear time where a backtracking engine takes years', () => {
    const rules: RelabelConfig[] = ['(a+)+b', '(a|aa)+$', '(.*a){20}', '(x+x+)+y'].map((regex) => ({
      sourceLabels: ['a'],
      regex,
      action: 'drop',
    }))
    const value = `${'a'.repeat(5_000)}${'x'.repeat(5_000)}!`
    expect(relabel(rules, { a: value })).toEqual({ a: value })
  })
})

interface Vector {
  readonly joined: string
  readonly modulus: number
  readonly want: string
}

describe('hashmod', () => {
  const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('testdata/hashmod.json', import.meta.url), 'utf8'))

  it.each(vectors)('of $joined modulo $modulus is $want', ({ joined, modulus, want }) => {
    const labels: Record<string, string> = joined === '' ? { b: '1' } : { a: joined, b: '1' }
    expect(relabel({ sourceLabels: ['a'], modulus, targetLabel: 'h', action: 'hashmod' }, labels)).toEqual({ ...labels, h: want })
  })

  it('takes a modulus of 64 bits', () => {
    const rule: RelabelConfig = { sourceLabels: ['a'], modulus: 2n ** 64n - 1n, targetLabel: 'h', action: 'hashmod' }
    expect(relabel(rule, { a: 'baz' })?.['h']).toMatch(/^\d{15,20}$/)
  })
})

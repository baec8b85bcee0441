import { describe, expect, it } from 'vitest'
import { compileRe2, type RelabelRegex } from './regex.js'
import { rememberMatches } from './remember-matches.js'

/** An expression that counts what it is asked. */
function counted(source: string): { regex: RelabelRegex; asked: string[] } {
  const engine = compileRe2(source)
  const asked: string[] = []
  const count = (text: string): string => {
    asked.push(text)
    return text
  }
  return { asked, regex: { ...engine, test: (text) => engine.test(count(text)), match: (text) => engine.match(count(text)) } }
}

describe('rememberMatches()', () => {
  it('asks once a text, be it a match or not', () => {
    const { regex, asked } = counted('(?P<x>a)(b*)')
    const remembering = rememberMatches(regex)
    for (let i = 0; i < 3; i++) {
      expect([remembering.match('ab'), remembering.match('c'), remembering.test('ab'), remembering.test('c')]).toEqual([
        ['ab', 'a', 'b'],
        undefined,
        true,
        false,
      ])
    }
    expect(asked).toEqual(['ab', 'c', 'ab', 'c'])
    expect([remembering.groupCount, remembering.groupIndex('x')]).toEqual([2, 1])
  })

  it('remembers a bounded number of short texts', () => {
    const { regex, asked } = counted('a+')
    const remembering = rememberMatches(regex)
    remembering.test('a'.repeat(257))
    remembering.test('a'.repeat(257))
    expect(asked).toHaveLength(2)
    for (let i = 0; i <= 1_000; i++) remembering.test(`${i}`)
    remembering.test('0')
    expect(asked.slice(-2)).toEqual(['1000', '0'])
  })
})

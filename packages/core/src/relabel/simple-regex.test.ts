import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRe2, compileRegex } from './regex.js'
import { compileSimpleRegex } from './simple-regex.js'

describe('compileSimpleRegex()', () => {
  it.each([
    '',
    'node',
    'a|b|',
    '(a|b)',
    '(?:a|b)',
    'a\\.b',
    '.*',
    '(.*)',
    '.+',
    '(.+)',
    'go_.*',
    'go_(.*)',
    '(go_.+)',
    '(?:go_.*)',
    'a b',
    '\\_\\-',
  ])('recognises %j', (source) => {
    expect(compileSimpleRegex(source)).toBeDefined()
  })

  it.each([
    'a.b',
    'a+',
    '.*a',
    '(a)(b)',
    '((a))',
    'a|b.*',
    '(?i)a',
    '(?P<n>a)',
    '(a\\)',
    'a\\',
    '\\d',
    'a\\.*',
    '((.*))',
    '^a$',
    '[ab]',
    'a{2}',
    'a.*)',
    'é\\é',
  ])('leaves %j to the engine', (source) => {
    expect(compileSimpleRegex(source)).toBeUndefined()
  })

  it('gives what the engine gives', () => {
    const atoms = fc.constantFrom('a', 'b', 'go_', '\\.', '.', '.*', '.+', '|', '(', ')', '(?:', '\\|', '\\\\', '-', 'é', '😀', '\\ ', '/')
    const sources = fc.array(atoms, { maxLength: 6 }).map((parts) => parts.join(''))
    const texts = fc
      .array(fc.constantFrom('a', 'b', 'go_', '.', '|', '\n', 'é', '😀', '\\', '-', ' '), { maxLength: 6 })
      .map((parts) => parts.join(''))
    let simple = 0
    fc.assert(
      fc.property(sources, fc.array(texts, { minLength: 1, maxLength: 8 }), (source, samples) => {
        const fast = compileSimpleRegex(source)
        if (fast === undefined) return
        simple++
        const oracle = compileRe2(source)
        expect(fast.groupCount).toBe(oracle.groupCount)
        for (const text of samples) {
          expect(fast.match(text)).toEqual(oracle.match(text))
          expect(fast.test(text)).toBe(oracle.test(text))
        }
      }),
      { numRuns: 3_000 },
    )
    expect(simple).toBeGreaterThan(300)
  })
})

describe('compileRegex()', () => {
  it.each<[source: string, text: string, groups: readonly string[] | undefined]>([
    ['\\Qa.b\\E', 'a.b', ['a.b']],
    ['[[:alpha:]]+', 'aZ', ['aZ']],
    ['\\pL+', 'äß', ['äß']],
    ['(?P<n>.)\\z', 'x', ['x', 'x']],
    ['(?i)k', '\u212a', ['\u212a']],
    ['(a)|(b)', 'b', ['b', '', 'b']],
    ['(?U)(a+)(a*)', 'aaa', ['aaa', 'a', 'aa']],
    ['.', '😀', ['😀']],
    ['(?-s:.)', '\n', undefined],
    ['a$', 'a\n', undefined],
  ])('%j on %j', (source, text, groups) => {
    expect(compileRegex(source).match(text)).toEqual(groups)
  })
})

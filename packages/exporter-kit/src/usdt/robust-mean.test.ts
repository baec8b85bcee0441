import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { robustMean } from './robust-mean.js'

describe('robustMean()', () => {
  test.each<[string, number[], { mean: number; used: number; trimmed: number } | undefined]>([
    ['none', [], undefined],
    ['one', [26_000], { mean: 26_000, used: 1, trimmed: 0 }],
    ['two that are close', [26_000, 26_010], { mean: 26_005, used: 2, trimmed: 0 }],
    ['two that are far apart: none is the outlier', [20_000, 26_000], { mean: 23_000, used: 2, trimmed: 0 }],
    ['one that is far off', [26_000, 26_010, 25_990, 26_000, 13_000], { mean: 26_000, used: 4, trimmed: 1 }],
    ['one above and one below', [26_000, 26_010, 25_990, 1, 1e9], { mean: 26_000, used: 3, trimmed: 2 }],
    ['mostly equal: what is within 0.6 % stays', [26_000, 26_000, 26_000, 26_100, 26_500], { mean: 26_025, used: 4, trimmed: 1 }],
    ['spread wide: a deviation is what the numbers say', [24_000, 25_000, 26_000, 27_000, 28_000], { mean: 26_000, used: 5, trimmed: 0 }],
    ['decimals', [26_010.1, 26_010.4, 26_010.6, 26_010.7, 26_010.3], { mean: 26_010.42, used: 5, trimmed: 0 }],
    ['no order', [26_010, 1, 25_990], { mean: 26_000, used: 2, trimmed: 1 }],
  ])('%s', (_name, values, expected) => {
    expect(robustMean(values)).toEqual(expected)
  })

  test('less than half of the numbers, whatever they are, do not move it out of the others by more than its reach', () => {
    const good = fc.double({ min: 25_900, max: 26_100, noNaN: true })
    const bad = fc.double({ min: 1, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(fc.array(good, { minLength: 6, maxLength: 20 }), fc.array(bad, { maxLength: 5 }), (goods, bads) => {
        const { mean, used, trimmed } = robustMean([...bads, ...goods])!
        expect(used + trimmed).toBe(goods.length + bads.length)
        // The median lies among the good ones, and so does every deviation: 3 x 1.4826 x 200 from it at most.
        expect(mean).toBeGreaterThan(25_900 - 890)
        expect(mean).toBeLessThan(26_100 + 890)
      }),
    )
  })
})

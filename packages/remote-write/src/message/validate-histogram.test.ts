import type { Histogram } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { validateHistogram } from './validate-histogram.js'

const spans = (...pairs: readonly (readonly [offset: number, length: number])[]): Histogram['positiveSpans'] =>
  pairs.map(([offset, length]) => ({ offset, length }))
const empty: Histogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveSpans: [],
  negativeSpans: [],
  resetHint: 'unknown',
}
const integers = (...deltas: readonly number[]): Pick<Histogram, 'positiveDeltas'> => ({ positiveDeltas: Float64Array.from(deltas) })
const floats = (...counts: readonly number[]): Pick<Histogram, 'positiveCounts'> => ({ positiveCounts: Float64Array.from(counts) })
const custom = (...bounds: readonly number[]): Pick<Histogram, 'schema' | 'customValues'> => ({
  schema: -53,
  customValues: Float64Array.from(bounds),
})

describe('validateHistogram()', () => {
  const valid: readonly [name: string, parts: Partial<Histogram>][] = [
    ['no buckets', {}],
    ['the coarsest schema', { schema: -4 }],
    ['the finest schema', { schema: 8 }],
    ['a schema that is to be reduced', { schema: 52, count: 2, positiveSpans: spans([0, 2]), ...integers(1, 0) }],
    ['integer buckets', { count: 6, zeroCount: 1, positiveSpans: spans([-3, 2], [0, 1]), ...integers(1, 1, 0) }],
    [
      'buckets on both sides',
      { count: 3, positiveSpans: spans([0, 1]), ...integers(1), negativeSpans: spans([0, 1]), negativeDeltas: Float64Array.of(2) },
    ],
    ['more observations than buckets where the sum is NaN', { count: 9, sum: Number.NaN, positiveSpans: spans([0, 1]), ...integers(1) }],
    ['bigints', { count: 2n ** 63n, positiveSpans: spans([0, 1]), positiveDeltas: BigInt64Array.of(2n ** 62n), zeroCount: 2n ** 62n }],
    ['float buckets that do not add up', { count: 1, positiveSpans: spans([0, 2]), ...floats(0.5, 0.75) }],
    ['custom buckets', { ...custom(1, 2), count: 3, positiveSpans: spans([0, 3]), ...integers(1, 0, 0) }],
    ['custom buckets that leave some out', { ...custom(1, 2, 3), count: 1, positiveSpans: spans([2, 1]), ...integers(1) }],
    ['one custom bucket without bounds', { schema: -53, count: 1, positiveSpans: spans([0, 1]), ...integers(1) }],
  ]
  for (const [name, parts] of valid) it(`takes ${name}`, () => expect(() => validateHistogram({ ...empty, ...parts })).not.toThrow())

  const invalid: readonly [parts: Partial<Histogram>, message: string][] = [
    [{ schema: 53 }, 'schema 53 is neither -4 to 52 nor -53'],
    [{ schema: -5 }, 'schema -5 is neither -4 to 52 nor -53'],
    [{ schema: -52 }, 'schema -52 is neither -4 to 52 nor -53'],
    [{ schema: -54 }, 'schema -54 is neither -4 to 52 nor -53'],
    [{ schema: 9, positiveSpans: spans([0, 2]), ...integers(1, -2) }, 'positive bucket of -1'],
    [{ positiveSpans: spans([0, 2]), ...integers(0) }, 'positive spans need 2 buckets, there are 1'],
    [{ negativeSpans: spans([0, 1]) }, 'negative spans need 1 buckets, there are 0'],
    [{ ...integers(0) }, 'positive spans need 0 buckets, there are 1'],
    [{ positiveSpans: spans([0, 1], [-1, 1]), ...integers(0, 0) }, 'positive span 2 has the negative offset -1'],
    [{ positiveSpans: spans([0, 2]), ...integers(1, -2), count: 0 }, 'positive bucket of -1'],
    [{ positiveSpans: spans([0, 1]), ...integers(1), count: 2 }, 'buckets hold 1 observations, the count is 2'],
    [{ positiveSpans: spans([0, 1]), ...integers(3), count: 2, sum: Number.NaN }, 'buckets hold 3 observations, the count is 2'],
    [{ positiveSpans: spans([0, 1]), ...floats(-0.5) }, 'positive bucket of -0.5'],
    [{ ...floats(), zeroCount: -1 }, 'zero bucket of -1'],
    [{ ...floats(), count: -1 }, 'count of -1'],
    [{ customValues: Float64Array.of(1) }, 'schema 0 does not have custom bounds'],
    [{ schema: 9, customValues: Float64Array.of(1) }, 'schema 9 does not have custom bounds'],
    [{ ...custom(1, 1) }, 'custom bound 1 does not grow from 1'],
    [{ ...custom(1, Number.POSITIVE_INFINITY) }, 'custom bound Infinity is not finite'],
    [{ ...custom(Number.NaN) }, 'custom bound NaN is not finite'],
    [{ ...custom(1), zeroCount: 1 }, 'custom buckets have no zero bucket'],
    [{ ...custom(1), zeroThreshold: 1 }, 'custom buckets have no zero threshold'],
    [{ ...custom(1), negativeSpans: spans([0, 0]) }, 'custom buckets have no negative buckets'],
    [
      { ...custom(1), positiveSpans: spans([0, 3]), ...integers(0, 0, 0) },
      '1 custom bounds are not enough for spans that reach to bucket 3',
    ],
    [{ ...custom(1), positiveSpans: spans([-1, 1]), ...integers(0) }, 'custom buckets begin before the first bound'],
  ]
  for (const [parts, message] of invalid) {
    it(`refuses: ${message}`, () => expect(() => validateHistogram({ ...empty, ...parts })).toThrow(`invalid histogram: ${message}`))
  }
})

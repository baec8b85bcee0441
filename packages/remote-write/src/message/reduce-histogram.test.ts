import type { BucketSpan, Histogram } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFloatHistogram } from './encode-histogram.js'
import { reduceHistogram } from './reduce-histogram.js'
import { validateHistogram } from './validate-histogram.js'

const spans = (...pairs: readonly (readonly [offset: number, length: number])[]): BucketSpan[] =>
  pairs.map(([offset, length]) => ({ offset, length }))
const empty: Histogram = {
  schema: 9,
  zeroThreshold: 0.001,
  zeroCount: 0,
  count: 0,
  sum: 1.5,
  positiveSpans: [],
  negativeSpans: [],
  resetHint: 'gauge',
}

/** One side of a histogram in one line: spans, a bar, and the buckets as they are written. */
function outline(sideSpans: readonly BucketSpan[], buckets: Float64Array | BigInt64Array | undefined): string {
  return `${sideSpans.map(({ offset, length }) => `${offset}+${length}`).join(' ')} | ${buckets?.join(' ')}`
}

describe('reduceHistogram()', () => {
  const rows: readonly [name: string, schema: number, fine: BucketSpan[], deltas: readonly number[], expected: string][] = [
    ['two buckets become one', 9, spans([1, 2]), [1, 1], '1+1 | 3'],
    ['an even index ends a bucket', 9, spans([0, 4]), [1, 1, 1, 1], '0+3 | 1 4 -1'],
    ['negative indices', 9, spans([-3, 4]), [1, 1, 1, 1], '-1+2 | 3 4'],
    ['a gap that closes', 9, spans([1, 1], [1, 1]), [1, 1], '1+2 | 1 1'],
    ['a gap within one bucket', 10, spans([1, 1], [1, 1]), [1, 1], '1+1 | 3'],
    ['a gap that stays', 9, spans([1, 2], [4, 2]), [1, 0, 0, 0], '1+1 2+1 | 2 0'],
    ['spans that touch are one', 9, spans([1, 2], [0, 2]), [1, 0, 0, 0], '1+2 | 2 0'],
    ['a span without buckets', 9, spans([1, 2], [2, 0], [2, 1]), [1, 0, 0], '1+1 2+1 | 2 -1'],
    ['a bucket of 0', 9, spans([1, 4]), [1, 0, -1, 0], '1+2 | 2 -2'],
    ['the finest schema', 52, spans([-5, 10]), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], '0+2 | 6 -2'],
    [
      'indices at the end of int32',
      9,
      spans([-(2 ** 31), 1], [2 ** 31 - 1, 1], [2 ** 31 - 1, 1]),
      [1, 0, 0],
      '-1073741824+1 1073741823+1 1073741823+1 | 1 0 0',
    ],
    ['no buckets', 9, [], [], ' | '],
  ]
  for (const [name, schema, fine, deltas, expected] of rows) {
    it(`${name}: ${expected}`, () => {
      const buckets = Float64Array.from(deltas)
      const positive = reduceHistogram({ ...empty, schema, positiveSpans: fine, positiveDeltas: buckets })
      expect(outline(positive.positiveSpans, positive.positiveDeltas)).toBe(expected)
      const negative = reduceHistogram({ ...empty, schema, negativeSpans: fine, negativeDeltas: buckets })
      expect(outline(negative.negativeSpans, negative.negativeDeltas)).toBe(expected)
    })
  }

  it('leaves schemas up to 8 and custom buckets as they are', () => {
    for (const schema of [-53, -4, 0, 8]) {
      const histogram = { ...empty, schema }
      expect(reduceHistogram(histogram)).toBe(histogram)
    }
  })

  it('keeps all digits of large buckets', () => {
    const positiveDeltas = BigInt64Array.of(2n ** 53n + 1n, 2n ** 60n)
    expect(reduceHistogram({ ...empty, positiveSpans: spans([1, 2]), positiveDeltas }).positiveDeltas).toEqual(
      BigInt64Array.of(2n ** 60n + 2n ** 54n + 2n),
    )
  })

  const refused: readonly [parts: Partial<Histogram>, message: string][] = [
    [
      { positiveSpans: spans([1, 2]), positiveDeltas: BigInt64Array.of(2n ** 63n - 1n, 0n) },
      'invalid histogram: in the buckets of schema 8, its buckets differ by more than an int64 can say',
    ],
    [
      { negativeSpans: spans([1, 1], [2 ** 31 - 1, 0], [2 ** 31 - 1, 0], [2 ** 31 - 1, 1]), negativeDeltas: Float64Array.of(1, 0) },
      'invalid histogram: in the buckets of schema 8, its buckets are further apart than an offset can say',
    ],
  ]
  for (const [parts, message] of refused) {
    it(`refuses: ${message}`, () => expect(() => reduceHistogram({ ...empty, ...parts })).toThrow(message))
  }

  const offset = fc.oneof({ weight: 4, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.nat(2 ** 31 - 1) })
  const side = fc
    .tuple(fc.integer({ min: -40, max: 40 }), fc.array(fc.tuple(offset, fc.nat(6)), { maxLength: 6 }))
    .chain(([first, parts]) =>
      fc.record({
        spans: fc.constant(spans(...parts.map(([gap, length], i) => [i === 0 ? first : gap, length] as const))),
        counts: sized(
          fc.bigInt({ min: 0n, max: 2n ** 57n }),
          parts.reduce((sum, [, length]) => sum + length, 0),
        ),
      }),
    )
  const schema = fc.oneof(fc.integer({ min: 9, max: 12 }), fc.integer({ min: 9, max: 52 }))

  it('says what a map of buckets says', () => {
    fc.assert(
      fc.property(schema, side, side, fc.boolean(), (fineSchema, positive, negative, isFloat) => {
        const count = [...positive.counts, ...negative.counts].reduce((sum, one) => sum + one, 3n)
        const fine: Histogram = {
          ...empty,
          schema: fineSchema,
          zeroCount: 3,
          count,
          positiveSpans: positive.spans,
          negativeSpans: negative.spans,
          ...(isFloat
            ? { positiveCounts: Float64Array.from(positive.counts, smaller), negativeCounts: Float64Array.from(negative.counts, smaller) }
            : { positiveDeltas: deltasOf(positive.counts), negativeDeltas: deltasOf(negative.counts) }),
        }
        expect(() => validateHistogram(fine)).not.toThrow()
        const coarse = reduceHistogram(fine)
        expect(() => validateHistogram(coarse)).not.toThrow()
        for (const name of ['positive', 'negative'] as const) {
          expect(bucketsOf(coarse, name)).toEqual(coarser(bucketsOf(fine, name), fineSchema))
          expect(coarse[`${name}Spans`].slice(1).every((span) => span.offset > 0)).toBe(true)
        }
        const { zeroCount, zeroThreshold, sum, resetHint } = fine
        expect(coarse).toMatchObject({ schema: 8, zeroCount, zeroThreshold, count, sum, resetHint })
        expect(isFloatHistogram(coarse)).toBe(isFloat)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

function sized<T>(values: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> {
  return fc.array(values, { minLength: length, maxLength: length })
}

/** Counts that floats add up exactly. */
function smaller(count: bigint): number {
  return Number(count % 1000n) / 4
}

function deltasOf(counts: readonly bigint[]): BigInt64Array {
  return BigInt64Array.from(counts.map((count, i) => count - (counts[i - 1] ?? 0n)))
}

/** One side as pairs of index and count, in the order of the indices. */
function bucketsOf(histogram: Histogram, side: 'positive' | 'negative'): [index: bigint, count: number | bigint][] {
  const deltas = [...(histogram[`${side}Deltas`] ?? [])].map(BigInt)
  const counts = histogram[`${side}Counts`] ?? deltas.map((_, i) => deltas.slice(0, i + 1).reduce((sum, delta) => sum + delta, 0n))
  const buckets: [bigint, number | bigint][] = []
  let index = 0n
  for (const { offset, length } of histogram[`${side}Spans`]) {
    index += BigInt(offset)
    for (let i = 0; i < length; i++) buckets.push([index++, counts[buckets.length]!])
  }
  return buckets
}

/** The oracle: each bucket added to its coarser one in a map. */
function coarser(buckets: readonly [bigint, number | bigint][], fineSchema: number): [bigint, number | bigint][] {
  const merged = new Map<bigint, number | bigint>()
  for (const [index, count] of buckets) {
    const target = ((index - 1n) >> BigInt(fineSchema - 8)) + 1n
    const before = merged.get(target)
    merged.set(target, typeof count === 'bigint' ? BigInt(before ?? 0) + count : Number(before ?? 0) + count)
  }
  return [...merged]
}

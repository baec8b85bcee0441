import { type BucketSpan, type Histogram, PromlineError } from '@promline/core'
import { isFloatHistogram } from './encode-histogram.js'

/** Custom buckets: their bounds are in `customValues`. */
const customBucketsSchema = -53
const minExponentialSchema = -4
/** Finer than what is stored, and taken all the same: `reduceHistogram`. */
const maxReducibleSchema = 52

/**
 * Throws a PromlineError (`decode`) where the numbers of a native histogram contradict each other, by Prometheus' rules: spans and
 * buckets agree, no bucket is negative, integer buckets and the zero bucket add up to the count (at most, where the sum is NaN), and
 * only custom buckets have custom bounds. https://prometheus.io/docs/specs/native_histograms/
 */
export function validateHistogram(histogram: Histogram): void {
  const { schema } = histogram
  if (schema === customBucketsSchema) validateCustomBuckets(histogram)
  else if (schema >= minExponentialSchema && schema <= maxReducibleSchema) validateExponentialBuckets(histogram)
  else throw refuse(`schema ${schema} is neither ${minExponentialSchema} to ${maxReducibleSchema} nor ${customBucketsSchema}`)
  if (isFloatHistogram(histogram)) validateFloatCounts(histogram)
  else validateIntegerCounts(histogram)
}

function validateExponentialBuckets(histogram: Histogram): void {
  if (histogram.customValues !== undefined) throw refuse(`schema ${histogram.schema} does not have custom bounds`)
  validateSpans('positive', histogram.positiveSpans, positiveBuckets(histogram))
  validateSpans('negative', histogram.negativeSpans, negativeBuckets(histogram))
}

function validateCustomBuckets(histogram: Histogram): void {
  const bounds = histogram.customValues ?? new Float64Array(0)
  if (Number(histogram.zeroCount) !== 0) throw refuse('custom buckets have no zero bucket')
  if (histogram.zeroThreshold !== 0) throw refuse('custom buckets have no zero threshold')
  if (histogram.negativeSpans.length > 0 || negativeBuckets(histogram) > 0) throw refuse('custom buckets have no negative buckets')
  for (let i = 0; i < bounds.length; i++) {
    if (!Number.isFinite(bounds[i])) throw refuse(`custom bound ${bounds[i]} is not finite`)
    if (i > 0 && bounds[i]! <= bounds[i - 1]!) throw refuse(`custom bound ${bounds[i]} does not grow from ${bounds[i - 1]}`)
  }
  validateSpans('positive', histogram.positiveSpans, positiveBuckets(histogram))
  const reach = histogram.positiveSpans.reduce((sum, span) => sum + span.offset + span.length, 0)
  if ((histogram.positiveSpans[0]?.offset ?? 0) < 0) throw refuse('custom buckets begin before the first bound')
  if (reach > bounds.length + 1) throw refuse(`${bounds.length} custom bounds are not enough for spans that reach to bucket ${reach}`)
}

function validateSpans(side: string, spans: readonly BucketSpan[], buckets: number): void {
  let needed = 0
  for (let i = 0; i < spans.length; i++) {
    const { offset, length } = spans[i]!
    if (i > 0 && offset < 0) throw refuse(`${side} span ${i + 1} has the negative offset ${offset}`)
    needed += length
  }
  if (needed !== buckets) throw refuse(`${side} spans need ${needed} buckets, there are ${buckets}`)
}

/** Floating point does not add up exactly, so only signs are checked. */
function validateFloatCounts(histogram: Histogram): void {
  for (const [what, counts] of [
    ['positive', histogram.positiveCounts],
    ['negative', histogram.negativeCounts],
  ] as const) {
    const wrong = counts?.find((count) => count < 0)
    if (wrong !== undefined) throw refuse(`${what} bucket of ${wrong}`)
  }
  if (Number(histogram.zeroCount) < 0) throw refuse(`zero bucket of ${histogram.zeroCount}`)
  if (Number(histogram.count) < 0) throw refuse(`count of ${histogram.count}`)
}

function validateIntegerCounts(histogram: Histogram): void {
  const positive = sumOfDeltas('positive', histogram.positiveDeltas)
  const negative = sumOfDeltas('negative', histogram.negativeDeltas)
  const sum = positive + negative + BigInt(histogram.zeroCount)
  const count = BigInt(histogram.count)
  if (Number.isNaN(histogram.sum) ? sum > count : sum !== count) throw refuse(`buckets hold ${sum} observations, the count is ${count}`)
}

/** The buckets of integer histograms are differences, each from the bucket before. */
function sumOfDeltas(side: string, deltas: Float64Array | BigInt64Array | undefined): bigint {
  let bucket = 0n
  let sum = 0n
  for (const delta of deltas ?? []) {
    bucket += BigInt(delta)
    if (bucket < 0n) throw refuse(`${side} bucket of ${bucket}`)
    sum += bucket
  }
  return sum
}

function positiveBuckets(histogram: Histogram): number {
  return histogram.positiveDeltas?.length ?? histogram.positiveCounts?.length ?? 0
}

function negativeBuckets(histogram: Histogram): number {
  return histogram.negativeDeltas?.length ?? histogram.negativeCounts?.length ?? 0
}

function refuse(message: string): PromlineError {
  return new PromlineError('decode', `invalid histogram: ${message}`)
}

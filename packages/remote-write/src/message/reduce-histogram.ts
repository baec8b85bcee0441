import { type BucketSpan, type Histogram, PromlineError } from '@promline/core'
import { toDeltas } from './decode-histogram.js'

/** The finest schema of exponential buckets that is stored: 2^(2^-8) from bound to bound. */
export const maxExponentialSchema = 8
/** A span's offset is an int32 on the wire. */
const maxSpanOffset = 2 ** 31 - 1

/** Where the buckets of one side go. */
interface Layout {
  readonly spans: readonly BucketSpan[]
  /** Of each bucket, which of the coarser ones takes it in. */
  readonly places: readonly number[]
}

/**
 * The same histogram with the buckets of schema 8 where its own are finer, as Prometheus stores it; else the histogram itself. It must be
 * one that `validateHistogram` takes. Throws a PromlineError (`decode`) where the coarser buckets do not fit into integers of the wire.
 * https://github.com/prometheus/prometheus/blob/main/model/histogram/generic.go (`reduceResolution`)
 */
export function reduceHistogram(histogram: Histogram): Histogram {
  const { schema, positiveDeltas, positiveCounts, negativeDeltas, negativeCounts } = histogram
  if (schema <= maxExponentialSchema) return histogram
  const positive = layoutOf(histogram.positiveSpans, schema)
  const negative = layoutOf(histogram.negativeSpans, schema)
  return {
    ...histogram,
    schema: maxExponentialSchema,
    positiveSpans: positive.spans,
    negativeSpans: negative.spans,
    ...(positiveDeltas !== undefined && { positiveDeltas: mergeDeltas(positiveDeltas, positive) }),
    ...(positiveCounts !== undefined && { positiveCounts: mergeCounts(positiveCounts, positive) }),
    ...(negativeDeltas !== undefined && { negativeDeltas: mergeDeltas(negativeDeltas, negative) }),
    ...(negativeCounts !== undefined && { negativeCounts: mergeCounts(negativeCounts, negative) }),
  }
}

function layoutOf(fine: readonly BucketSpan[], schema: number): Layout {
  // Not a shift: those of JavaScript are by 31 bits at most, and a schema may be 44 away.
  const ratio = 2 ** (schema - maxExponentialSchema)
  const spans: { offset: number; length: number }[] = []
  const places: number[] = []
  let index = 0
  let place = -1
  let last = 0
  for (const { offset, length } of fine) {
    index += offset
    for (let i = 0; i < length; i++, index++) {
      const target = Math.floor((index - 1) / ratio) + 1
      const span = spans.at(-1)
      if (span === undefined) spans.push({ offset: target, length: 1 })
      else if (target > last + 1) spans.push({ offset: target - last - 1, length: 1 })
      else span.length += target - last
      if (span === undefined || target > last) place++
      last = target
      places.push(place)
    }
  }
  if (spans.some(({ offset }) => offset > maxSpanOffset)) throw refuse('its buckets are further apart than an offset can say')
  return { spans, places }
}

/** Buckets that are differences, each from the bucket before, are so again afterwards. */
function mergeDeltas(deltas: Float64Array | BigInt64Array, { places }: Layout): Float64Array | BigInt64Array {
  const counts: bigint[] = []
  let count = 0n
  places.forEach((place, i) => {
    count += BigInt(deltas[i]!)
    counts[place] = (counts[place] ?? 0n) + count
  })
  const merged = counts.map((total, i) => total - (counts[i - 1] ?? 0n))
  if (merged.some((delta) => BigInt.asIntN(64, delta) !== delta)) throw refuse('its buckets differ by more than an int64 can say')
  return toDeltas(merged)
}

function mergeCounts(counts: Float64Array, { places }: Layout): Float64Array {
  const merged = new Float64Array((places.at(-1) ?? -1) + 1)
  places.forEach((place, i) => {
    merged[place]! += counts[i]!
  })
  return merged
}

function refuse(message: string): PromlineError {
  return new PromlineError('decode', `invalid histogram: in the buckets of schema ${maxExponentialSchema}, ${message}`)
}

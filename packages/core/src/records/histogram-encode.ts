import type { BucketSpan, Histogram } from '../model/histogram.js'
import type { RecordWriter } from './record-writer.js'

/**
 * A native histogram, version 1; histogram-decode.ts mirrors it:
 *
 *   u8 fields: 1 positive deltas, 2 positive counts, 4 negative deltas, 8 negative counts, 16 custom values
 *   u8 bigints: 1 count, 2 zero count, 4 positive deltas, 8 negative deltas
 *   u8 reset hint: index in resetHints
 *   signed varint schema
 *   f64 zero threshold | f64 sum | count | zero count        (f64, or u64 where bigint)
 *   positive spans | negative spans                          (varint number, then for each: signed varint offset, varint length)
 *   positive deltas | positive counts | negative deltas | negative counts | custom values
 *                                                            (varint number, then f64 for each, or i64 where bigint)
 */
export const resetHints = ['unknown', 'yes', 'no', 'gauge'] as const
export const histogramField = { positiveDeltas: 1, positiveCounts: 2, negativeDeltas: 4, negativeCounts: 8, customValues: 16 } as const
export const histogramBigint = { count: 1, zeroCount: 2, positiveDeltas: 4, negativeDeltas: 8 } as const

/** The fields of fixed size, with some room. */
const fixedBytes = 48
/** Offset and length, as they mostly are. */
const spanBytes = 4

export function encodeHistogram(writer: RecordWriter, histogram: Histogram): void {
  writer.uint8(fieldsOf(histogram))
  writer.uint8(bigintsOf(histogram))
  writer.indexIn(resetHints, histogram.resetHint, 'a histogram with the reset hint')
  writer.signedVarint(histogram.schema)
  writer.float64(histogram.zeroThreshold)
  writer.float64(histogram.sum)
  encodeCount(writer, histogram.count)
  encodeCount(writer, histogram.zeroCount)
  encodeSpans(writer, histogram.positiveSpans)
  encodeSpans(writer, histogram.negativeSpans)
  for (const values of arraysOf(histogram)) if (values !== undefined) encodeArray(writer, values)
}

/** About what a histogram takes. */
export function estimateHistogramBytes(histogram: Histogram): number {
  const spans = spanBytes * (histogram.positiveSpans.length + histogram.negativeSpans.length)
  return arraysOf(histogram).reduce((bytes, values) => bytes + 8 * (values?.length ?? 0), fixedBytes + spans)
}

function arraysOf(histogram: Histogram): (Float64Array | BigInt64Array | undefined)[] {
  const { positiveDeltas, positiveCounts, negativeDeltas, negativeCounts, customValues } = histogram
  return [positiveDeltas, positiveCounts, negativeDeltas, negativeCounts, customValues]
}

function fieldsOf(histogram: Histogram): number {
  let fields = 0
  arraysOf(histogram).forEach((values, i) => {
    if (values !== undefined) fields |= 1 << i
  })
  return fields
}

function bigintsOf(histogram: Histogram): number {
  return (
    (typeof histogram.count === 'bigint' ? histogramBigint.count : 0) |
    (typeof histogram.zeroCount === 'bigint' ? histogramBigint.zeroCount : 0) |
    (histogram.positiveDeltas instanceof BigInt64Array ? histogramBigint.positiveDeltas : 0) |
    (histogram.negativeDeltas instanceof BigInt64Array ? histogramBigint.negativeDeltas : 0)
  )
}

function encodeCount(writer: RecordWriter, count: number | bigint): void {
  if (typeof count === 'bigint') writer.uint64(BigInt.asUintN(64, count))
  else writer.float64(count)
}

function encodeSpans(writer: RecordWriter, spans: readonly BucketSpan[]): void {
  writer.varint(spans.length)
  for (const { offset, length } of spans) {
    writer.signedVarint(offset)
    writer.varint(length)
  }
}

function encodeArray(writer: RecordWriter, values: Float64Array | BigInt64Array): void {
  writer.varint(values.length)
  if (values instanceof Float64Array) writer.float64s(values)
  else for (const value of values) writer.uint64(BigInt.asUintN(64, value))
}

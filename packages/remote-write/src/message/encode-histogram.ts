import type { BucketSpan, Histogram } from '@promline/core'
import type { Writer } from 'protobufjs/minimal.js'
import { writeDouble, writeInt64, writeSint64s, writeUint64 } from './wire-writer.js'
import type { HistogramValue } from './write-request.js'

/** The number of a reset hint in the messages. */
const resetHintNumber: Readonly<Record<Histogram['resetHint'], number>> = { unknown: 0, yes: 1, no: 2, gauge: 3 }

/** Whether the flavour with float counts; the other one has integer counts and buckets as deltas. */
export function isFloatHistogram(histogram: Histogram): boolean {
  return histogram.positiveCounts !== undefined || histogram.negativeCounts !== undefined
}

/** Writes the fields of a Histogram; see `decodeHistogram` for the layout. Zero values are left out, as proto3 does, but for the two counts. */
export function encodeHistogram(writer: Writer, { histogram, stale, timestampMs }: HistogramValue): void {
  encodeCounts(writer, histogram)
  if (stale || !Object.is(histogram.sum, 0)) writeDouble(writer.uint32((3 << 3) | 1), { value: histogram.sum, stale })
  if (histogram.schema !== 0) writer.uint32(4 << 3).sint32(histogram.schema)
  if (!Object.is(histogram.zeroThreshold, 0)) writer.uint32((5 << 3) | 1).double(histogram.zeroThreshold)
  encodeZeroCount(writer, histogram)
  encodeSpans(writer, 8, histogram.negativeSpans)
  writeSint64s(writer, 9, histogram.negativeDeltas)
  encodeDoubles(writer, 10, histogram.negativeCounts)
  encodeSpans(writer, 11, histogram.positiveSpans)
  writeSint64s(writer, 12, histogram.positiveDeltas)
  encodeDoubles(writer, 13, histogram.positiveCounts)
  if (histogram.resetHint !== 'unknown') writer.uint32(14 << 3).uint32(resetHintNumber[histogram.resetHint])
  if (timestampMs !== 0) writeInt64(writer.uint32(15 << 3), timestampMs)
  encodeDoubles(writer, 16, histogram.customValues)
}

function encodeCounts(writer: Writer, histogram: Histogram): void {
  if (isFloatHistogram(histogram)) writer.uint32((2 << 3) | 1).double(Number(histogram.count))
  else writeUint64(writer.uint32(1 << 3), histogram.count)
}

function encodeZeroCount(writer: Writer, histogram: Histogram): void {
  if (isFloatHistogram(histogram)) writer.uint32((7 << 3) | 1).double(Number(histogram.zeroCount))
  else writeUint64(writer.uint32(6 << 3), histogram.zeroCount)
}

function encodeSpans(writer: Writer, field: number, spans: readonly BucketSpan[]): void {
  for (const { offset, length } of spans) {
    writer.uint32((field << 3) | 2).fork()
    if (offset !== 0) writer.uint32(1 << 3).sint32(offset)
    if (length !== 0) writer.uint32(2 << 3).uint32(length)
    writer.ldelim()
  }
}

function encodeDoubles(writer: Writer, field: number, values: Float64Array | undefined): void {
  if (values === undefined || values.length === 0) return
  writer.uint32((field << 3) | 2).uint32(values.length * 8)
  for (const value of values) writer.double(value)
}

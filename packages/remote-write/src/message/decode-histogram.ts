import type { BucketSpan, Histogram } from '@promline/core'
import type { HistogramValue } from './write-request.js'
import { narrow, type WireReader } from './wire-reader.js'

/** The reset hints by their number in the messages. */
const resetHints: readonly Histogram['resetHint'][] = ['unknown', 'yes', 'no', 'gauge']

/** A histogram without its buckets, and a span: about what their objects take. */
const histogramMemoryBytes = 600
const spanMemoryBytes = 60

/** What was read of a Histogram so far. */
interface Fields {
  count: number | bigint
  zeroCount: number | bigint
  isFloat: boolean
  /** Absent while no zero count was read. */
  zeroIsFloat?: boolean
  sum: number
  stale: boolean
  schema: number
  zeroThreshold: number
  resetHint: Histogram['resetHint']
  timestampMs: number
  readonly positiveSpans: BucketSpan[]
  readonly positiveDeltas: bigint[]
  readonly positiveCounts: number[]
  readonly negativeSpans: BucketSpan[]
  readonly negativeDeltas: bigint[]
  readonly negativeCounts: number[]
  readonly customValues: number[]
}

/**
 * Reads a field that holds a Histogram; the layout is the same in remote write 1.0 and 2.0 (which adds a field 17):
 *
 *     oneof count { uint64 count_int = 1; double count_float = 2; }
 *     double sum = 3;  sint32 schema = 4;  double zero_threshold = 5;
 *     oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
 *     repeated BucketSpan negative_spans = 8;   repeated sint64 negative_deltas = 9;   repeated double negative_counts = 10;
 *     repeated BucketSpan positive_spans = 11;  repeated sint64 positive_deltas = 12;  repeated double positive_counts = 13;
 *     ResetHint reset_hint = 14;  int64 timestamp = 15;  repeated double custom_values = 16;
 *
 * Whether its numbers make sense is another question: `validateHistogram`.
 * https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
 */
export function decodeHistogram(wire: WireReader): HistogramValue {
  wire.charge(histogramMemoryBytes)
  const fields = emptyFields()
  const outer = wire.enter()
  for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
    if (!readNumber(wire, field, fields) && !readBuckets(wire, field, fields)) wire.skip()
  }
  wire.leave(outer)
  if (isMixed(fields)) throw wire.error('a histogram mixes an integer count with float buckets, or the other way round')
  return { histogram: toHistogram(fields), stale: fields.stale, timestampMs: fields.timestampMs }
}

/** A histogram has one of two flavours, which its count decides. */
function isMixed(fields: Fields): boolean {
  if (fields.zeroIsFloat !== undefined && fields.zeroIsFloat !== fields.isFloat) return true
  const unfit = fields.isFloat ? [fields.positiveDeltas, fields.negativeDeltas] : [fields.positiveCounts, fields.negativeCounts]
  return unfit.some((buckets) => buckets.length > 0)
}

function emptyFields(): Fields {
  return {
    count: 0,
    zeroCount: 0,
    isFloat: false,
    sum: 0,
    stale: false,
    schema: 0,
    zeroThreshold: 0,
    resetHint: 'unknown',
    timestampMs: 0,
    positiveSpans: [],
    positiveDeltas: [],
    positiveCounts: [],
    negativeSpans: [],
    negativeDeltas: [],
    negativeCounts: [],
    customValues: [],
  }
}

function readNumber(wire: WireReader, field: number, fields: Fields): boolean {
  if (field === 1 || field === 2) {
    fields.isFloat = field === 2
    fields.count = fields.isFloat ? wire.double() : wire.uint64()
  } else if (field === 3) {
    fields.stale = wire.staleNext()
    fields.sum = wire.double()
    if (fields.stale) fields.sum = Number.NaN
  } else if (field === 4) fields.schema = wire.sint32()
  else if (field === 5) fields.zeroThreshold = wire.double()
  else if (field === 6 || field === 7) {
    fields.zeroIsFloat = field === 7
    fields.zeroCount = fields.zeroIsFloat ? wire.double() : wire.uint64()
  } else if (field === 14) fields.resetHint = resetHints[wire.uint32()] ?? 'unknown'
  else if (field === 15) fields.timestampMs = wire.safeInt64('timestamp')
  else return false
  return true
}

function readBuckets(wire: WireReader, field: number, fields: Fields): boolean {
  if (field === 8) fields.negativeSpans.push(decodeSpan(wire))
  else if (field === 9) wire.sint64s(fields.negativeDeltas)
  else if (field === 10) wire.doubles(fields.negativeCounts)
  else if (field === 11) fields.positiveSpans.push(decodeSpan(wire))
  else if (field === 12) wire.sint64s(fields.positiveDeltas)
  else if (field === 13) wire.doubles(fields.positiveCounts)
  else if (field === 16) wire.doubles(fields.customValues)
  else return false
  return true
}

/** `sint32 offset = 1; uint32 length = 2;` */
function decodeSpan(wire: WireReader): BucketSpan {
  wire.charge(spanMemoryBytes)
  let offset = 0
  let length = 0
  const outer = wire.enter()
  for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
    if (field === 1) offset = wire.sint32()
    else if (field === 2) length = wire.uint32()
    else wire.skip()
  }
  wire.leave(outer)
  return { offset, length }
}

function toHistogram(fields: Fields): Histogram {
  const { schema, zeroThreshold, zeroCount, count, sum, positiveSpans, negativeSpans, resetHint } = fields
  return {
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans,
    negativeSpans,
    resetHint,
    ...(fields.isFloat
      ? { positiveCounts: Float64Array.from(fields.positiveCounts), negativeCounts: Float64Array.from(fields.negativeCounts) }
      : { positiveDeltas: toDeltas(fields.positiveDeltas), negativeDeltas: toDeltas(fields.negativeDeltas) }),
    ...(fields.customValues.length > 0 && { customValues: Float64Array.from(fields.customValues) }),
  }
}

/** Numbers where all of them are exact, else bigints. */
export function toDeltas(deltas: readonly bigint[]): Float64Array | BigInt64Array {
  return deltas.every((delta) => typeof narrow(delta) === 'number') ? Float64Array.from(deltas, Number) : BigInt64Array.from(deltas)
}

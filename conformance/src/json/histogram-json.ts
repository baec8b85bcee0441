import type { BucketSpan, Histogram } from '@promline/core'
import type { JsonReader } from './json-reader.js'

const resetHints = ['unknown', 'yes', 'no', 'gauge'] as const

/** Reads a native histogram. */
export function histogramFromJson(json: JsonReader): Histogram {
  const isFloat = !json.member('positiveCounts').absent || !json.member('negativeCounts').absent
  const positive = bucketsFromJson(json, 'positive')
  const negative = bucketsFromJson(json, 'negative')
  const custom = json.member('customValues')
  return {
    schema: json.member('schema').integer(0),
    zeroThreshold: json.member('zeroThreshold').float(0),
    zeroCount: countFromJson(json.member('zeroCount'), isFloat),
    count: countFromJson(json.member('count'), isFloat),
    sum: json.member('sum').float(0),
    positiveSpans: positive.spans,
    negativeSpans: negative.spans,
    ...(isFloat
      ? { positiveCounts: positive.counts, negativeCounts: negative.counts }
      : { positiveDeltas: positive.deltas, negativeDeltas: negative.deltas }),
    ...(custom.list().length > 0 && { customValues: Float64Array.from(custom.list(), (value) => value.float()) }),
    resetHint: resetHintFromJson(json.member('resetHint')),
  }
}

function countFromJson(json: JsonReader, isFloat: boolean): number | bigint {
  return isFloat ? json.float(0) : json.unsigned64()
}

interface Buckets {
  readonly spans: BucketSpan[]
  readonly counts: Float64Array
  readonly deltas: Float64Array | BigInt64Array
}

function bucketsFromJson(json: JsonReader, side: 'positive' | 'negative'): Buckets {
  const spans = json.member(`${side}Spans`).list()
  return {
    spans: spans.map((span) => ({ offset: span.member('offset').integer(0), length: span.member('length').integer(0) })),
    counts: Float64Array.from(json.member(`${side}Counts`).list(), (count) => count.float()),
    deltas: deltasFromJson(json.member(`${side}Deltas`)),
  }
}

function deltasFromJson(json: JsonReader): Float64Array | BigInt64Array {
  const deltas = json.list().map((delta) => delta.signed64())
  return deltas.some((delta) => typeof delta === 'bigint') ? BigInt64Array.from(deltas, BigInt) : Float64Array.from(deltas, Number)
}

/** Other writers have the names of the message, which are in capitals. */
function resetHintFromJson(json: JsonReader): Histogram['resetHint'] {
  const text = json.string('unknown').toLowerCase()
  const hint = resetHints.find((one) => one === text)
  if (hint === undefined) throw json.wrong(`one of ${resetHints.join(', ')}`)
  return hint
}

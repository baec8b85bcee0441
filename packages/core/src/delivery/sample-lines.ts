import { type Batch, staleAt, timestampAt } from '../model/batch.js'
import type { Histogram } from '../model/histogram.js'

/** What a sample line is made of. Undefined members are left out; a bigint becomes a plain numeral. */
type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json | undefined }

/**
 * The samples and native histograms of a batch as JSON texts: `{"labels":{},"value":1,"timestampMs":0,"stale":true?,"histogram":{}?}`. Values
 * that JSON has no numbers for are "NaN", "+Inf" and "-Inf". Exemplars are left out.
 */
export function sampleLinesOf(batch: Batch): string[] {
  const lines: string[] = []
  for (const columns of batch.columns) {
    if (columns.kind === 'exemplars') continue
    for (let i = 0; i < columns.series.length; i++) {
      const timestampMs = timestampAt(columns, i)
      const stale = staleAt(columns, i)
      const value = columns.kind === 'samples' ? floatJson(columns.values[i]!) : stale ? 'NaN' : null
      const histogram = columns.kind === 'samples' || stale ? undefined : histogramJson(columns.histograms[i]!, timestampMs)
      lines.push(writeJson({ labels: columns.series.at(i).labels.toObject(), value, timestampMs, stale: stale || undefined, histogram }))
    }
  }
  return lines
}

/** JSON text of a value; see `Json`. */
export function writeJson(value: Json): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${writeJson(member)}`],
  )
  return `{${members.join(',')}}`
}

function floatJson(value: number): number | string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return value
  return value > 0 ? '+Inf' : '-Inf'
}

function histogramJson(histogram: Histogram, timestampMs: number): Json {
  return {
    schema: histogram.schema,
    zeroThreshold: floatJson(histogram.zeroThreshold),
    zeroCount: countJson(histogram.zeroCount),
    count: countJson(histogram.count),
    sum: floatJson(histogram.sum),
    positiveSpans: histogram.positiveSpans.map(({ offset, length }) => ({ offset, length })),
    positiveDeltas: numbersJson(histogram.positiveDeltas),
    positiveCounts: numbersJson(histogram.positiveCounts),
    negativeSpans: histogram.negativeSpans.map(({ offset, length }) => ({ offset, length })),
    negativeDeltas: numbersJson(histogram.negativeDeltas),
    negativeCounts: numbersJson(histogram.negativeCounts),
    customValues: numbersJson(histogram.customValues),
    resetHint: histogram.resetHint,
    timestampMs,
  }
}

function countJson(count: number | bigint): Json {
  return typeof count === 'bigint' ? count : floatJson(count)
}

function numbersJson(numbers: Float64Array | BigInt64Array | undefined): readonly Json[] | undefined {
  if (numbers === undefined) return undefined
  return numbers instanceof BigInt64Array ? [...numbers] : Array.from(numbers, floatJson)
}

import { type Batch, staleAt, timestampAt } from '../model/batch.js'
import type { BucketSpan, Histogram } from '../model/histogram.js'
import type { Labels } from '../model/labels.js'
import { floatToJson, type JsonValue, writeJson } from './exact-json.js'

/** What a sample line says. A native histogram has a value of null, or NaN where it is stale. */
export interface SampleLine {
  readonly labels: Labels
  readonly value: number | null
  readonly timestampMs: number | null
  readonly stale?: boolean
  readonly histogram?: Histogram
}

/**
 * The samples and native histograms of a batch as JSON texts: `{"labels":{},"value":1,"timestampMs":0,"stale":true?,"histogram":{}?}`. Values
 * that JSON has no numbers for are "NaN", "+Inf" and "-Inf"; labels are in their order. Exemplars are left out.
 */
export function sampleLinesOf(batch: Batch): string[] {
  const lines: string[] = []
  for (const columns of batch.columns) {
    if (columns.kind === 'exemplars') continue
    for (let i = 0; i < columns.series.length; i++) {
      const { labels } = columns.series.at(i)
      const timestampMs = timestampAt(columns, i)
      const stale = staleAt(columns, i)
      if (columns.kind === 'samples') lines.push(sampleLineOf({ labels, value: columns.values[i]!, timestampMs, stale }))
      else if (stale) lines.push(sampleLineOf({ labels, value: Number.NaN, timestampMs, stale }))
      else lines.push(sampleLineOf({ labels, value: null, timestampMs, histogram: columns.histograms[i]! }))
    }
  }
  return lines
}

/** One sample as a JSON text; see `sampleLinesOf`. */
export function sampleLineOf({ labels, value, timestampMs, stale, histogram }: SampleLine): string {
  return writeJson({
    labels: labelsToJson(labels),
    value: value === null ? null : floatToJson(value),
    timestampMs,
    stale: stale ? true : undefined,
    histogram: histogram === undefined ? undefined : histogramToJson(histogram, timestampMs),
  })
}

/** Labels as an object, in their order. */
export function labelsToJson(labels: Labels): ReadonlyMap<string, string> {
  return new Map(Array.from({ length: labels.length }, (_, i) => [labels.nameAt(i), labels.valueAt(i)]))
}

/** A native histogram, with its time. */
export function histogramToJson(histogram: Histogram, timestampMs: number | null): { readonly [name: string]: JsonValue | undefined } {
  return {
    schema: histogram.schema,
    zeroThreshold: floatToJson(histogram.zeroThreshold),
    zeroCount: countToJson(histogram.zeroCount),
    count: countToJson(histogram.count),
    sum: floatToJson(histogram.sum),
    positiveSpans: spansToJson(histogram.positiveSpans),
    positiveDeltas: numbersToJson(histogram.positiveDeltas),
    positiveCounts: numbersToJson(histogram.positiveCounts),
    negativeSpans: spansToJson(histogram.negativeSpans),
    negativeDeltas: numbersToJson(histogram.negativeDeltas),
    negativeCounts: numbersToJson(histogram.negativeCounts),
    customValues: numbersToJson(histogram.customValues),
    resetHint: histogram.resetHint,
    timestampMs,
  }
}

function countToJson(count: number | bigint): JsonValue {
  return typeof count === 'bigint' ? count : floatToJson(count)
}

function spansToJson(spans: readonly BucketSpan[]): JsonValue {
  return spans.map(({ offset, length }) => ({ offset, length }))
}

function numbersToJson(numbers: Float64Array | BigInt64Array | undefined): readonly JsonValue[] | undefined {
  if (numbers === undefined) return undefined
  return numbers instanceof BigInt64Array ? [...numbers] : Array.from(numbers, floatToJson)
}

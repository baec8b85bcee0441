import type { Labels } from './labels.js'

/** A run of buckets: `offset` empty ones after the last span (or from zero for the first), then `length` buckets. */
export interface BucketSpan {
  readonly offset: number
  readonly length: number
}

/**
 * A native histogram, with the fields of the remote-write message. Integer histograms have deltas, float histograms have counts; never
 * both. Counts are bigint only where they exceed 2^53. https://prometheus.io/docs/specs/native_histograms/
 */
export interface Histogram {
  /** -4..8 for exponential buckets, -53 for custom ones. */
  readonly schema: number
  readonly zeroThreshold: number
  readonly zeroCount: number | bigint
  readonly count: number | bigint
  readonly sum: number
  readonly positiveSpans: readonly BucketSpan[]
  readonly positiveDeltas?: Float64Array | BigInt64Array
  readonly positiveCounts?: Float64Array
  readonly negativeSpans: readonly BucketSpan[]
  readonly negativeDeltas?: Float64Array | BigInt64Array
  readonly negativeCounts?: Float64Array
  /** Upper bounds of the buckets, for schema -53. */
  readonly customValues?: Float64Array
  readonly resetHint: 'unknown' | 'yes' | 'no' | 'gauge'
}

/** A sample of what was measured, with the trace that it came from. */
export interface Exemplar {
  readonly labels: Labels
  readonly value: number
  /** Undefined where the exposition gave none. */
  readonly timestampMs?: number
}

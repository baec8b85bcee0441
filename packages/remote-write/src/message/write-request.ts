import type { Exemplar, Histogram, Labels, MetricMetadata, Series } from '@promline/core'

/** One sample of a series, as a message carries it. */
export interface SampleValue {
  /** NaN where stale. */
  readonly value: number
  /** Whether this is a staleness marker. */
  readonly stale: boolean
  /** Milliseconds since the epoch, a safe integer; negative before it. */
  readonly timestampMs: number
}

/** One native histogram of a series, as a message carries it. */
export interface HistogramValue {
  readonly histogram: Histogram
  /** Whether this is a staleness marker: the sum has its bits, and the rest has no meaning. */
  readonly stale: boolean
  readonly timestampMs: number
}

/** A series and what a request says of it. Prometheus sends exemplars in entries of their own, without a sample. */
export interface TimeSeries {
  /** Sorted, unique, with `__name__`. */
  readonly labels: Labels
  /** In the order of the message. */
  readonly samples: readonly SampleValue[]
  readonly exemplars: readonly Exemplar[]
  readonly histograms: readonly HistogramValue[]
  /** The series itself, where the bytes of its labels were known already. */
  readonly known?: Series
  /** The bytes of its labels, as fields of the message, where they are all there together and were not known. They hold as long as the message. */
  readonly labelBytes?: Uint8Array
}

/** A remote-write request as plain objects: what the encoder writes and the decoder reads. */
export interface WriteRequest {
  /** In the order of the message; a series may come more than once. */
  readonly series: readonly TimeSeries[]
  /** Metadata of families, which remote write 1.0 sends apart from the series. */
  readonly metadata: readonly MetricMetadata[]
}

import type { Exemplar, Histogram } from './histogram.js'
import type { Labels } from './labels.js'
import type { SeriesList } from './series-list.js'

/**
 * Samples of a list of series: row `i` belongs to `series.at(i)`. Columns are immutable once handed on.
 */
export interface SampleColumns {
  readonly kind: 'samples'
  readonly series: SeriesList
  /** One value a series; where `stale` is set the value is an ordinary NaN. */
  readonly values: Float64Array
  /** Milliseconds since the epoch: one for all rows, or one a row. */
  readonly timestampMs: number | Float64Array
  /** 1 where the row is a staleness marker. Absent: none is. */
  readonly stale?: Uint8Array
  /** When the counter began, in milliseconds; NaN where unknown. */
  readonly startTimestampMs?: Float64Array
}

/** Native histograms of a list of series. Where `stale` is set the histogram has no meaning. */
export interface HistogramColumns {
  readonly kind: 'histograms'
  readonly series: SeriesList
  readonly histograms: readonly Histogram[]
  readonly timestampMs: number | Float64Array
  readonly stale?: Uint8Array
  readonly startTimestampMs?: Float64Array
}

/** Exemplars, sparse: `exemplars[i]` belongs to row `rows[i]` of the list. A row may occur more than once. */
export interface ExemplarColumns {
  readonly kind: 'exemplars'
  readonly series: SeriesList
  readonly rows: Uint16Array
  readonly exemplars: readonly Exemplar[]
}

export type Columns = SampleColumns | HistogramColumns | ExemplarColumns

/** Where a batch came from: what Telegraf's `url` tag, tenants, per-source order and error messages need. */
export interface Origin {
  readonly kind: 'target' | 'client' | 'registry' | 'topic'
  /**
   * target: job and address; client: credential or tenant and the peer's address without its port; topic: topic/partition. It must
   * survive a reconnect: the order of samples hangs on it.
   */
  readonly id: string
  /** The scraped URL, without credentials; of its query, what labels gave it: see `Target.publicUrl`. */
  readonly url?: string
  readonly tenant?: string
  /** The labels that the scraper attached, for formats that leave them out. */
  readonly targetLabels?: Labels
}

/** What one source had to say at one time: one scrape of one target, one received request, one gathering of a registry. */
export interface Batch {
  readonly origin: Origin
  /** A list may come more than once (several samples of its series), in time order. */
  readonly columns: readonly Columns[]
}

/** How much of each kind. Samples include staleness markers. */
export interface Counts {
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
}

export const zeroCounts: Counts = Object.freeze({ samples: 0, histograms: 0, exemplars: 0 })

/** What a batch, or some of its columns, hold. */
export function countsOf(batch: Pick<Batch, 'columns'>): Counts {
  let samples = 0
  let histograms = 0
  let exemplars = 0
  for (const columns of batch.columns) {
    if (columns.kind === 'samples') samples += columns.values.length
    else if (columns.kind === 'histograms') histograms += columns.histograms.length
    else exemplars += columns.exemplars.length
  }
  return { samples, histograms, exemplars }
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { samples: a.samples + b.samples, histograms: a.histograms + b.histograms, exemplars: a.exemplars + b.exemplars }
}

export function subtractCounts(a: Counts, b: Counts): Counts {
  return { samples: a.samples - b.samples, histograms: a.histograms - b.histograms, exemplars: a.exemplars - b.exemplars }
}

/** Samples, histograms and exemplars together: what `max_samples_per_send` counts. */
export function totalOf(counts: Counts): number {
  return counts.samples + counts.histograms + counts.exemplars
}

/** The timestamp of row `i`. */
export function timestampAt(columns: SampleColumns | HistogramColumns, i: number): number {
  return typeof columns.timestampMs === 'number' ? columns.timestampMs : columns.timestampMs[i]!
}

/** Whether row `i` is a staleness marker. */
export function staleAt(columns: SampleColumns | HistogramColumns, i: number): boolean {
  return columns.stale !== undefined && columns.stale[i] === 1
}

import {
  type Batch,
  type Columns,
  type Exemplar,
  type Labels,
  type MetricMetadata,
  type Series,
  seriesHash,
  staleAt,
  timestampAt,
} from '@promline/core'
import type { HistogramValue, SampleValue, TimeSeries, WriteRequest } from '../message/write-request.js'

/** A series' entry while it is gathered. */
interface Entry extends TimeSeries {
  readonly labels: Labels
  readonly samples: SampleValue[]
  readonly exemplars: Exemplar[]
  readonly histograms: HistogramValue[]
}

/**
 * Batches as one request: for each batch an entry for each of its series, in the order in which the series came, with all that the batch
 * says of it, and the metadata of each family once. Entries are not joined across batches: as in Prometheus, time then never goes back
 * within a request, which receivers need not sort. `timestampMs` of an exemplar without its own is that of its sample.
 */
export function writeRequestOf(batches: readonly Batch[]): WriteRequest {
  const gathered = new Gathered()
  for (const batch of batches) gathered.add(batch)
  return { series: gathered.entries, metadata: [...gathered.metadata.values()] }
}

class Gathered {
  readonly entries: Entry[] = []
  readonly metadata = new Map<string, MetricMetadata>()
  /** Those of the batch at hand by the hash of the labels; equal labels are one series, whichever object they are. */
  readonly #buckets = new Map<number, Entry[]>()

  add(batch: Batch): void {
    this.#buckets.clear()
    for (const columns of batch.columns) this.#addColumns(columns)
  }

  #addColumns(columns: Columns): void {
    if (columns.kind === 'exemplars') {
      for (let i = 0; i < columns.exemplars.length; i++) {
        const entry = this.#entryOf(columns.series.at(columns.rows[i]!))
        const exemplar = columns.exemplars[i]!
        entry.exemplars.push(exemplar.timestampMs === undefined ? { ...exemplar, timestampMs: lastTimestamp(entry) } : exemplar)
      }
      return
    }
    for (let i = 0; i < columns.series.length; i++) {
      const entry = this.#entryOf(columns.series.at(i))
      const timed = { stale: staleAt(columns, i), timestampMs: timestampAt(columns, i) }
      if (columns.kind === 'samples') entry.samples.push({ value: columns.values[i]!, ...timed })
      else entry.histograms.push({ histogram: columns.histograms[i]!, ...timed })
    }
  }

  #entryOf(series: Series): Entry {
    const hash = seriesHash(series)
    const bucket = this.#buckets.get(hash)
    const known = bucket?.find((entry) => entry.labels.equals(series.labels))
    if (known !== undefined) return known
    const entry: Entry = { labels: series.labels, samples: [], exemplars: [], histograms: [] }
    this.entries.push(entry)
    if (bucket === undefined) this.#buckets.set(hash, [entry])
    else bucket.push(entry)
    const { metadata } = series
    if (saysSomething(metadata)) this.metadata.set(metadata.name, metadata)
    return entry
  }
}

/** Whether anything beyond the name is known of a family. */
export function saysSomething(metadata: MetricMetadata): boolean {
  return metadata.name !== '' && (metadata.type !== 'unknown' || metadata.help !== '' || metadata.unit !== '')
}

function lastTimestamp(entry: Entry): number {
  return entry.samples.at(-1)?.timestampMs ?? entry.histograms.at(-1)?.timestampMs ?? 0
}

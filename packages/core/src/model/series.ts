import { decodeUtf8, encodeUtf8, hashBytes } from './bytes.js'
import { type Labels, walkLabels } from './labels.js'
import type { MetricMetadata } from './metadata.js'

/** What a set of labels identifies. Interned per table: equal labels and metadata are the same object. */
export interface Series {
  readonly labels: Labels
  readonly metadata: MetricMetadata
}

/** A series with the two hashes that tables and list boundaries need; made by SeriesTable. */
export class InternedSeries implements Series {
  readonly labels: Labels
  readonly metadata: MetricMetadata
  /** Hash of the labels. */
  readonly hash: number
  /** Hash of the family's name and the labels without `__name__`, `le` and `quantile`: one for all series of a histogram. */
  readonly groupHash: number
  /** When the table saw it last, for its sweep: milliseconds of the table's clock. */
  seenMs = 0

  constructor(labels: Labels, metadata: MetricMetadata, hash: number) {
    this.labels = labels
    this.metadata = metadata
    this.hash = hash
    this.groupHash = computeGroupHash(labels, metadata.name)
  }
}

export function seriesHash(series: Series): number {
  return series instanceof InternedSeries ? series.hash : hashBytes(series.labels.bytes)
}

export function groupHash(series: Series): number {
  return series instanceof InternedSeries ? series.groupHash : computeGroupHash(series.labels, series.metadata.name)
}

const groupless = new Set(['__name__', 'le', 'quantile'])

function computeGroupHash(labels: Labels, family: string): number {
  const { bytes } = labels
  let hash = hashBytes(encodeUtf8(family))
  walkLabels(bytes, (place) => {
    // Only names of these three lengths can be one of the three; the rest is hashed without making a string.
    const length = place.nameEnd - place.nameStart
    if ((length === 2 || length === 8) && groupless.has(decodeUtf8(bytes, place.nameStart, place.nameEnd))) return true
    hash = hashBytes(bytes, { start: place.nameStart, end: place.valueEnd, seed: hash })
    return true
  })
  return hash
}

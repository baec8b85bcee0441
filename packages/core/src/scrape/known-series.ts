import type { Labels } from '../model/labels.js'
import type { MetricMetadata } from '../model/metadata.js'
import type { Series } from '../model/series.js'

/** A series of a target, from page to page. */
export interface KnownSeries {
  readonly labels: Labels
  /** As the line of its first sample on a page gave it; renewed when that changes. */
  series: Series
  /** The page that showed it last, by number. */
  page: number
  /** The page that showed it when it counted as added last. */
  addedPage: number
  /** The page in which it last counted for staleness: with an explicit timestamp it does not. */
  trackedPage: number
  /** Of its last sample in `page`. */
  timestampMs: number
  /** Whether the last thing stored of it is a sample, so that its end must be marked. */
  stored: boolean
}

/** What a line's labels came to: a series, or dropped. */
export interface KnownLine {
  readonly known: KnownSeries | undefined
  /** What the page said of its family, and what that means for its series, whose name relabelling may have changed. */
  exposed: MetricMetadata
  metadata: MetricMetadata
  /** The page that showed it first, and the one that showed it last, by number. */
  readonly firstPage: number
  page: number
}

/** A series as it was stored. */
export interface TrackedSeries {
  readonly known: KnownSeries
  readonly series: Series
}

import type { Labels } from '../model/labels.js'
import type { MetricMetadata } from '../model/metadata.js'
import type { Series } from '../model/series.js'
import type { KnownSegment } from './warm/known-segment.js'

/** A series of a target, from page to page. */
export interface KnownSeries {
  readonly labels: Labels
  /** Renewed when its metadata changes. */
  series: Series
  /** The page that showed it last, by number; what `home` says may be later. */
  page: number
  /** The page in which it last counted for staleness: with an explicit timestamp it does not. What `home` says may be later. */
  trackedPage: number
  /** Of its last sample in `page`. */
  timestampMs: number
  /** Whether the last thing stored of it is a sample, so that its end must be marked. */
  stored: boolean
  /** The segment that shows it whenever it is on a page as a whole; the plain path has none. */
  home: KnownSegment | undefined
}

/** What a line's labels came to: a series, or dropped. */
export interface KnownLine {
  readonly known: KnownSeries | undefined
  metadata: MetricMetadata
  /** The page that showed it last, by number; what `home` says may be later. */
  page: number
  /** The segment that it is a line of, and its place there; the plain path has none. */
  home: KnownSegment | undefined
  place: number
}

/** The page that showed a series or line last, by number. */
export function lastPageOf({ page, home }: Pick<KnownSeries | KnownLine, 'page' | 'home'>): number {
  return home === undefined || home.page < page ? page : home.page
}

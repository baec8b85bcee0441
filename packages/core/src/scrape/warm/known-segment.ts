import type { SeriesList } from '../../model/series-list.js'
import type { KnownLines } from '../../text/fast/known-lines.js'
import type { MetricType } from '../../model/metadata.js'
import type { KnownLine } from '../known-series.js'
import type { FamilyEvent } from './family-events.js'

/** A stretch of a page: the lines of one list of series, and what relabelling dropped among them. */
export interface KnownSegment {
  /** Each line's bytes up to its value. */
  readonly text: KnownLines
  /** What each line came to. */
  readonly lines: readonly KnownLine[]
  /** The series of the lines, in order; undefined where all are dropped. */
  readonly list: SeriesList | undefined
  /** Length of the list. */
  readonly rows: number
  /**
   * Whether it may be taken as a whole: each line is there for the first time on the page, and either it is dropped or its value is the
   * scrape's own sample of its series. Other segments (duplicates, explicit timestamps) are read line by line; so is one whose list has
   * series that were renewed since.
   */
  whole: boolean
  /** The type of the last TYPE line before it. */
  readonly typeBefore: MetricType
  /** All that its lines say of families, and where the lines of another name begin. */
  readonly events: readonly FamilyEvent[]
  /** Of these, what the meaning of the lines depends on: a name once after each comment. */
  readonly checks: readonly FamilyEvent[]
  /** For `rowAt`, where lines are dropped and it was asked for. */
  rowStarts?: Int32Array
  /** Its place on the page. */
  index: number
  /** The page that it was last taken from as a whole, by number; 0 where it never may be. */
  page: number
  /** The page on which one of its lines or series came by itself, by number: there it must not be taken as a whole. */
  disturbedPage: number
}

/** Index among the rows of the first line from `place` on that is one. */
export function rowAt(segment: KnownSegment, place: number): number {
  if (segment.rows === segment.lines.length) return place
  segment.rowStarts ??= rowStartsOf(segment)
  return segment.rowStarts[place]!
}

function rowStartsOf({ text }: KnownSegment): Int32Array {
  const starts = new Int32Array(text.count + 1)
  for (let i = 0; i < text.count; i++) starts[i + 1] = starts[i]! + (text.marks[i]! & 1)
  return starts
}

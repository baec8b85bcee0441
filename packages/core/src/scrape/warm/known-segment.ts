import type { ByteRange } from '../../model/byte-range.js'
import type { MetricMetadata, MetricType } from '../../model/metadata.js'
import type { PackedSeriesList } from '../../model/packed-series-list.js'
import { type KnownLines, startOfLine } from '../../text/fast/known-lines.js'
import type { FamilyEvent } from './family-events.js'

/** Canonical labels that stand somewhere. */
export type LabelRange = Readonly<ByteRange>

/** What shows series, each in a row of its own. */
export interface RowHolder {
  /** In which row of the page's columns a page shows the series of a row; -1 where it does not. */
  columnRowOf(row: number, page: number): number
  /** A page shows rows `from` to `to`, exclusive, in as many rows of its columns from `columnRow` on. */
  show(rows: { readonly from: number; readonly to: number }, columnRow: number, page: number): void
  /** Whether a row's labels are these. */
  holds(row: number, labels: LabelRange): boolean
}

/** Rows `from` to `to`, exclusive, of another segment, which are here from row `at` on. */
export interface CarriedRows {
  readonly segment: KnownSegment
  readonly from: number
  readonly to: number
  readonly at: number
}

/** What a segment is made of. */
export type SegmentContent = Pick<
  KnownSegment,
  'text' | 'list' | 'hashes' | 'firstGroup' | 'lastGroup' | 'whole' | 'typeBefore' | 'events' | 'checks'
>

/**
 * A stretch of a page: the lines of one list of series, and what relabelling dropped among them; and what the page that is being read has
 * shown of it.
 */
export class KnownSegment implements RowHolder {
  /** Each line's bytes up to its value. */
  readonly text: KnownLines
  /** The series of the rows, in order; undefined where there are none. */
  readonly list: PackedSeriesList | undefined
  /** Length of the list. */
  readonly rows: number
  /** The hash of each row's labels, for the index of series. */
  readonly hashes: Int32Array
  /** The group hashes of the first row and of the last. */
  readonly firstGroup: number
  readonly lastGroup: number
  /**
   * Whether it may be taken as a whole: each line is there for the first time on the page, and either it is dropped or its value is the
   * scrape's own sample of its series. Other segments (duplicates, explicit timestamps) are read line by line.
   */
  readonly whole: boolean
  /** The type of the last TYPE line before it. */
  readonly typeBefore: MetricType
  /** All that its lines say of families, and where the lines of another name begin. */
  readonly events: readonly FamilyEvent[]
  /** Of these, what the meaning of the lines depends on: a name once after each comment. */
  readonly checks: readonly FamilyEvent[]
  /** Whether a body may be compared with it: not where it has a NUL, nor once its lines mean something else. */
  comparable: boolean
  /** Its place on the last good page; -1 where it is not on it. */
  index = -1
  /** How many of its rows are in the index of series as its own already, and those that are there as others'. */
  entered = 0
  carried: readonly CarriedRows[] = []
  /** Of those that were, the ones that are another's by now. */
  readonly moved: { readonly from: number; readonly to: number }[] = []
  /** Rows of column `start` and after show its first `taken` rows on page `page`, by number. */
  page = 0
  start = 0
  taken = 0
  /** On page `#shownPage` the column's rows that show rows by themselves, and one more; 0 where a row is not shown. */
  #shown: Int32Array | undefined
  #shownPage = 0
  #rowStarts: Int32Array | undefined

  constructor(content: SegmentContent, comparable: boolean) {
    this.text = content.text
    this.list = content.list
    this.rows = content.list?.length ?? 0
    this.hashes = content.hashes
    this.firstGroup = content.firstGroup
    this.lastGroup = content.lastGroup
    this.whole = content.whole && comparable
    this.typeBefore = content.typeBefore
    this.events = content.events
    this.checks = content.checks
    this.comparable = comparable
  }

  /** Number of lines. */
  get count(): number {
    return this.text.count
  }

  /** The metadata of its first row, and of its last: there must be one. */
  get firstMetadata(): MetricMetadata {
    return this.list!.families[0]!.metadata
  }

  get lastMetadata(): MetricMetadata {
    return this.list!.families.at(-1)!.metadata
  }

  /** Index of the first row at line `place` or behind it. */
  rowAt(place: number): number {
    if (this.rows === this.count) return place
    this.#rowStarts ??= rowStartsOf(this.text)
    return this.#rowStarts[place]!
  }

  /** The bytes of lines `from` to `to`, exclusive. */
  textOf(from: number, to: number): Uint8Array {
    return this.text.bytes.subarray(startOfLine(this.text, from), startOfLine(this.text, to))
  }

  /** The line of a row. */
  placeOf(row: number): number {
    if (this.rows === this.count) return row
    let low = row
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.rowAt(middle) > row) high = middle - 1
      else low = middle
    }
    return low
  }

  columnRowOf(row: number, page: number): number {
    if (this.page === page && row < this.taken) return this.start + row
    return this.#shownPage === page ? this.#shown![row]! - 1 : -1
  }

  /** Whether a page has shown all of its rows, one after the other. */
  isShownWhole(page: number): boolean {
    return this.page === page && this.taken === this.rows
  }

  /** Whether a page has shown any of its rows. */
  isTouched(page: number): boolean {
    return this.page === page || this.#shownPage === page
  }

  show(rows: { readonly from: number; readonly to: number }, columnRow: number, page: number): void {
    const { from, to } = rows
    if (from === 0 && this.page !== page) {
      this.page = page
      this.start = columnRow
      this.taken = to
    } else if (this.page === page && this.taken === from && this.start + from === columnRow) {
      this.taken = to
    } else {
      const shown = this.#shownOn(page)
      for (let row = from; row < to; row++) shown[row] = columnRow + row - from + 1
    }
  }

  holds(row: number, labels: LabelRange): boolean {
    return this.list!.holds(row, labels)
  }

  #shownOn(page: number): Int32Array {
    if (this.#shown === undefined) this.#shown = new Int32Array(this.rows)
    else if (this.#shownPage !== page) this.#shown.fill(0)
    this.#shownPage = page
    return this.#shown
  }
}

function rowStartsOf({ count, marks }: KnownLines): Int32Array {
  const starts = new Int32Array(count + 1)
  for (let i = 0; i < count; i++) starts[i + 1] = starts[i]! + (marks[i]! & 1)
  return starts
}

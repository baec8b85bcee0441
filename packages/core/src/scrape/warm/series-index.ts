import { hashRange } from './hash-range.js'
import type { KnownSegment, LabelRange, RowHolder } from './known-segment.js'
import type { OpenRows } from './open-rows.js'
import { PlaceIndex } from './place-index.js'
import { SegmentTable } from './segment-table.js'

/** A row of what shows a series. */
export interface RowPlace {
  readonly holder: RowHolder
  readonly row: number
}

/** Finds series by their labels: those of the last good page, those that failed pages have shown since, and those that the page adds. */
export class SeriesIndex {
  readonly #index = new PlaceIndex()
  readonly #table = new SegmentTable<RowHolder>()

  /** Where a series is; undefined where it is not known. @param hash of its labels, by `hashRange` */
  find(hash: number, labels: LabelRange): RowPlace | undefined {
    const number = this.#find(hash, labels)
    return number < 0 ? undefined : { holder: this.#table.segmentOf(number), row: this.#table.placeOf(number) }
  }

  /** A series that is not known yet is the row of a segment that is being gathered. */
  enter(hash: number, { rows, row }: { readonly rows: OpenRows; readonly row: number }): void {
    this.#index.add(hash, this.#table.numberOf(rows, row))
    rows.entered++
  }

  /** What was gathered is a segment now. */
  close(rows: OpenRows, segment: KnownSegment): void {
    this.#table.transfer(rows, segment)
    segment.entered = rows.entered
  }

  /** From now on the series of a segment are its rows, wherever they were before. */
  settle(segment: KnownSegment): void {
    const { list, rows, view } = segment
    if (list === undefined || segment.entered === rows) return
    const labels = { bytes: list.bytes, view, start: 0, end: 0 }
    for (let row = 0; row < rows; row++) {
      labels.end = list.ends[row]!
      const hash = hashRange(view, labels.start, labels.end)
      const number = this.#table.numberOf(segment, row)
      if (this.#find(hash, labels) < 0) this.#index.add(hash, number)
      else this.#index.replace(number)
      labels.start = labels.end
    }
    segment.entered = rows
  }

  /** Forgets the rows of a segment. Series that are another one's by now stay known. */
  dissolve(segment: KnownSegment): void {
    const { list, rows, view } = segment
    if (list === undefined || !this.#table.has(segment)) return
    for (let row = 0; row < rows; row++) {
      const hash = hashRange(view, list.startOf(row), list.ends[row]!)
      this.#index.remove(hash, this.#table.numberOf(segment, row))
    }
    this.#table.release(segment)
    this.#index.trim()
    segment.entered = 0
  }

  #find(hash: number, labels: LabelRange): number {
    for (let number = this.#index.first(hash); number >= 0; number = this.#index.next()) {
      if (this.#table.segmentOf(number).holds(this.#table.placeOf(number), labels)) return number
    }
    return -1
  }
}

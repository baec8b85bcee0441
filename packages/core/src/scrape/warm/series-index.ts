import { PlaceIndex } from '../../model/place-index.js'
import type { KnownSegment, LabelRange, RowHolder } from './known-segment.js'
import type { OpenRows } from './open-rows.js'
import { numberIn, SegmentTable } from './segment-table.js'

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
  enter(hash: number, rows: OpenRows, row: number): void {
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
    if (segment.rows === segment.entered) return
    const to = this.#table.blocksOf(segment, segment.rows)
    let settled = segment.entered
    for (const run of segment.carried) {
      const from = this.#table.blocksOf(run.segment, run.to)
      const { hashes } = run.segment
      const shift = run.at - run.from
      for (let row = run.from; row < run.to; row++) this.#index.move(hashes[row]!, numberIn(from, row), numberIn(to, row + shift))
      run.segment.moved.push(run)
      settled += run.to - run.from
    }
    if (settled < segment.rows) this.#settleOthers(segment)
    segment.carried = []
    segment.entered = segment.rows
  }

  /** Forgets the rows of a segment. Series that are another one's by now stay known. */
  dissolve(segment: KnownSegment): void {
    if (!this.#table.has(segment)) return
    const blocks = this.#table.blocksOf(segment, segment.rows)
    let row = 0
    for (const { from, to } of [...segment.moved.sort((a, b) => a.from - b.from), { from: segment.rows, to: segment.rows }]) {
      for (; row < from; row++) this.#index.remove(segment.hashes[row]!, numberIn(blocks, row))
      row = Math.max(row, to)
    }
    this.#table.release(segment)
    this.#index.trim()
    segment.entered = 0
  }

  /** Rows that came one by one: of these it is not kept where they were. */
  #settleOthers(segment: KnownSegment): void {
    const { list, rows, carried } = segment
    const labels = { bytes: list!.bytes, view: list!.view, start: 0, end: 0 }
    let next = 0
    for (let row = 0; row < rows; row++) {
      if (row === carried[next]?.at) {
        const { from, to } = carried[next++]!
        row += to - from - 1
        continue
      }
      labels.start = list!.startOf(row)
      labels.end = list!.ends[row]!
      const hash = segment.hashes[row]!
      const number = this.#table.numberOf(segment, row)
      if (this.#find(hash, labels) < 0) this.#index.add(hash, number)
      else this.#index.replace(number)
    }
  }

  #find(hash: number, labels: LabelRange): number {
    for (let number = this.#index.first(hash); number >= 0; number = this.#index.next()) {
      if (this.#table.segmentOf(number).holds(this.#table.placeOf(number), labels)) return number
    }
    return -1
  }
}

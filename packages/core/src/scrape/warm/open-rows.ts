import type { PackedSeriesListBuilder } from '../../model/packed-series-list.js'
import type { LabelRange, RowHolder } from './known-segment.js'

/** Rows that are being gathered for a segment, all of them on the page that is being read. */
export class OpenRows implements RowHolder {
  /** How many of them are in the index of series. */
  entered = 0
  readonly #rows: PackedSeriesListBuilder
  readonly #start: number

  /** @param start the first one's row in the columns of the page */
  constructor(rows: PackedSeriesListBuilder, start: number) {
    this.#rows = rows
    this.#start = start
  }

  columnRowOf(row: number): number {
    return this.#start + row
  }

  show(): void {
    // They are shown where they stand.
  }

  holds(row: number, labels: LabelRange): boolean {
    return this.#rows.holds(row, labels)
  }
}

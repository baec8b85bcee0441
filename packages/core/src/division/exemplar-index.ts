import type { Columns, ExemplarColumns } from '../model/batch.js'
import { sliceSeriesList } from './slice-columns.js'

/** Columns of a unit, and where they stand in it. */
export interface PlacedColumns {
  readonly at: number
  readonly columns: Columns
}

interface PlacedExemplars extends PlacedColumns {
  readonly columns: ExemplarColumns
  /** The number of its first exemplar. */
  readonly first: number
}

/**
 * The exemplars of a unit by row, so that a range of rows finds its own without a look at all the others: a unit may be cut into as many
 * pieces as it has rows.
 */
export class ExemplarIndex {
  readonly #placed: readonly PlacedExemplars[]
  /** Where the exemplars of a row begin in `#numbers`; one more than there are rows. */
  readonly #starts: Uint32Array
  /** Exemplars by row. They are numbered through all columns, in order. */
  readonly #numbers: Uint32Array
  /** By number, which of the placed columns has it. */
  readonly #columns: Uint32Array

  constructor(columns: readonly Columns[], rows: number) {
    const placed: PlacedExemplars[] = []
    let count = 0
    for (const [at, one] of columns.entries()) {
      if (one.kind !== 'exemplars') continue
      placed.push({ at, columns: one, first: count })
      count += one.rows.length
    }
    this.#placed = placed
    this.#starts = startsOf(placed, rows)
    this.#numbers = new Uint32Array(count)
    this.#columns = new Uint32Array(count)
    const next = this.#starts.slice()
    for (const [which, one] of placed.entries()) {
      this.#columns.fill(which, one.first, one.first + one.columns.rows.length)
      for (const [i, row] of one.columns.rows.entries()) this.#numbers[next[row]!++] = one.first + i
    }
  }

  /** How many exemplars belong to the rows from `start` to `end`, exclusive. */
  countOf(start: number, end: number): number {
    return this.#starts[end]! - this.#starts[start]!
  }

  /** The exemplars of the rows from `start` to `end`, exclusive, in the order of the columns, without columns that have none there. */
  sliceOf(start: number, end: number): PlacedColumns[] {
    const numbers = this.#numbers.slice(this.#starts[start], this.#starts[end]).sort()
    const found: PlacedColumns[] = []
    for (let i = 0; i < numbers.length; ) {
      const which = this.#columns[numbers[i]!]!
      const { at, columns, first } = this.#placed[which]!
      const kept: number[] = []
      for (; i < numbers.length && this.#columns[numbers[i]!] === which; i++) kept.push(numbers[i]! - first)
      found.push({ at, columns: pickExemplars(columns, kept, { start, end }) })
    }
    return found
  }
}

function startsOf(placed: readonly PlacedExemplars[], rows: number): Uint32Array {
  const starts = new Uint32Array(rows + 1)
  for (const { columns } of placed) for (const row of columns.rows) starts[row + 1]!++
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!
  return starts
}

function pickExemplars(columns: ExemplarColumns, kept: readonly number[], { start, end }: { start: number; end: number }): ExemplarColumns {
  return {
    kind: 'exemplars',
    series: sliceSeriesList(columns.series, start, end),
    rows: Uint16Array.from(kept, (i) => columns.rows[i]! - start),
    exemplars: kept.map((i) => columns.exemplars[i]!),
  }
}

import type { KnownSegment } from './known-segment.js'

/** Grows by half: a first page ends with a third of its memory unused at most, and is cut then. */
const growth = 1.5

/** The values of a page, row by row, and their timestamps where they have their own. */
export class ValueColumn {
  /** With room for more. */
  values: Float64Array
  /** Number of rows. */
  length = 0
  #timestampsMs: Float64Array | undefined
  readonly #pageTimestampMs: number

  /** @param segments what is expected: it fits without growing */
  constructor(pageTimestampMs: number, segments: readonly KnownSegment[]) {
    this.#pageTimestampMs = pageTimestampMs
    // One more, because the values of dropped lines are written behind the last row.
    this.values = new Float64Array(segments.reduce((sum, { rows }) => sum + rows, 1))
  }

  /** Makes room for more rows, and for one value behind them. */
  reserve(rows: number): void {
    const needed = this.length + rows + 1
    if (needed <= this.values.length) return
    const size = Math.max(needed, Math.ceil(this.values.length * growth))
    this.values = grown(this.values, size)
    if (this.#timestampsMs !== undefined) this.#timestampsMs = grown(this.#timestampsMs, size)
  }

  /** @param explicitMs undefined: the page's */
  push(value: number, explicitMs: number | undefined): void {
    this.reserve(1)
    if (explicitMs !== undefined) this.#timestampsMs ??= new Float64Array(this.values.length).fill(this.#pageTimestampMs, 0, this.length)
    this.values[this.length] = value
    if (this.#timestampsMs !== undefined) this.#timestampsMs[this.length] = explicitMs ?? this.#pageTimestampMs
    this.length++
  }

  /** Takes rows whose values stand behind the last row already. */
  take(rows: number): void {
    this.#timestampsMs?.fill(this.#pageTimestampMs, this.length, this.length + rows)
    this.length += rows
  }

  /** The page has ended: memory that was not needed is let go of. */
  trim(): void {
    if (this.values.length > this.length + 1) this.values = this.values.slice(0, this.length)
  }

  /** Of some rows; undefined where all are the page's. */
  timestampsOf(start: number, end: number): Float64Array | undefined {
    return this.#timestampsMs?.slice(start, end)
  }
}

function grown(array: Float64Array, size: number): Float64Array {
  const copy = new Float64Array(size)
  copy.set(array)
  return copy
}

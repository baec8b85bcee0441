/** Grows by half: a first page ends with a third of its memory unused at most, and is cut then. */
const growth = 1.5

/** The values of a page, row by row, and their timestamps where they have their own. */
export class ValueColumn {
  /** With room for more. */
  values: Float64Array
  /** Number of rows. */
  length = 0
  #timestampsMs: Float64Array | undefined
  /** One a row, 1 where its series does not count for staleness. */
  #untracked: Uint8Array | undefined
  readonly #pageTimestampMs: number

  /** @param rows how many are expected: they fit without growing */
  constructor(pageTimestampMs: number, rows: number) {
    this.#pageTimestampMs = pageTimestampMs
    // One more, because the values of dropped lines are written behind the last row.
    this.values = new Float64Array(rows + 1)
  }

  /** Makes room for more rows, and for one value behind them. */
  reserve(rows: number): void {
    const needed = this.length + rows + 1
    if (needed <= this.values.length) return
    const size = Math.max(needed, Math.ceil(this.values.length * growth))
    this.values = grown(this.values, size)
    if (this.#timestampsMs !== undefined) this.#timestampsMs = grown(this.#timestampsMs, size)
    if (this.#untracked === undefined) return
    const untracked = new Uint8Array(size)
    untracked.set(this.#untracked)
    this.#untracked = untracked
  }

  /** @param explicitMs undefined: the page's */
  push(value: number, explicitMs: number | undefined, isTracked: boolean): void {
    this.reserve(1)
    if (explicitMs !== undefined) this.#timestampsMs ??= new Float64Array(this.values.length).fill(this.#pageTimestampMs, 0, this.length)
    if (!isTracked) this.#untracked ??= new Uint8Array(this.values.length)
    this.values[this.length] = value
    if (this.#timestampsMs !== undefined) this.#timestampsMs[this.length] = explicitMs ?? this.#pageTimestampMs
    if (this.#untracked !== undefined) this.#untracked[this.length] = isTracked ? 0 : 1
    this.length++
  }

  /** Takes rows whose values stand behind the last row already, of the page's time. */
  take(rows: number): void {
    this.#timestampsMs?.fill(this.#pageTimestampMs, this.length, this.length + rows)
    this.length += rows
  }

  /** The page has ended: memory that was not needed is let go of. */
  trim(): void {
    if (this.values.length > this.length + 1) this.values = this.values.slice(0, this.length)
  }

  timestampAt(row: number): number {
    return this.#timestampsMs === undefined ? this.#pageTimestampMs : this.#timestampsMs[row]!
  }

  /** Of some rows; undefined where all are the page's. */
  timestampsOf(start: number, end: number): Float64Array | undefined {
    return this.#timestampsMs?.slice(start, end)
  }

  get areAllTracked(): boolean {
    return this.#untracked === undefined
  }

  /** Whether the series of a row counts for staleness. */
  isTracked(row: number): boolean {
    return this.#untracked === undefined || this.#untracked[row] === 0
  }

  /** Of some rows, 1 where a series does not count for staleness; undefined where all do. */
  untrackedOf(start: number, end: number): Uint8Array | undefined {
    const untracked = this.#untracked?.slice(start, end)
    return untracked?.includes(1) === true ? untracked : undefined
  }
}

function grown(array: Float64Array, size: number): Float64Array {
  const copy = new Float64Array(size)
  copy.set(array)
  return copy
}

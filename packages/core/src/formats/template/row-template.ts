import type { PaddedText } from './padded-text.js'

/** The rows of a list of series: everything but values and timestamps. */
export interface RowTemplate {
  readonly rows: number
  /** The text of each row: head, what stands before each value (from the second field on with the comma), tail. */
  readonly text: PaddedText
  /** Where row `r` begins in the text; it ends where the next begins. */
  readonly rowStart: Int32Array
  readonly headEnd: Int32Array
  /** The number of the first field of row `r`; its last is before the first of the next. */
  readonly firstField: Int32Array
  /** Where the text before the value of field `f` ends. */
  readonly fieldEnd: Int32Array
  /** Which series of the list gives the value of field `f`. */
  readonly place: Int32Array
  /** 1 where there is no row if its value is NaN. */
  readonly single: Uint8Array
  /** Rows that would take further series, if a batch had them elsewhere. */
  readonly groups: readonly RowGroup[]
  /** Whether rows stand in another order where first series of theirs are stale. */
  readonly interleaved: boolean
  /** Of each row's key, where a function to hash it is given. */
  readonly keyHash?: Int32Array
  /** What it takes in memory, about. */
  readonly size: number
}

export interface RowGroup {
  readonly key: string
  readonly row: number
}

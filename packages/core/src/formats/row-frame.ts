/** The text of a row but for what changes from scrape to scrape: values and the timestamp. */
export interface RowFrame {
  /** What stands before the fields. */
  readonly head: string
  /** What stands before each value, without the comma that separates fields; and the value. */
  readonly fields: readonly (readonly [text: string, value: number])[]
  /** What stands between the last value and the timestamp. */
  readonly tail: string
}

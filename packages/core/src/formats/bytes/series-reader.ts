import type { ByteRange } from '../../model/byte-range.js'
import type { ByteText } from './byte-text.js'
import type { RowParts } from './frame-writer.js'

/**
 * Reads the series of a list as what they are in rows, from bytes, one at a time: what `RowSchema.rowsOf` and `roleOf` say of them. The
 * objects that it gives hold until it turns to another series.
 */
export interface SeriesReader {
  /** Where a run of series ends that are all known to share no row with others; `i` where nothing is known. */
  aloneUntil(i: number): number
  /** Turns to a series. What follows is of it. */
  turnTo(i: number): void
  /** Whether its row is of it alone, and there is none where the value is NaN. */
  readonly isSingle: boolean
  /** Whether its row takes others, where they are of the same group. */
  readonly isShared: boolean
  /** The name of its field. Where the row is shared it holds as long as the reader. */
  readonly field: ByteRange
  /** What its row says beside fields, where it is the first of them. */
  parts(): RowParts
  /** Writes what names its group: the same bytes for all who share a row, and for nobody else. */
  writeGroup(to: ByteText): void
  /** Writes what to partition by; nothing where the schema does not say it. */
  writeKey(to: ByteText): void
}

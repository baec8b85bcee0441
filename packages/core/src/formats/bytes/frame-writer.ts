import type { ByteRange } from '../../model/byte-range.js'
import type { ByteTags } from './byte-tags.js'
import type { ByteText } from './byte-text.js'

/** What a row says beside its fields. */
export interface RowParts {
  readonly measurement: ByteRange
  readonly tags: ByteTags
}

/**
 * Writes the parts of a `RowFrame` from bytes to bytes, for what rows hold most often. False where a part is left to the frame: it has no
 * form, or one that strings must decide about. Then anything may have been written.
 */
export interface FrameWriter {
  /** What stands before the fields. */
  head(to: ByteText, parts: RowParts): boolean
  /** What stands before a value, without the comma that separates fields. */
  field(to: ByteText, name: ByteRange): boolean
  /** What stands between the last value and the timestamp. */
  tail(to: ByteText, parts: RowParts): boolean
}

import type { LabelRange } from './known-segment.js'

/** Enough for most sets of labels. */
const initialBytes = 512

/** One set of labels at a time, where it can be looked at in every way. */
export class LabelBuffer implements LabelRange {
  bytes: Uint8Array = new Uint8Array(initialBytes)
  view: DataView = new DataView(this.bytes.buffer)
  readonly start = 0
  end = 0

  /** Takes the labels that stand in `bytes`, as in `Labels.bytes`. */
  put(bytes: Uint8Array): this {
    if (bytes.length > this.bytes.length) {
      this.bytes = new Uint8Array(2 * bytes.length)
      this.view = new DataView(this.bytes.buffer)
    }
    this.bytes.set(bytes)
    this.end = bytes.length
    return this
  }
}

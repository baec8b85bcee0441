import { copyRange, type ViewRange } from '../../model/byte-range.js'
import { viewOf } from '../../model/bytes.js'

const initialBytes = 1024
/** What is larger is not kept for the next text: some thousand rows fit, and a label of megabytes is not held for good. */
const maxKeptBytes = 1024 * 1024

/** Text in UTF-8 that grows. Setting `at` back takes back what was written since. */
export class ByteText {
  /** Of which the first `at` are written. */
  bytes: Uint8Array = new Uint8Array(initialBytes)
  /** Of the same bytes. */
  view: DataView = viewOf(this.bytes)
  at = 0

  /** Begins anew. */
  clear(): void {
    this.at = 0
    if (this.bytes.length > maxKeptBytes) this.#replace(new Uint8Array(initialBytes))
  }

  /** Makes room for more bytes: afterwards `bytes` and `view` may be others. */
  reserve(more: number): void {
    const needed = this.at + more
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(2 * needed)
    grown.set(this.bytes.subarray(0, this.at))
    this.#replace(grown)
  }

  writeByte(byte: number): void {
    if (this.at === this.bytes.length) this.reserve(1)
    this.bytes[this.at++] = byte
  }

  write(range: ViewRange): void {
    this.reserve(range.end - range.start)
    this.at = copyRange(range, this.view, this.at)
  }

  writeString(text: string): void {
    // A UTF-16 unit takes three bytes at most.
    this.reserve(3 * text.length)
    this.at += Buffer.from(this.bytes.buffer).write(text, this.at)
  }

  #replace(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = viewOf(bytes)
  }
}

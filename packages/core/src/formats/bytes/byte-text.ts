import type { ByteRange } from './byte-range.js'

/** Text in UTF-8 that grows. Setting `at` back takes back what was written since. */
export class ByteText {
  /** Of which the first `at` are written. */
  bytes: Uint8Array = new Uint8Array(1024)
  at = 0

  /** Makes room for more bytes: afterwards `bytes` may be another array. */
  reserve(more: number): void {
    const needed = this.at + more
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(2 * needed)
    grown.set(this.bytes.subarray(0, this.at))
    this.bytes = grown
  }

  writeByte(byte: number): void {
    this.reserve(1)
    this.bytes[this.at++] = byte
  }

  /** By a loop: for some dozen bytes it is faster than a call into the engine. */
  write({ bytes, start, end }: ByteRange): void {
    this.reserve(end - start)
    const target = this.bytes
    let at = this.at
    for (let i = start; i < end; i++) target[at++] = bytes[i]!
    this.at = at
  }

  writeString(text: string): void {
    // A UTF-16 unit takes three bytes at most.
    this.reserve(3 * text.length)
    this.at += Buffer.from(this.bytes.buffer).write(text, this.at)
  }
}

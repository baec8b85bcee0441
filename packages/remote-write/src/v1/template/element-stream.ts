import { type ElementTarget, writeCopy } from '../../snappy/element-writer.js'

/** Lengths of literals up to here stand in the tag; and up to here in one byte after it. */
const maxTagLiteral = 60
const maxByteLiteral = 256
/** Lengths in two bytes; longer literals are divided. */
const maxLiteral = 2 ** 16
/** Bytes are copied by four; up to three more than are asked for are written. */
const wordBytes = 4
const initialBytes = 16 * 1024
/** One that is let go when it begins anew: what a request of some 10,000 samples takes. */
const maxKeptBytes = 1024 * 1024

/**
 * Elements of Snappy's block format, one after the other. Who writes calls `reserve` before.
 *
 *     00 literal: length - 1 in the tag (below 60), or in one byte (tag 60) or two (61) after it, then the bytes
 *     copies: see `writeCopy`
 *
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export class ElementStream implements ElementTarget {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(initialBytes)
  view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer)
  length = 0

  /** Begins anew. */
  reset(): void {
    if (this.bytes.length > maxKeptBytes) this.#resize(initialBytes)
    this.length = 0
  }

  /** Makes room for elements that produce so many bytes, whatever they are. */
  reserve(contentBytes: number): void {
    const end = this.length + contentBytes + (contentBytes >>> 2) + 16
    if (end > this.bytes.length) this.#resize(2 * end)
  }

  /** Bytes of another array, at least one, as they are. Returns the offset after them. */
  literal(source: DataView, from: number, to: number): number {
    for (; to - from > maxLiteral; from += maxLiteral) this.literal(source, from, from + maxLiteral)
    const { bytes } = this
    const last = to - from - 1
    let at = this.length
    if (last < maxTagLiteral) bytes[at++] = last << 2
    else if (last < maxByteLiteral) {
      bytes[at++] = maxTagLiteral << 2
      bytes[at++] = last
    } else {
      bytes[at++] = (maxTagLiteral + 1) << 2
      bytes[at++] = last & 0xff
      bytes[at++] = last >>> 8
    }
    const end = at + last + 1
    const { view } = this
    for (; at < end; at += wordBytes, from += wordBytes) view.setInt32(at, source.getInt32(from, true), true)
    this.length = end
    return end
  }

  /** @param offset 1 to `maxOffset`. */
  copy(offset: number, length: number): void {
    writeCopy(this, offset, length)
  }

  #resize(size: number): void {
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes.subarray(0, Math.min(this.length, size)))
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }
}

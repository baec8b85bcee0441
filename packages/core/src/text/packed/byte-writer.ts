import { viewOf, writeVarint } from '../../model/bytes.js'

/** Bytes that are written one after the other, at `at`. There must be room. */
export class ByteWriter {
  at: number = 0
  #bytes: Uint8Array
  #view: DataView

  constructor(size: number) {
    this.#bytes = new Uint8Array(size)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Over `bytes`. */
  get view(): DataView {
    return this.#view
  }

  /** Makes room for so many bytes in all; what was written stays. */
  reserve(size: number): void {
    if (size <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(size, 2 * this.#bytes.length))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }

  /** Copies from another view, four bytes in one step: not as doubles, which might not keep the bits of what is a NaN. */
  copy(source: DataView, start: number, length: number): void {
    const view = this.#view
    const to = this.at
    this.at = to + length
    if (length < 4) {
      for (let i = 0; i < length; i++) view.setUint8(to + i, source.getUint8(start + i))
      return
    }
    const last = length - 4
    for (let i = 0; i < last; i += 4) view.setInt32(to + i, source.getInt32(start + i, true), true)
    // Some of these may have been copied already.
    view.setInt32(to + last, source.getInt32(start + last, true), true)
  }

  /** As `copy`, of all that was written to another. */
  append(other: ByteWriter): void {
    this.copy(other.view, 0, other.at)
  }

  /** Writes an unsigned LEB128 varint. */
  varint(value: number): void {
    this.at = writeVarint(this.#bytes, this.at, value)
  }
}

/** A writer that was given these bytes. */
export function written(bytes: Uint8Array): ByteWriter {
  const writer = new ByteWriter(bytes.length)
  writer.copy(viewOf(bytes), 0, bytes.length)
  return writer
}

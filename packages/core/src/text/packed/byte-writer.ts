import { copyRange } from '../../model/byte-range.js'
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

  /** Copies from another view. */
  copy(source: DataView, start: number, length: number): void {
    this.at = copyRange({ view: source, start, end: start + length }, this.#view, this.at)
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

import { ByteWriter } from './byte-writer.js'

/** A set of labels has some 100 bytes, so a chunk is made for every 160 of them, and a set that is kept keeps no more than it in memory. */
const chunkBytes = 16_384

/**
 * Memory for many small things that live as long as somebody refers to them: each is a part of a chunk, since an array for each would
 * cost more than what is in it.
 */
export class ByteArena {
  #chunk = new ByteWriter(0)

  /** What the last thing was copied into. It stays as it is. */
  get view(): DataView {
    return this.#chunk.view
  }

  /** Behind the last thing. */
  get end(): number {
    return this.#chunk.at
  }

  /** Copies `length` bytes of `source`. They stand then in `view`, in front of `end`. */
  copy(source: DataView, start: number, length: number): void {
    if (this.#chunk.at + length > this.#chunk.bytes.length) this.#chunk = new ByteWriter(Math.max(length, chunkBytes))
    this.#chunk.copy(source, start, length)
  }
}

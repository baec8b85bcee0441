/** A set of labels has some 100 bytes, so a piece of memory is made for every 160 of them, and an entry that is kept keeps no more. */
const chunkBytes = 16_384

/**
 * Memory for many small things that live as long as somebody refers to them: each is a part of a chunk, since an array for each would
 * cost more than what is in it.
 */
export class ByteArena {
  #chunk = new Uint8Array(0)
  #view = new DataView(this.#chunk.buffer)
  #size = 0

  /** What the last thing was copied into. It stays as it is. */
  get chunk(): Uint8Array {
    return this.#chunk
  }

  /** Behind the last thing. */
  get size(): number {
    return this.#size
  }

  /** Copies `length` bytes of `source`. They stand then in `chunk`, in front of `size`. */
  copy(source: DataView, start: number, length: number): void {
    if (this.#size + length > this.#chunk.length) this.#begin(length)
    const view = this.#view
    const to = this.#size
    let i = 0
    // Not as doubles, which might not keep the bits of what is a NaN.
    for (; i + 4 <= length; i += 4) view.setInt32(to + i, source.getInt32(start + i, true), true)
    for (; i < length; i++) view.setInt8(to + i, source.getInt8(start + i))
    this.#size += length
  }

  #begin(length: number): void {
    this.#chunk = new Uint8Array(Math.max(length, chunkBytes))
    this.#view = new DataView(this.#chunk.buffer)
    this.#size = 0
  }
}

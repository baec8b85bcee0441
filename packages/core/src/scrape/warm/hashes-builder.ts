const none = new Int32Array(0)
/** The least that a builder takes once it is used. */
const minRoom = 16

/** Gathers hashes. May be used again after `build`. */
export class HashesBuilder {
  #hashes: Int32Array = none
  #length = 0

  add(hash: number): void {
    this.#reserve(1)
    this.#hashes[this.#length++] = hash
  }

  /** Those `from` to `to`, exclusive, of others. */
  addRange(hashes: Int32Array, from: number, to: number): void {
    this.#reserve(to - from)
    this.#hashes.set(hashes.subarray(from, to), this.#length)
    this.#length += to - from
  }

  /** The hashes, at the size that they need. */
  build(): Int32Array {
    const hashes = this.#hashes.slice(0, this.#length)
    this.#length = 0
    return hashes
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#hashes.length) return
    const grown = new Int32Array(Math.max(minRoom, 2 * (this.#length + more)))
    grown.set(this.#hashes.subarray(0, this.#length))
    this.#hashes = grown
  }
}

const lineFeed = 0x0a
const noBytes = new Uint8Array(0)

/**
 * A body that comes in pieces, as windows that begin with a line: the pieces in place, and between them what was left of one together with
 * the beginning of the next.
 */
export class BodyPieces {
  /** What can be read now. A plain Uint8Array, never a Buffer, whose parts are dear to make. */
  window: Uint8Array = noBytes
  /** Whether the window ends where the body does. */
  isLast = false
  #piece: Uint8Array = noBytes
  /** Bytes of the piece that are in a window, or were. */
  #taken = 0
  #isInPlace = false
  /** What was left, and what was joined to it; it has room for more. */
  #rest: Uint8Array = noBytes
  #restLength = 0

  /** A copy of all that has come from an offset in the window on. */
  leftFrom(at: number): Uint8Array {
    return Buffer.concat([this.window.subarray(at), this.#piece.subarray(this.#taken)])
  }

  /** The next piece has come. It is looked at until `next` returns false. */
  add(piece: Uint8Array): void {
    this.#piece = new Uint8Array(piece.buffer, piece.byteOffset, piece.length)
    this.#taken = 0
  }

  /**
   * Moves to the next window, which begins with what this one has from `at` on. Returns false where the piece is used up; there is no
   * window then.
   */
  next(at: number): boolean {
    this.#keep(at)
    const left = this.#piece.length - this.#taken
    if (left === 0) return false
    if (this.#restLength === 0) {
      this.window = this.#taken === 0 ? this.#piece : this.#piece.subarray(this.#taken)
      this.#taken = this.#piece.length
      this.#isInPlace = true
      return true
    }
    // At least as much again, so that what needs much more of the body is not tried again and again.
    const enough = this.#taken + this.#restLength
    const end = enough > this.#piece.length ? 0 : this.#piece.indexOf(lineFeed, enough - 1) + 1
    this.#join(this.#piece.subarray(this.#taken, end > 0 ? end : this.#piece.length))
    this.#taken = end > 0 ? end : this.#piece.length
    if (enough > this.#piece.length) return false
    this.window = this.#rest.subarray(0, this.#restLength)
    return true
  }

  /** The body has ended: what is left is the last window. */
  end(): void {
    this.isLast = true
    this.window = this.#rest.subarray(0, this.#restLength)
  }

  /** Keeps what the window has from `at` on. */
  #keep(at: number): void {
    const { window } = this
    this.window = noBytes
    if (this.#isInPlace) {
      this.#isInPlace = false
      this.#join(window.subarray(at))
    } else if (at > 0) {
      this.#rest.copyWithin(0, at, this.#restLength)
      this.#restLength -= at
    }
  }

  #join(bytes: Uint8Array): void {
    const length = this.#restLength + bytes.length
    if (length > this.#rest.length) {
      const grown = new Uint8Array(2 * length)
      grown.set(this.#rest.subarray(0, this.#restLength))
      this.#rest = grown
    }
    this.#rest.set(bytes, this.#restLength)
    this.#restLength = length
  }
}

/** A body that is gathered piece by piece, for a page that is read as a whole. */
export class GatheredBody {
  readonly #pieces: Uint8Array[] = []

  /** Takes the next piece; it is copied. */
  write(piece: Uint8Array): void {
    this.#pieces.push(new Uint8Array(piece)) // not slice(), which copies nothing of a Buffer
  }

  whole(): Uint8Array {
    const [first, ...others] = this.#pieces
    if (first !== undefined && others.length === 0) return first
    return Buffer.concat(this.#pieces)
  }
}

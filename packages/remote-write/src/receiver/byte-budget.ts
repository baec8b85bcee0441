/** Bytes that may be held at one time. */
export class ByteBudget {
  readonly #maxBytes: number
  #held = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes bytes for one request; undefined where there are not enough. With nothing held there always are. */
  reserve(bytes: number): Reservation | undefined {
    if (this.#held > 0 && this.#held + bytes > this.#maxBytes) return undefined
    this.#held += bytes
    let own = bytes
    return {
      resize: (next) => {
        if (this.#held > own && this.#held - own + next > this.#maxBytes) return false
        this.#held += next - own
        own = next
        return true
      },
      release: () => {
        this.#held -= own
        own = 0
      },
    }
  }
}

/** One request's share. */
export interface Reservation {
  /** Makes the share another size; false, and no change, where the budget does not allow it. */
  resize(bytes: number): boolean
  release(): void
}

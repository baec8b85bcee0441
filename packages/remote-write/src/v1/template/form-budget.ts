/** Ten minutes, as the tables of series: ten scrapes of a slow target. */
const maxIdleMs = 10 * 60_000
/** For one request, forms are made of so many rows at most, some 15 ms of work; the other lists have their turn with the next. */
const maxRowsMade = 4096

/** Something that is kept of a list. */
export interface Kept {
  /** Bytes in memory; 0 while there is none. */
  size: number
  /** When it was asked for last. */
  seenMs: number
  /** Lets it go. */
  drop(): void
}

/**
 * Memory for what is kept of lists. Where it is used up, the least recently used goes for a newcomer, but only if it was idle for longer than
 * the newcomer was between its two sights: else lists that come round in turn would push each other out, and each would be made every time.
 */
export class FormBudget {
  readonly #maxBytes: number
  /** In the order of use. */
  readonly #kept = new Set<Kept>()
  #bytes = 0
  #rowsLeft = 0
  #nowMs = 0

  /** @param maxBytes the last form that is made may pass it. 0: none is made. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Memory that is taken. */
  get bytes(): number {
    return this.#bytes
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Called before each request. @param nowMs any clock that only goes forward. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs
    this.#rowsLeft = maxRowsMade
    for (const kept of this.#kept) {
      if (nowMs - kept.seenMs < maxIdleMs) break
      this.#drop(kept)
    }
  }

  /** Whether something may be made of a list that was not seen for so long. */
  admits(rows: number, idleMs: number): boolean {
    if (rows > this.#rowsLeft) return false
    for (const kept of this.#kept) {
      if (this.#bytes < this.#maxBytes || this.#nowMs - kept.seenMs <= idleMs) break
      this.#drop(kept)
    }
    if (this.#bytes >= this.#maxBytes) return false
    this.#rowsLeft -= rows
    return true
  }

  /** Takes what was made. */
  add(kept: Kept): void {
    this.#bytes += kept.size
    this.#kept.add(kept)
  }

  /** It was used. */
  touch(kept: Kept): void {
    this.#kept.delete(kept)
    this.#kept.add(kept)
  }

  #drop(kept: Kept): void {
    this.#bytes -= kept.size
    this.#kept.delete(kept)
    kept.drop()
  }
}

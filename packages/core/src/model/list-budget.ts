import type { SeriesList } from './series-list.js'

export interface ListBudgetOptions {
  /** Memory for what is kept of lists, in bytes. What is made last may pass it. 0: nothing is kept. */
  readonly maxBytes: number
  /**
   * In one turn, forms are made of so many rows at most, so that new lists stop nobody for long: the others have their turn with the next.
   * A list that is longer has one of its own. Default: no limit.
   */
  readonly maxRowsPerTurn?: number
  /** What was not asked for during so much of the clock's time is let go of. Default: only what makes room, or goes with its list. */
  readonly maxIdle?: number
}

/** Something that is kept of a list. */
export interface KeptForm {
  /** Bytes in memory. */
  readonly size: number
  /** When it was asked for last, by the budget's clock. */
  readonly seenAt: number
  /** Lets it go. */
  drop(): void
}

/**
 * Memory for what is kept of lists, by one `ListCache` or several. Where it is used up, the least recently used goes for a newcomer, but only
 * if it was idle for longer than the newcomer was between its two sights: else lists that come round in turn would push each other out, and
 * each would be made every time.
 */
export class ListBudget {
  readonly #maxBytes: number
  readonly #maxRowsPerTurn: number
  readonly #maxIdle: number
  /**
   * In a queue, with the time at which each was put at its end. What was asked for since goes to the end when its turn comes, not at each
   * use: most uses would move it for nothing.
   */
  readonly #kept = new Map<KeptForm, number>()
  readonly #lists = new FinalizationRegistry<KeptForm>((kept) => this.drop(kept))
  #bytes = 0
  #rowsLeft = 0
  #now = 0

  constructor(options: ListBudgetOptions) {
    this.#maxBytes = options.maxBytes
    this.#maxRowsPerTurn = options.maxRowsPerTurn ?? Number.POSITIVE_INFINITY
    this.#maxIdle = options.maxIdle ?? Number.POSITIVE_INFINITY
    this.#rowsLeft = this.#maxRowsPerTurn
  }

  /** Memory that is taken, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** The time of the turn. */
  get now(): number {
    return this.#now
  }

  /** Begins a turn: a request, most often. @param now any clock that only goes forward; a count of turns will do. */
  begin(now: number): void {
    this.#now = now
    this.#rowsLeft = this.#maxRowsPerTurn
    for (const [kept, queuedAt] of this.#kept) {
      if (now - queuedAt < this.#maxIdle) break
      if (!this.#requeue(kept, queuedAt)) this.drop(kept)
    }
  }

  /** Whether something may be made, and kept, of a list that was not asked for during `idle`. If so, it counts as made. */
  admits(rows: number, idle: number): boolean {
    if (rows > this.#rowsLeft && this.#rowsLeft < this.#maxRowsPerTurn) return false
    for (const [kept, queuedAt] of this.#kept) {
      if (this.#bytes < this.#maxBytes) break
      if (this.#requeue(kept, queuedAt)) continue
      if (this.#now - kept.seenAt <= idle) break
      this.drop(kept)
    }
    if (this.#bytes >= this.#maxBytes) return false
    this.#rowsLeft -= rows
    return true
  }

  /** Takes what was made of a list, with which it goes. */
  add(kept: KeptForm, list: SeriesList): void {
    this.#bytes += kept.size
    this.#kept.set(kept, this.#now)
    this.#lists.register(list, kept, kept)
  }

  /** Lets go of something; of what is not here nothing happens. */
  drop(kept: KeptForm): void {
    if (!this.#kept.delete(kept)) return
    this.#bytes -= kept.size
    this.#lists.unregister(kept)
    kept.drop()
  }

  /** Puts what was asked for since it was queued at the end; false for anything else. */
  #requeue(kept: KeptForm, queuedAt: number): boolean {
    if (kept.seenAt === queuedAt) return false
    this.#kept.delete(kept)
    this.#kept.set(kept, kept.seenAt)
    return true
  }
}

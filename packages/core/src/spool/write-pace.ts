/** A larger write is handed over: from here on the copy into the system's memory takes about as long as handing over (some 50 us). */
const maxQuickBytes = 64 * 1024
/** What the copy takes at most. A write that takes longer waits for the disk, or for the processor: nothing tells which. */
const quickMs = 0.25
/** The event loop waits for slow writes no longer than this in one go, or one write longer. */
const burstMs = 20
/** In the long run it waits a tenth of the time at most: more than a busy machine takes, less than handing over costs. */
const share = 1 / 10
/** A wait that is longer than a burst is the disk's, not the processor's: it counts so many times, and comes once in a hundred of it. */
const longWaitFactor = 10
/** After so many writes the event loop must have turned: who appends in a loop would keep timers and sockets waiting for ever. */
const maxWritesATurn = 16

/**
 * Decides which writes are made at once, while the event loop waits, and which are handed to another thread. A small write into the
 * system's memory takes a few microseconds, and to hand it over takes ten times as long. But where the disk is behind, the system makes
 * those who write wait, up to 200 ms a call on Linux: what such waits may take is an allowance, and without it writes are handed over.
 */
export class WritePace {
  readonly #monotonicMs: () => number
  readonly #onNextTurn: (callback: () => void) => void
  /** Since the event loop turned, as far as we know. */
  #writes = 0
  #allowanceMs = burstMs
  #countedMs: number

  constructor(options: {
    readonly monotonicMs: () => number
    /** Calls back when the event loop has turned. */
    readonly onNextTurn: (callback: () => void) => void
  }) {
    this.#monotonicMs = options.monotonicMs
    this.#onNextTurn = options.onNextTurn
    this.#countedMs = options.monotonicMs()
  }

  /** Whether so many bytes are to be written at once. */
  allows(bytes: number): boolean {
    if (bytes > maxQuickBytes || this.#writes >= maxWritesATurn) return false
    const nowMs = this.#monotonicMs()
    this.#allowanceMs = Math.min(burstMs, this.#allowanceMs + (nowMs - this.#countedMs) * share)
    this.#countedMs = nowMs
    return this.#allowanceMs > 0
  }

  /** Writes, and takes note of how long it took. */
  run(write: () => number): number {
    if (++this.#writes === maxWritesATurn) {
      this.#onNextTurn(() => {
        this.#writes = 0
      })
    }
    const startMs = this.#monotonicMs()
    try {
      return write()
    } finally {
      const tookMs = this.#monotonicMs() - startMs
      if (tookMs > quickMs) this.#allowanceMs -= tookMs > burstMs ? longWaitFactor * tookMs : tookMs
    }
  }
}

/** Time as an argument. Delays and durations are monotonic, so a step of the wall clock neither fires nor stalls a timer. */
export interface Clock {
  /** Wall clock, in milliseconds since the epoch: for timestamps only. */
  nowMs(): number
  /** Milliseconds that never go back: for durations. */
  monotonicMs(): number
  /** Calls back once, after a delay in milliseconds. Returns what cancels it; cancelling twice, or too late, does nothing. */
  schedule(delayMs: number, callback: () => void): () => void
}

/** The machine's clock. Its timers keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

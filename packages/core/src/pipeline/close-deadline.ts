import { createSharedController } from '../model/shared-controller.js'
import type { Clock } from '../model/clock.js'

/** When a close has to be over: a point in time after which nothing is waited for, on the monotonic clock. */
export class CloseDeadline {
  readonly #clock: Clock
  readonly #atMs: number
  readonly #cancels: (() => void)[] = []

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock
    this.#atMs = clock.monotonicMs() + delayMs
  }

  get remainingMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonicMs())
  }

  /** Aborts this many milliseconds before the deadline. */
  signal(reserveMs = 0): AbortSignal {
    const controller = createSharedController()
    const delayMs = this.remainingMs - reserveMs
    if (delayMs <= 0) controller.abort()
    else this.#cancels.push(this.#clock.schedule(delayMs, () => controller.abort()))
    return controller.signal
  }

  /** Takes the timers away: nobody waits any more. */
  release(): void {
    for (const cancel of this.#cancels) cancel()
  }
}

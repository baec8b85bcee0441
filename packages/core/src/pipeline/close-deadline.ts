import type { Clock } from '../model/clock.js'
import { maxTimerMs } from '../model/duration.js'
import { PromlineError } from '../model/errors.js'
import { createSharedController } from '../model/shared-controller.js'

/** When a close has to be over: a point in time after which nothing is waited for, on the monotonic clock. */
export class CloseDeadline {
  readonly #clock: Clock
  readonly #atMs: number
  readonly #cancels: (() => void)[] = []

  /** Infinity is as long as a timer can wait. Throws a PromlineError (`options`) for what is no delay. */
  constructor(clock: Clock, delayMs: number) {
    assertDelay(delayMs)
    this.#clock = clock
    this.#atMs = clock.monotonicMs() + delayMs
  }

  get remainingMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonicMs())
  }

  /** Aborts this many milliseconds before the deadline. */
  signal(reserveMs = 0): AbortSignal {
    const controller = createSharedController()
    const delayMs = Math.min(this.remainingMs, maxTimerMs) - reserveMs
    if (delayMs <= 0) controller.abort()
    else this.#cancels.push(this.#clock.schedule(delayMs, () => controller.abort()))
    return controller.signal
  }

  /** Takes the timers away: nobody waits any more. */
  release(): void {
    for (const cancel of this.#cancels) cancel()
  }
}

/** Programs without types give texts as well, which a sum with the clock would make longer texts of. */
function assertDelay(deadlineMs: unknown): void {
  if (typeof deadlineMs === 'number' && deadlineMs >= 0) return
  const value = typeof deadlineMs === 'string' ? JSON.stringify(deadlineMs) : String(deadlineMs)
  throw new PromlineError('options', `deadlineMs must be a number of milliseconds, 0 or more, not ${value}`, {
    facts: { option: 'deadlineMs', value },
  })
}

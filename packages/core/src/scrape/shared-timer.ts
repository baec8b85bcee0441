import type { Clock } from '../model/clock.js'

/** Moments that are meant to be one differ by up to this, for the wall clock is read in whole milliseconds. */
const sameMomentMs = 1

interface Entry {
  readonly dueMs: number
  readonly callback: () => void
}

/**
 * A clock whose timers are one timer of another clock: what is due together is called together. A process that wakes up for each of many
 * small scrapes spends more on waking up, with nothing left in the processor's caches, than on the scrapes. A callback comes up to a
 * millisecond early, or as late as a timer.
 */
export function createSharedTimer(clock: Clock): Clock {
  return new SharedTimer(clock)
}

class SharedTimer implements Clock {
  readonly #clock: Clock
  /** The latest first, so that what is called is taken off the end. */
  readonly #entries: Entry[] = []
  #armedMs = Number.POSITIVE_INFINITY
  #cancel: () => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const entry = { dueMs: this.#clock.monotonicMs() + delayMs, callback }
    this.#entries.splice(this.#placeOf(entry.dueMs), 0, entry)
    this.#arm()
    return () => {
      const at = this.#entries.indexOf(entry)
      if (at < 0) return
      this.#entries.splice(at, 1)
      this.#arm()
    }
  }

  /** Where an entry belongs: before those that are due at the same time, which came first. */
  #placeOf(dueMs: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#entries[middle]!.dueMs > dueMs) low = middle + 1
      else high = middle
    }
    return low
  }

  #arm(): void {
    const dueMs = this.#entries.at(-1)?.dueMs ?? Number.POSITIVE_INFINITY
    if (dueMs === this.#armedMs) return
    this.#cancel()
    this.#cancel = () => {}
    this.#armedMs = dueMs
    if (dueMs === Number.POSITIVE_INFINITY) return
    // Rounded up, because a timer of Node cuts its delay to whole milliseconds and would fire before it is due.
    this.#cancel = this.#clock.schedule(Math.ceil(Math.max(0, dueMs - this.#clock.monotonicMs())), () => this.#fire())
  }

  #fire(): void {
    const untilMs = this.#clock.monotonicMs() + sameMomentMs
    const due: Entry[] = []
    while ((this.#entries.at(-1)?.dueMs ?? Number.POSITIVE_INFINITY) < untilMs) due.push(this.#entries.pop()!)
    this.#armedMs = Number.POSITIVE_INFINITY
    for (const { callback } of due) callback()
    this.#arm()
  }
}

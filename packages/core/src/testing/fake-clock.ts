import type { Clock } from '../model/clock.js'

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /**
   * Goes on by some milliseconds and runs the timers that come due, in their order; before, between and after them, whatever is ready to
   * run is run.
   */
  advance(byMs: number): Promise<void>
  /** Goes from timer to timer until a condition holds. Rejects when no timer is left, or after `maxMs` (default an hour). */
  advanceUntil(condition: () => boolean, options?: { readonly maxMs?: number }): Promise<void>
  /** Moves the wall clock alone, as NTP or a person does. */
  stepWallClock(byMs: number): void
  /** Timers that wait. */
  readonly timers: number
}

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/** Turns of the event loop that a chain of promises may take before a timer counts as the next thing to happen. */
const settleTurns = 3

async function settle(): Promise<void> {
  for (let i = 0; i < settleTurns; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A clock for tests. Default start: 2024-01-01T00:00:00Z. */
export function createFakeClock(options: { readonly nowMs?: number } = {}): FakeClock {
  const startMs = options.nowMs ?? 1_704_067_200_000
  const timers = new Set<Timer>()
  let elapsedMs = 0
  let wallOffsetMs = 0

  const next = (): Timer | undefined =>
    [...timers].reduce<Timer | undefined>((a, b) => (a !== undefined && a.atMs <= b.atMs ? a : b), undefined)
  const run = async (timer: Timer): Promise<void> => {
    elapsedMs = Math.max(elapsedMs, timer.atMs)
    timers.delete(timer)
    timer.callback()
    await settle()
  }

  return {
    nowMs: () => startMs + elapsedMs + wallOffsetMs,
    monotonicMs: () => elapsedMs,
    schedule(delayMs, callback) {
      const timer = { atMs: elapsedMs + Math.max(0, delayMs), callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(byMs) {
      const untilMs = elapsedMs + byMs
      await settle()
      for (let timer = next(); timer !== undefined && timer.atMs <= untilMs; timer = next()) await run(timer)
      elapsedMs = untilMs
    },
    async advanceUntil(condition, { maxMs = 3_600_000 } = {}) {
      const untilMs = elapsedMs + maxMs
      await settle()
      while (!condition()) {
        const timer = next()
        if (timer === undefined) throw new Error('no timer is left, and the condition does not hold')
        if (timer.atMs > untilMs) throw new Error(`the condition does not hold after ${maxMs} ms`)
        await run(timer)
      }
    },
    stepWallClock(byMs) {
      wallOffsetMs += byMs
    },
    get timers() {
      return timers.size
    },
  }
}

import type { Clock } from '@promline/core'

/** What lives in steps. */
export interface Stepped {
  readonly steps: number
  /** How many expressions a step evaluates. */
  readonly size: number
  step(): void
}

/** Whose time, and how much of it is a step. */
export interface FollowClockOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly stepMs: number
}

/** After a longer pause (a laptop asleep, a clock set) only a day of seconds is lived through. */
const maxStepsAtOnce = 24 * 3_600
/** Nothing else happens in the process meanwhile: a thousand metrics live through two hours, in a second or so, and not through a day. */
const maxEvaluationsAtOnce = 20_000_000

/**
 * Lets something that lives in steps follow a clock from now on. What it returns brings it up to the clock. It has made one step at
 * the beginning already: a first scrape should not be all zeros.
 */
export function followClock(stepped: Stepped, { clock, stepMs }: FollowClockOptions): () => void {
  const startMs = clock.monotonicMs() - stepMs
  const maxSteps = Math.max(1, Math.min(maxStepsAtOnce, Math.floor(maxEvaluationsAtOnce / stepped.size)))
  let skippedSteps = 0
  const catchUp = (): void => {
    const behind = Math.floor((clock.monotonicMs() - startMs) / stepMs) - skippedSteps - stepped.steps
    skippedSteps += Math.max(0, behind - maxSteps)
    for (let left = Math.min(behind, maxSteps); left > 0; left--) stepped.step()
  }
  catchUp()
  return catchUp
}

/**
 * A registry asks all metrics in one synchronous pass. Only the first of a pass moves time on, so that all of them speak of the same
 * moment.
 */
export function oncePerPass(advance: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    queueMicrotask(() => {
      done = false
    })
    advance()
  }
}

import { systemClock } from '@promline/core'
import { pause } from './pause.js'
import { type RunJobsOptions, runJobs } from './run-job.js'

/** Options of `runJobsEvery`. */
export interface RunJobsEveryOptions extends Omit<RunJobsOptions, 'signal'> {
  /** From the beginning of one run to that of the next, in milliseconds; a run that takes longer is followed at once by the next. */
  readonly intervalMs: number
  /** Ends the loop, and with it the run under way. */
  readonly signal: AbortSignal
}

/** Runs the jobs at once and then every interval. Resolves when the signal has aborted and what was under way has ended; never rejects. */
export async function runJobsEvery(options: RunJobsEveryOptions): Promise<void> {
  const { intervalMs, signal, clock = systemClock } = options
  while (!signal.aborted) {
    const dueMs = clock.monotonicMs() + intervalMs
    await runJobs(options)
    await pause(dueMs - clock.monotonicMs(), { clock, signal }).catch(() => {}) // it rejects when the loop is to end
  }
}

import { type Logger, systemClock } from '@promline/core'
import { createPushgateway } from '@promline/exporter-kit'
import { batchJobs, type JobName } from '../jobs/jobs.js'
import { pause } from '../jobs/pause.js'
import { runJobs } from '../jobs/run-job.js'

export interface DemoJobsOptions {
  /** The Pushgateway. */
  readonly url: string
  readonly intervalMs: number
  /** How likely a run is to fail of itself. */
  readonly failureProbability: number
  readonly logger: Logger
}

/** The batch jobs, again and again; each can be made to fail. */
export interface DemoJobs {
  readonly names: readonly JobName[]
  isFailing(name: JobName): boolean
  /** From now on the job fails. Resolves once it has, and has pushed that. */
  fail(name: JobName): Promise<void>
  /** From now on it succeeds, as far as chance lets it. Resolves once it ran. */
  recover(name: JobName): Promise<void>
  /** Lets the run under way end, and starts no other. */
  stop(): Promise<void>
}

/** Runs the batch jobs, the first time at once. */
export function startDemoJobs(options: DemoJobsOptions): DemoJobs {
  const { url, intervalMs, failureProbability, logger } = options
  const gateway = createPushgateway({ url, logger })
  const stopping = new AbortController()
  const failing = new Set<JobName>()
  let turn: Promise<unknown> = Promise.resolve()
  // Runs never overlap: what was pushed last is what was asked for last.
  const runInTurn = async (only?: readonly JobName[]): Promise<void> => {
    turn = turn.then(() => runJobs({ gateway, failureProbability, logger, failing: [...failing], ...(only && { only }) }))
    await turn
  }
  const loop = async (): Promise<void> => {
    const { signal } = stopping
    while (!signal.aborted) {
      const dueMs = systemClock.monotonicMs() + intervalMs
      await runInTurn()
      await pause(dueMs - systemClock.monotonicMs(), { clock: systemClock, signal }).catch(() => {}) // it rejects when the loop is to end
    }
  }
  const looping = loop()
  return {
    names: batchJobs.map(({ name }) => name),
    isFailing: (name) => failing.has(name),
    fail(name) {
      failing.add(name)
      return runInTurn([name])
    },
    recover(name) {
      failing.delete(name)
      return runInTurn([name])
    },
    async stop() {
      stopping.abort()
      await looping
      await turn
      await gateway.close()
    },
  }
}

import type { Logger } from '@promline/core'
import { createPushgateway } from '@promline/exporter-kit'
import { batchJobs, type JobName } from '../jobs/jobs.js'
import { runJobs } from '../jobs/run-job.js'
import { runJobsEvery } from '../jobs/run-jobs-every.js'

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
  /** Ends the runs under way. */
  stop(): Promise<void>
}

/** Runs the batch jobs, the first time at once. */
export function startDemoJobs({ url, intervalMs, failureProbability, logger }: DemoJobsOptions): DemoJobs {
  const gateway = createPushgateway({ url, logger })
  const stopping = new AbortController()
  const failing = new Set<JobName>()
  const run = { gateway, failureProbability, logger, signal: stopping.signal }
  const running = runJobsEvery({
    ...run,
    intervalMs,
    // Asked before each run.
    get failing() {
      return [...failing]
    },
  })
  const runNow = async (name: JobName): Promise<void> => {
    await runJobs({ ...run, only: [name], failing: [...failing] })
  }
  return {
    names: batchJobs.map(({ name }) => name),
    isFailing: (name) => failing.has(name),
    fail(name) {
      failing.add(name)
      return runNow(name)
    },
    recover(name) {
      failing.delete(name)
      return runNow(name)
    },
    async stop() {
      stopping.abort()
      await running
      await gateway.close()
    },
  }
}

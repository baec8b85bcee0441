import { type Clock, type Logger, PromlineError, silentLogger, systemClock, toError } from '@promline/core'
import { pushJob, type Pushgateway } from '@promline/exporter-kit'
import { batchJobs, type JobName } from './jobs.js'
import { pause } from './pause.js'

/** Options of `runJob`. */
export interface RunJobOptions {
  readonly gateway: Pushgateway
  /** The label `instance` of what is pushed. Default `airflow`: the jobs stand in for Airflow's. */
  readonly instance?: string
  /** Let the run fail. Default false. */
  readonly fail?: boolean
  /** How likely a run is to fail of itself, and a source to be broken, from 0 to 1. Default 0.03. */
  readonly failureProbability?: number
  /** From 0 to 1, exclusive. Default: `Math.random`. */
  readonly random?: () => number
  /** Ends the run, which then fails. */
  readonly signal?: AbortSignal
  readonly logger?: Logger
  readonly clock?: Clock
}

/** About once in three hours and a job, at a run every five minutes. */
const defaultFailureProbability = 0.03

/**
 * Runs a batch job and pushes how it went to `/metrics/job/<name>/instance/<instance>`. Rejects with what the job failed with, or, where only
 * the push failed, with that PromlineError.
 */
export async function runJob(name: JobName, options: RunJobOptions): Promise<void> {
  const { gateway, signal, random = Math.random, clock = systemClock, logger = silentLogger } = options
  const { failureProbability = defaultFailureProbability } = options
  const job = batchJobs.find((one) => one.name === name)
  if (job === undefined)
    throw new PromlineError('options', `there is no job ${name}: one of ${batchJobs.map((one) => one.name).join(', ')}`)
  const isFailing = options.fail === true || random() < failureProbability
  await pushJob(
    name,
    (metrics, { signal: stopping }) => {
      return job.run({ metrics, random, isFailing, failureProbability, work: (ms) => pause(ms, { clock, signal: stopping }) })
    },
    {
      gateway,
      grouping: { instance: options.instance ?? 'airflow' },
      prefix: job.prefix,
      clock,
      logger,
      ...(signal && { signal }),
    },
  )
}

/** What a run of several jobs came to. */
export interface JobOutcome {
  readonly name: JobName
  /** Why it failed, or why that could not be pushed; undefined for a success. */
  readonly error: Error | undefined
}

/** Options of `runJobs`. */
export interface RunJobsOptions extends Omit<RunJobOptions, 'fail'> {
  /** Which jobs run. Default: all of them. */
  readonly only?: readonly JobName[]
  /** Jobs that are to fail. Default none. */
  readonly failing?: readonly JobName[]
}

/** Runs jobs at the same time, each whatever becomes of the others. Never rejects; failures are logged. */
export async function runJobs(options: RunJobsOptions): Promise<JobOutcome[]> {
  const { only = batchJobs.map((job) => job.name), failing = [], logger = silentLogger } = options
  return Promise.all(
    only.map(async (name) => {
      try {
        await runJob(name, { ...options, fail: failing.includes(name) })
        logger.info({ job: name }, `Job ${name} succeeded.`)
        return { name, error: undefined }
      } catch (thrown) {
        const error = toError(thrown)
        logger.warn({ job: name, error }, `Job ${name} failed: ${error.message}`)
        return { name, error }
      }
    }),
  )
}

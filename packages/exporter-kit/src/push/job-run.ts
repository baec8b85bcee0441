import { type Clock, isPromlineError, type Logger, PromlineError, silentLogger, systemClock, toError } from '@promline/core'
import { type CollectedFamily, registerCollected } from '../registry/collected-metrics.js'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { isMetricName } from '../registry/names.js'
import { type CollectedJob, createJobMetrics, type JobMetrics } from './job-metrics.js'
import { groupPath, type PushGroup } from './push-group.js'
import type { Pushgateway } from './pushgateway.js'

/** Options of `pushJob`. */
export interface PushJobOptions {
  readonly gateway: Pushgateway
  /** Labels of the grouping key beside `job`, such as `{ instance: 'airflow' }`. Default none. */
  readonly grouping?: Readonly<Record<string, string>>
  /** What the names of the job's own metrics begin with: `<prefix>_duration_seconds`. Default `job`: then one alert does for all jobs. */
  readonly prefix?: string
  /**
   * Pushed along, for jobs that have metrics of prom-client. Its names must differ from those that the job gives. Where it cannot be
   * collected a failure is pushed without it.
   */
  readonly registry?: MetricRegistry
  /** Handed to the job. A push that is under way when it aborts, or begins later, has two more seconds. */
  readonly signal?: AbortSignal
  /** Told of a push that failed, which is then no error of the run. */
  readonly onPushError?: (error: Error) => void
  readonly logger?: Logger
  readonly clock?: Clock
}

/** Whoever is told to stop is killed ten seconds later as a rule, and has more to do; a gateway that is well answers in milliseconds. */
const pushAfterAbortMs = 2_000

/** What a program without types may forget: its job would have done its work by the time of the push. */
function assertGateway(gateway: Pushgateway | undefined): void {
  if (typeof gateway?.push === 'function' && typeof gateway.add === 'function') return
  throw new PromlineError('options', 'push: the gateway must be given, as createPushgateway makes it', { facts: { option: 'gateway' } })
}

/** One run of a job: its metrics, and their push when it has ended. */
export class JobRun {
  readonly #options: PushJobOptions
  readonly #group: PushGroup
  readonly #names: OutcomeNames
  readonly #job: CollectedJob
  readonly #clock: Clock
  readonly #beganMs: number

  /** Throws a PromlineError (`options`) for a group that cannot be pushed to, and for a prefix that begins no name. */
  constructor(name: string, options: PushJobOptions) {
    const { gateway, grouping = {}, prefix = 'job', clock = systemClock } = options
    assertGateway(gateway)
    this.#options = options
    this.#group = { job: name, grouping }
    groupPath(this.#group) // would throw later as well, but then for a job that has done its work
    this.#names = outcomeNames(prefix)
    const groupingNames = ['job', ...Object.keys(grouping)]
    this.#job = createJobMetrics({ reserved: Object.values(this.#names), groupingNames, onLate: (metric) => this.#warnOfLate(metric) })
    this.#clock = clock
    this.#beganMs = clock.monotonicMs()
  }

  /** For the job. */
  get metrics(): JobMetrics {
    return this.#job.metrics
  }

  /** Pushes a success in the place of everything in the group. Rejects where it could not, unless someone is told instead. */
  async pushSuccess(): Promise<void> {
    try {
      await this.#push('success')
    } catch (cause) {
      const error = pushError(`job ${this.#group.job} succeeded, but that was not pushed`, cause)
      if (this.#options.onPushError === undefined) throw error
      this.#options.onPushError(error)
    }
  }

  /** Adds a failure to the group. Never rejects: what the job threw matters more. */
  async pushFailure(): Promise<void> {
    const { logger = silentLogger, onPushError } = this.#options
    try {
      await this.#push('failure')
    } catch (cause) {
      const error = pushError(`job ${this.#group.job} failed, and that was not pushed`, cause)
      logger.error({ job: this.#group.job, error }, error.message)
      try {
        onPushError?.(error)
      } catch (thrown) {
        logger.error({ job: this.#group.job, error: thrown }, `job ${this.#group.job}: onPushError threw: ${toError(thrown).message}`)
      }
    }
  }

  async #push(outcome: 'success' | 'failure'): Promise<void> {
    const { gateway, registry: further, signal } = this.#options
    this.#job.end()
    const own = this.#job.registry
    registerCollected(own, this.#outcomeFamilies(outcome))
    const registry: MetricRegistry = {
      contentType: further?.contentType ?? own.contentType,
      metrics: async () => (await own.metrics()) + (await this.#furtherText(outcome)),
    }
    const limit = limitAfterAbort(signal, this.#clock)
    const request = { ...this.#group, registry, signal: limit.signal }
    try {
      await (outcome === 'success' ? gateway.push(request) : gateway.add(request))
    } finally {
      limit.release()
    }
  }

  /** What the caller's registry shows. What made the job fail may be what it asks as well: then the failure is pushed without it. */
  async #furtherText(outcome: 'success' | 'failure'): Promise<string> {
    const { registry, logger = silentLogger } = this.#options
    try {
      return (await registry?.metrics()) ?? ''
    } catch (thrown) {
      if (outcome === 'success') throw thrown
      const job = this.#group.job
      logger.error({ job, error: thrown }, `job ${job}: its registry could not be collected, and is left out: ${toError(thrown).message}`)
      return ''
    }
  }

  #warnOfLate(metric: string): void {
    const { logger = silentLogger } = this.#options
    const job = this.#group.job
    logger.warn(
      { job, metric },
      `Job ${job} set the metric ${metric} after its end, which is not pushed: something in it was not waited for.`,
    )
  }

  #outcomeFamilies(outcome: 'success' | 'failure'): CollectedFamily[] {
    const endedSeconds = this.#clock.nowMs() / 1000
    const family = (name: string, help: string, value: number): CollectedFamily => ({
      name,
      help,
      type: 'gauge',
      values: () => [{ value, labels: {} }],
    })
    const { duration, success, lastRun, lastSuccess } = this.#names
    const families = [
      family(duration, 'How long the last run took.', (this.#clock.monotonicMs() - this.#beganMs) / 1000),
      family(success, 'Whether the last run succeeded: 1 or 0.', outcome === 'success' ? 1 : 0),
      family(lastRun, 'When the last run ended, in Unix seconds.', endedSeconds),
    ]
    return outcome === 'failure'
      ? families
      : [...families, family(lastSuccess, 'When a run last succeeded, in Unix seconds.', endedSeconds)]
  }
}

type OutcomeNames = Readonly<Record<'duration' | 'success' | 'lastRun' | 'lastSuccess', string>>

function outcomeNames(prefix: string): OutcomeNames {
  if (!isMetricName(prefix)) {
    const facts = { option: 'prefix' }
    throw new PromlineError('options', `push: the prefix ${JSON.stringify(prefix)} is not [a-zA-Z_:][a-zA-Z0-9_:]*`, { facts })
  }
  return {
    duration: `${prefix}_duration_seconds`,
    success: `${prefix}_success`,
    lastRun: `${prefix}_last_run_timestamp`,
    lastSuccess: `${prefix}_last_success_timestamp`,
  }
}

function pushError(what: string, thrown: unknown): PromlineError {
  const cause = toError(thrown)
  const [code, facts] = isPromlineError(cause) ? [cause.code, cause.facts] : (['unavailable', {}] as const)
  return new PromlineError(code, `${what}: ${cause.message}`, { cause, facts })
}

/** A signal that aborts some time after another one has. Release it when nobody needs it. */
function limitAfterAbort(signal: AbortSignal | undefined, clock: Clock): { signal: AbortSignal; release(): void } {
  const limit = new AbortController()
  let cancel = (): void => {}
  const onAbort = (): void => {
    cancel = clock.schedule(pushAfterAbortMs, () => limit.abort(signal?.reason))
  }
  if (signal?.aborted === true) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: limit.signal,
    release() {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

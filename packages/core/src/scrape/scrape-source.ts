import { hostname } from 'node:os'
import type { HttpClient, HttpClientOptions } from '../http/client-options.js'
import { createHttpClient } from '../http/http-client.js'
import { userAgent } from '../http/user-agent.js'
import { type Clock, systemClock } from '../model/clock.js'
import { PromlineError } from '../model/errors.js'
import type { Consume, Source } from '../model/flow.js'
import { holdProcess } from '../model/hold-process.js'
import { type Instruments, noInstruments } from '../model/instruments.js'
import { type Logger, silentLogger } from '../model/logger.js'
import { MetadataTable } from '../model/metadata.js'
import { createSharedController } from '../model/shared-controller.js'
import type { ScrapeConfig, TargetStatus } from './scrape-config.js'
import { createScrapeInstruments, type ScrapeInstruments } from './scrape-instruments.js'
import { createScrapeJob } from './scrape-job.js'
import { ScrapePool } from './scrape-pool.js'
import { createSharedTimer } from './shared-timer.js'
import { SharedParts } from './warm/shared-parts.js'

export interface ScrapeSourceOptions {
  /** As `validateScrapeConfig` gives them; job names are unique. */
  readonly configs: readonly ScrapeConfig[]
  /** Default 'scrape'. */
  readonly name?: string
  /**
   * Spreads scrapes over their intervals: the same seed gives the same moments after a restart, another one gives others. Default: the
   * host's name.
   */
  readonly seed?: string
  /** Scrape every target at once, then at its interval, instead of spreading. Default false. */
  readonly scrapeAtOnce?: boolean
  /**
   * Read pages by comparing them with the last one, which costs a fraction of parsing them and gives the same batches. Default true; false
   * parses every line of every page.
   */
  readonly fastPath?: boolean
  /**
   * Compare in WebAssembly where this machine can run it: the same results in less time. Default true. Without `fastPath` it means nothing.
   */
  readonly webAssembly?: boolean
  readonly logger?: Logger
  readonly instruments?: Instruments
  readonly clock?: Clock
  /** Makes the client of a job. Default: `createHttpClient`. */
  readonly createClient?: (options: HttpClientOptions) => HttpClient
}

/** Scrapes the targets of some jobs, each scrape one batch. */
export interface ScrapeSource extends Source {
  /** How every target does, in the order of the configuration. */
  targets(): TargetStatus[]
  /**
   * Takes another configuration, before or while it runs: targets that stay go on without a gap, those that went are marked as ended.
   * Throws as `createScrapeSource` does, and then nothing has changed.
   */
  apply(configs: readonly ScrapeConfig[]): void
}

/**
 * A source that scrapes. Stopping it ends scrapes under way without a batch, and marks nothing as ended, as in Prometheus. Throws a
 * PromlineError: `options` for a job that is there twice, `relabel` for a rule that cannot be compiled.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export function createScrapeSource(options: ScrapeSourceOptions): ScrapeSource {
  return new TargetScrapeSource(options)
}

class TargetScrapeSource implements ScrapeSource {
  readonly name: string
  readonly #options: ScrapeSourceOptions
  readonly #logger: Logger
  readonly #metadata = new MetadataTable()
  readonly #parts = new SharedParts()
  readonly #clock: Clock
  readonly #ticks: Clock
  readonly #instrumentsOf: (job: string) => ScrapeInstruments
  #pools = new Map<string, ScrapePool>()
  /** Jobs that a reload removed, until this source stops: their targets' ends may still have to be marked. */
  readonly #retired = new Map<string, ScrapePool>()
  #run: { readonly consume: Consume; readonly signal: AbortSignal } | undefined

  constructor(options: ScrapeSourceOptions) {
    this.name = options.name ?? 'scrape'
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#clock = options.clock ?? systemClock
    this.#ticks = createSharedTimer(this.#clock)
    this.#instrumentsOf = createScrapeInstruments(options.instruments ?? noInstruments)
    this.apply(options.configs)
  }

  targets(): TargetStatus[] {
    return [...this.#pools.values()].flatMap((pool) => pool.statuses())
  }

  apply(configs: readonly ScrapeConfig[]): void {
    assertConfigs(configs)
    assertUniqueJobs(configs)
    const createClient = this.#options.createClient ?? ((http) => createHttpClient({ ...http, userAgent }))
    const jobs = configs.map((config) => createScrapeJob(config, { createClient, logger: this.#logger }))
    const before = this.#pools
    this.#pools = new Map()
    for (const job of jobs) {
      const { jobName } = job.config
      const known = before.get(jobName) ?? this.#retired.get(jobName)
      before.delete(jobName)
      this.#retired.delete(jobName)
      known?.apply(job)
      this.#pools.set(jobName, known ?? this.#createPool(job))
    }
    for (const [jobName, pool] of before) {
      pool.retire()
      this.#retired.set(jobName, pool)
    }
  }

  async run(consume: Consume, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const release = holdProcess() // there may be no target
    try {
      const ended = endOf(signal)
      this.#run = { consume, signal: ended }
      for (const pool of this.#pools.values()) pool.start(this.#run)
      await aborted(ended)
      this.#run = undefined
      await Promise.all([...this.#pools.values(), ...this.#retired.values()].map((pool) => pool.stop()))
    } finally {
      release()
    }
  }

  #createPool(job: ReturnType<typeof createScrapeJob>): ScrapePool {
    const pool = new ScrapePool(job, {
      clock: this.#clock,
      ticks: this.#ticks,
      logger: this.#logger,
      instruments: this.#instrumentsOf(job.config.jobName),
      seed: this.#options.seed ?? hostname(),
      scrapeAtOnce: this.#options.scrapeAtOnce ?? false,
      fastPath: this.#options.fastPath ?? true,
      webAssembly: this.#options.webAssembly ?? true,
      metadata: this.#metadata,
      parts: this.#parts,
    })
    if (this.#run !== undefined) pool.start(this.#run)
    return pool
  }
}

/** What a program without types may leave out. */
function assertConfigs(configs: unknown): void {
  if (Array.isArray(configs) && configs.every((config) => typeof config === 'object' && config !== null)) return
  const message = 'scrape source: configs must be a list of scrape configs, as validateScrapeConfig gives them'
  throw new PromlineError('options', message, { facts: { option: 'configs' } })
}

function assertUniqueJobs(configs: readonly ScrapeConfig[]): void {
  const names = new Set<string>()
  for (const { jobName } of configs) {
    if (names.has(jobName))
      throw new PromlineError('options', `scrape config ${JSON.stringify(jobName)} is there twice`, { facts: { jobName } })
    names.add(jobName)
  }
}

/** Aborts with a signal, and takes a listener of each scrape that is under way: the signal itself has one. */
function endOf(signal: AbortSignal): AbortSignal {
  const controller = createSharedController()
  const abort = (): void => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

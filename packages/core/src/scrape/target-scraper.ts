import type { HttpClient } from '../http/client-options.js'
import { redactUrl } from '../http/secret.js'
import type { Batch, Columns, Origin } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { isPromlineError, toError } from '../model/errors.js'
import type { Consume } from '../model/flow.js'
import type { Logger } from '../model/logger.js'
import type { MetadataTable } from '../model/metadata.js'
import type { SeriesList } from '../model/series-list.js'
import type { Relabeler } from '../relabel/relabeler.js'
import { automaticColumns, automaticSeriesList } from './automatic-series.js'
import { type FailedBody, type FaultPlace, keepFailedBody } from './failed-body.js'
import { fetchPage, UnusablePageError } from './fetch-page.js'
import type { Page } from './page.js'
import type { PageIntake } from './page-intake.js'
import { PlainPages } from './plain-pages.js'
import type { ScrapeConfig, TargetStatus } from './scrape-config.js'
import type { ScrapeInstruments } from './scrape-instruments.js'
import { createSeriesMutator } from './series-mutator.js'
import { staleColumns } from './stale-columns.js'
import type { Target } from './target.js'
import type { TargetPages } from './target-pages.js'
import type { SharedParts } from './warm/shared-parts.js'
import { WarmPages } from './warm/warm-pages.js'

/** What a target is scraped with; a reload may give it another one. */
export interface TargetSettings {
  readonly target: Target
  readonly config: ScrapeConfig
  readonly client: HttpClient
  /** The job's metric_relabel_configs. */
  readonly relabeler: Relabeler
  /** See `Origin.id`. */
  readonly originId: string
  /** Why it must not be scraped: every scrape fails with this. */
  readonly forcedError?: Error
}

/** What a target needs of its surroundings. */
export interface ScrapeContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly instruments: ScrapeInstruments
  /** See `ScrapeSourceOptions.fastPath`. */
  readonly fastPath: boolean
  /** See `ScrapeSourceOptions.webAssembly`. */
  readonly webAssembly: boolean
  /** Shared by targets that say the same of the same families; undefined: its own. */
  readonly metadata?: MetadataTable
  /** Shared by targets that share `metadata`; undefined: its own. */
  readonly parts?: SharedParts
}

type LastScrape = Pick<TargetStatus, 'health' | 'lastScrapeMs' | 'lastDurationMs' | 'lastSamples' | 'lastError' | 'lastFailedBody'>

/** What came of reading a page. */
interface Reading {
  readonly error?: Error
  /** Of the body, where that is what was wrong. */
  readonly failedBody?: FailedBody
  /** Whether no body came. */
  readonly isEmpty: boolean
  /** Of the page; none where only a part of it came. */
  readonly counts: Counts
}

type Counts = Pick<PageIntake, 'scraped' | 'afterRelabeling' | 'seriesAdded'>

const noCounts: Counts = { scraped: 0, afterRelabeling: 0, seriesAdded: 0 }

/** Scrapes one target: fetches its page, makes a batch of it and hands it on. Keeps what the next scrape needs to know. */
export class TargetScraper {
  readonly #context: ScrapeContext
  readonly #pages: TargetPages
  #settings: TargetSettings
  #origin: Origin
  #automatic: SeriesList
  /** Whether automatic series of this target were stored, so that their end must be marked. */
  #reported = false
  #last: LastScrape = { health: 'unknown' }
  /** Batches in a row that were not stored: the first is logged, and the end of it. */
  #notStored = 0
  #skipped = 0

  constructor(settings: TargetSettings, context: ScrapeContext) {
    this.#context = context
    this.#settings = settings
    this.#origin = originOf(settings)
    this.#automatic = automaticSeriesList(settings.target.labels)
    const mutate = mutatorOf(settings)
    this.#pages = context.fastPath ? new WarmPages(mutate, context) : new PlainPages(mutate, context.metadata)
  }

  get target(): Target {
    return this.#settings.target
  }

  /** Other settings from the next scrape on. What is known of the series stays. */
  update(settings: TargetSettings): void {
    if (!settings.target.labels.equals(this.#settings.target.labels)) this.#automatic = automaticSeriesList(settings.target.labels)
    this.#settings = settings
    this.#origin = originOf(settings)
    this.#pages.setMutator(mutatorOf(settings))
  }

  countSkipped(count: number): void {
    this.#skipped += count
    this.#context.instruments.skipped(count)
  }

  /** One scrape. Never rejects; does nothing more once the signal aborts. */
  async scrape(timestampMs: number, consume: Consume, signal: AbortSignal): Promise<void> {
    const startMs = this.#context.clock.monotonicMs()
    const page = this.#pages.begin({ config: this.#settings.config, timestampMs })
    const reading = await this.#read(page, signal)
    if (signal.aborted) return
    const durationMs = this.#context.clock.monotonicMs() - startMs
    this.#keepStatus(reading, timestampMs, durationMs)
    const { error, counts } = reading
    const columns: Columns[] =
      error === undefined ? [...page.columns(), ...this.#pages.goneColumns(timestampMs)] : this.#pages.storedColumns(timestampMs)
    const report = {
      up: error === undefined,
      durationMs,
      samplesScraped: counts.scraped,
      samplesPostMetricRelabeling: counts.afterRelabeling,
      seriesAdded: counts.seriesAdded,
    }
    columns.push(automaticColumns(this.#automatic, report, timestampMs))
    const stored = await this.#hand(columns, consume, signal)
    if (stored) {
      this.#reported = true
      this.#pages.commit(error === undefined)
    }
    this.#pages.end({ good: error === undefined, empty: reading.isEmpty, read: counts === page.intake })
    this.#count(page, error === undefined, stored)
  }

  /** Marks the end of everything that was stored of this target, which was removed. Never rejects. */
  async markEnd(timestampMs: number, consume: Consume, signal: AbortSignal): Promise<void> {
    const columns: Columns[] = this.#pages.storedColumns(timestampMs)
    if (this.#reported) columns.push(staleColumns(this.#automatic, timestampMs))
    if (columns.length > 0) await this.#hand(columns, consume, signal)
  }

  status(): TargetStatus {
    const { target } = this.#settings
    return {
      jobName: target.jobName,
      instance: target.labels.get('instance') ?? '',
      url: redactUrl(target.url),
      labels: target.labels.toObject(),
      discoveredLabels: target.discoveredLabels.toObject(),
      ...this.#last,
      scrapeIntervalMs: target.intervalMs,
      scrapesSkipped: this.#skipped,
    }
  }

  async #read(page: Page, signal: AbortSignal): Promise<Reading> {
    const { target, config, client, forcedError } = this.#settings
    if (forcedError !== undefined) return { isEmpty: true, error: forcedError, counts: noCounts }
    try {
      const { bytes, failure } = await fetchPage({ client, target, config, page, signal })
      const fault = failure !== undefined && { error: failure, failedBody: page.failedBody(placeOf(failure)) }
      return { isEmpty: bytes === 0, ...fault, counts: page.intake }
    } catch (thrown) {
      const error = toError(thrown)
      if (!(error instanceof UnusablePageError)) return { isEmpty: true, error, counts: noCounts }
      return { isEmpty: error.body.length === 0, error, failedBody: keepFailedBody(error.body, {}), counts: noCounts }
    }
  }

  async #hand(columns: readonly Columns[], consume: Consume, signal: AbortSignal): Promise<boolean> {
    const batch: Batch = { origin: this.#origin, columns }
    try {
      await consume(batch, { signal })
      this.#keepStored()
      return true
    } catch (thrown) {
      const error = toError(thrown)
      this.#last = { ...this.#last, lastError: `scraped, but not stored: ${error.message}` }
      if (!signal.aborted) this.#keepNotStored(error)
      return false
    }
  }

  #keepStored(): void {
    if (this.#notStored === 0) return
    const { id } = this.#origin
    const missing = `${this.#notStored} ${this.#notStored === 1 ? 'was' : 'were'} not`
    this.#notStored = 0
    this.#context.logger.info({ origin: id }, `${id}: scrapes are stored again; ${missing}`)
  }

  #keepNotStored(error: Error): void {
    if (++this.#notStored > 1) return
    const { id } = this.#origin
    this.#context.logger.error({ error, origin: id }, `${id}: a scrape could not be stored: ${error.message}`)
  }

  #keepStatus({ error, failedBody, counts }: Reading, timestampMs: number, durationMs: number): void {
    const before = this.#last.health
    const health = error === undefined ? 'up' : 'down'
    const last = { health, lastScrapeMs: timestampMs, lastDurationMs: durationMs, lastSamples: counts.scraped } as const
    this.#last =
      error === undefined ? last : { ...last, lastError: error.message, ...(failedBody !== undefined && { lastFailedBody: failedBody }) }
    if (health === before) return
    const { logger } = this.#context
    const facts = { origin: this.#origin.id, url: redactUrl(this.#settings.target.url) }
    if (error !== undefined) logger.warn({ ...facts, error }, `${this.#origin.id} is down: ${error.message}`)
    else if (before === 'down') logger.info(facts, `${this.#origin.id} is up again`)
  }

  #count(page: Page, succeeded: boolean, stored: boolean): void {
    const { instruments } = this.#context
    instruments.scrapes(stored ? (succeeded ? 'success' : 'failure') : 'not_stored')
    if (!succeeded || !stored) return
    for (const [reason, count] of Object.entries(page.intake.dropped)) if (count > 0) instruments.droppedSamples(reason, count)
  }
}

function originOf({ target, originId }: TargetSettings): Origin {
  return { kind: 'target', id: originId, url: target.publicUrl, targetLabels: target.labels }
}

function mutatorOf({ target, config, relabeler }: TargetSettings): ReturnType<typeof createSeriesMutator> {
  return createSeriesMutator({ targetLabels: target.labels, config, relabeler })
}

/** The place of a fault in a body, where the error knows one. */
function placeOf(error: Error): FaultPlace {
  const { line, column } = isPromlineError(error) ? error.facts : {}
  return { ...(typeof line === 'number' && { line }), ...(typeof column === 'number' && { column }) }
}

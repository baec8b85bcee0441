import {
  type Batch,
  type Clock,
  type Columns,
  type Consume,
  countsOf,
  createLabels,
  encodeUtf8,
  type Instruments,
  type LabelsInput,
  type Logger,
  maxTimerMs,
  noInstruments,
  type Origin,
  PromlineError,
  type Source,
  silentLogger,
  systemClock,
  toError,
  totalOf,
} from '@promline/core'
import { type Collect, createCollect, defaultCollectTimeoutMs } from './collect-registry.js'
import { RegistryGathering } from './gathering.js'
import type { MetricRegistry } from './metric-registry.js'

/** Options of `registrySource`. */
export interface RegistrySourceOptions {
  /** What is gathered: a `Registry` of prom-client, of @prometheus-io/client, or anything of that shape, in the text format. */
  readonly registry: MetricRegistry
  /** Names the source, and the origin of its batches. */
  readonly name: string
  /** From one gathering to the next, in milliseconds; at least 1. */
  readonly intervalMs: number
  /** A collection that takes longer has failed. Default 10,000. */
  readonly collectTimeoutMs?: number
  /** Added to every series that does not have them: `job`, `instance`, `cluster`. Default none. */
  readonly labels?: LabelsInput
  /** Whether the series end when the source stops, rather than five minutes later. Default true. */
  readonly staleAtStop?: boolean
  readonly logger?: Logger
  /** `registry_gathers_skipped_total` and `registry_lost_samples_total`, by `source`. */
  readonly instruments?: Instruments
  readonly clock?: Clock
}

/** How long a source that is told to stop waits for its last writes: a pipeline closes within 5 s, and has more to do. */
const stopTimeoutMs = 2_000

/**
 * A registry of this process as a source: gathered at once and then every `intervalMs`, without a port and without a scrape. Timestamps
 * strictly increase, also where the wall clock goes back. A gathering is never begun while the one before is not acknowledged: the tick
 * is skipped and counted. What is not accepted is lost, counted and logged; the next gathering has the metrics' values as of then.
 *
 * A series that is gone gets a staleness marker, and so do all of them when a collection fails or hangs, as in a scrape.
 *
 * Throws a PromlineError (`options`) for an interval or a timeout out of range, and for a registry of OpenMetrics text.
 */
export function registrySource(options: RegistrySourceOptions): Source {
  const { registry, name, intervalMs, collectTimeoutMs = defaultCollectTimeoutMs } = options
  const facts = { name }
  if (!(intervalMs >= 1 && Number.isFinite(intervalMs))) {
    throw new PromlineError('options', `registry source ${name}: intervalMs must be at least 1, not ${intervalMs}`, { facts })
  }
  if (intervalMs > maxTimerMs) {
    throw new PromlineError('options', `registry source ${name}: intervalMs must be at most ${maxTimerMs}, not ${intervalMs}`, { facts })
  }
  if (!(collectTimeoutMs >= 1 && collectTimeoutMs <= maxTimerMs)) {
    const message = `registry source ${name}: collectTimeoutMs must be from 1 to ${maxTimerMs}, not ${collectTimeoutMs}`
    throw new PromlineError('options', message, { facts })
  }
  if (registry.contentType.startsWith('application/openmetrics-text')) {
    const advice = 'make it with the content type of the text format, Registry.PROMETHEUS_CONTENT_TYPE'
    throw new PromlineError('options', `registry source ${name}: the registry speaks OpenMetrics; ${advice}`, { facts })
  }
  return { name, run: (consume, { signal }) => new RegistryRun(options, consume).run(signal) }
}

/** One run of a source. */
class RegistryRun {
  readonly #options: RegistrySourceOptions
  readonly #consume: Consume
  readonly #collect: Collect
  readonly #gathering: RegistryGathering
  readonly #origin: Origin
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #countSkipped: (amount: number) => void
  readonly #countLost: (amount: number) => void
  readonly #deadline = new AbortController()
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(options: RegistrySourceOptions, consume: Consume) {
    const { name, labels = {}, logger = silentLogger, clock = systemClock, instruments = noInstruments } = options
    this.#options = options
    this.#consume = consume
    this.#collect = createCollect(options.registry, { timeoutMs: options.collectTimeoutMs ?? defaultCollectTimeoutMs, clock })
    this.#gathering = new RegistryGathering(labels)
    this.#origin = { kind: 'registry', id: name, targetLabels: createLabels(labels) }
    this.#logger = logger
    this.#clock = clock
    const counter = (counterName: string, help: string) => {
      const add = instruments.counter({ name: counterName, help, labelNames: ['source'] })
      return (amount: number) => add(amount, { source: name })
    }
    this.#countSkipped = counter('registry_gathers_skipped_total', 'Gatherings skipped because the one before was not acknowledged.')
    this.#countLost = counter('registry_lost_samples_total', 'Gathered samples that the pipeline did not accept.')
  }

  async run(signal: AbortSignal): Promise<void> {
    const cancelDeadline = this.#startDeadlineAtStop(signal)
    const startMs = this.#clock.monotonicMs()
    for (let tick = 0; !signal.aborted; ) {
      await this.#gather(signal)
      // A timer may fire a moment early: that is no second tick.
      const due = Math.max(tick, Math.floor((this.#clock.monotonicMs() - startMs) / this.#options.intervalMs)) + 1
      if (due > tick + 1) this.#countSkipped(due - tick - 1)
      tick = due
      await this.#sleep(startMs + tick * this.#options.intervalMs - this.#clock.monotonicMs(), signal)
    }
    if (this.#options.staleAtStop ?? true) await this.#write(this.#gathering.end(this.#nextTimestampMs()))
    cancelDeadline()
  }

  /** The stop itself ends no write: what was gathered may still be taken, until the deadline. */
  #startDeadlineAtStop(signal: AbortSignal): () => void {
    let cancel = (): void => {}
    whenAborted(signal, () => {
      cancel = this.#clock.schedule(stopTimeoutMs, () => this.#deadline.abort())
    })
    return () => cancel()
  }

  async #gather(signal: AbortSignal): Promise<void> {
    const { name } = this.#options
    let columns: readonly Columns[]
    let timestampMs: number | undefined
    try {
      const text = await this.#collect(signal)
      timestampMs = this.#nextTimestampMs()
      const gathered = this.#gathering.gather(encodeUtf8(text), timestampMs)
      columns = gathered.columns
      if (gathered.duplicates > 0) {
        this.#countLost(gathered.duplicates)
        this.#logger.error({ name, samples: gathered.duplicates }, 'The registry shows a series twice; the first sample counts.')
      }
    } catch (thrown) {
      // Told to stop before the metrics have answered: there is nothing to say.
      if (signal.aborted && thrown === signal.reason) return
      const error = toError(thrown)
      this.#logger.warn({ name, error }, `The registry could not be gathered: ${error.message}`)
      columns = this.#gathering.end(timestampMs ?? this.#nextTimestampMs())
    }
    await this.#write(columns)
  }

  async #write(columns: readonly Columns[]): Promise<void> {
    if (columns.length === 0) return
    const batch: Batch = { origin: this.#origin, columns }
    try {
      await this.#consume(batch, { signal: this.#deadline.signal })
    } catch (thrown) {
      const error = toError(thrown)
      const samples = totalOf(countsOf(batch))
      this.#countLost(samples)
      this.#logger.error({ name: this.#options.name, samples, error }, `A gathering was not accepted: ${error.message}`)
    }
  }

  /** The wall clock, but always later than the last time. */
  #nextTimestampMs(): number {
    this.#lastMs = Math.max(this.#clock.nowMs(), this.#lastMs + 1)
    return this.#lastMs
  }

  #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(delayMs, () => {
        stopWatching()
        resolve()
      })
      const stopWatching = whenAborted(signal, () => {
        cancel()
        resolve()
      })
    })
  }
}

/** Calls back once when the signal aborts, or at once where it has. Returns what takes the listener away. */
function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback()
    return () => {}
  }
  signal.addEventListener('abort', callback, { once: true })
  return () => signal.removeEventListener('abort', callback)
}

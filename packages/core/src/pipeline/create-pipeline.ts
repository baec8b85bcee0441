import type { SinkLedger } from '../delivery/sink-ledger.js'
import { totalOf } from '../model/batch.js'
import { type Clock, systemClock } from '../model/clock.js'
import { isPromlineError, PromlineError, toError } from '../model/errors.js'
import type { Consume, Source } from '../model/flow.js'
import { holdProcess } from '../model/hold-process.js'
import { noInstruments } from '../model/instruments.js'
import { type Logger, silentLogger } from '../model/logger.js'
import { createSharedController } from '../model/shared-controller.js'
import type { GivenUp } from '../spool/spool.js'
import { accountsLine, IntakeLedger, pipelineAccounts } from './accounts.js'
import { CloseDeadline } from './close-deadline.js'
import { Intake } from './intake.js'
import type {
  Accounts,
  CloseOptions,
  FlushOptions,
  Pipeline,
  PipelineEvents,
  PipelineOptions,
  PipelineStatus,
  SinkSetup,
} from './pipeline.js'
import { SelfMetrics } from './self-metrics.js'
import { SinkRunner, untilAborted } from './sink-runner.js'
import { SinkSet } from './sink-set.js'
import { SourceRunner } from './source-runner.js'
import { createSinkObserver, Watchers } from './watchers.js'
import { assertSinkNames, assertSourceNames, validatePipelineOptions } from './validate-pipeline-options.js'

/** Kubernetes gives a process 30 s, people give it five. */
const defaultCloseDeadlineMs = 5_000

/** Of the deadline, this share is kept for what comes after draining: attempts that are aborted, sinks, the spool. A second is plenty. */
const closeReserveShare = 0.2
const maxCloseReserveMs = 1_000

/** Puts a pipeline together. Nothing is opened yet. Throws a PromlineError (`options`) for options that cannot be used. */
export function createPipeline(options: PipelineOptions): Pipeline {
  return new RunningPipeline(options)
}

class RunningPipeline implements Pipeline {
  readonly name: string
  readonly write: Consume
  readonly #options: PipelineOptions
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #metrics: SelfMetrics
  readonly #watchers: Watchers
  readonly #intakeLedger = new IntakeLedger()
  readonly #intake: Intake
  readonly #sources: SourceRunner
  readonly #sinks: SinkSet
  #state: PipelineStatus['state'] = 'new'
  #opening: Promise<void> | undefined
  #opened = false
  /** This pipeline opened the spool, not another that was given it: only who opened it closes it. */
  #holdsSpool = false
  #closing: Promise<void> | undefined
  #applying: Promise<void> = Promise.resolve()
  /** Ends `run`: a close from elsewhere, or a source that cannot go on. */
  readonly #ended = createSharedController()
  #failure: Error | undefined

  constructor(options: PipelineOptions) {
    validatePipelineOptions(options)
    this.name = options.name
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#clock = options.clock ?? systemClock
    this.#metrics = new SelfMetrics(options.name, options.instruments ?? noInstruments)
    this.#watchers = new Watchers(options.name, { logger: this.#logger, metrics: this.#metrics })
    this.#sinks = new SinkSet(options.sinks, {
      spool: options.spool,
      create: (setup, ledger) => this.#createRunner(setup, ledger),
      removed: (sink) => this.#reportRemoved(sink),
    })
    this.#intake = this.#createIntake()
    this.write = (batch, writeOptions) =>
      this.#closing === undefined ? this.#intake.write(batch, writeOptions?.signal) : Promise.reject(this.#closedError())
    this.#sources = new SourceRunner(options.sources ?? [], {
      // Sources may write while they stop; after that the intake is closed for them as well.
      consume: (batch, writeOptions) => this.#intake.write(batch, writeOptions?.signal),
      onFailure: (source, error) => this.#fail(source, error),
    })
  }

  get events(): PipelineEvents {
    return this.#watchers.events
  }

  open(): Promise<void> {
    if (this.#closing !== undefined && this.#opening === undefined) return Promise.reject(this.#closedError())
    this.#opening ??= this.#open()
    return this.#opening
  }

  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const release = holdProcess() // there may be no source, or none that has anything to do
    try {
      await this.open()
      if (this.#state === 'running' && !options.signal.aborted) {
        this.#sources.start()
        await Promise.race([aborted(options.signal), aborted(this.#ended.signal)])
      }
      await this.close()
    } finally {
      release()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  async flush(options: FlushOptions = {}): Promise<void> {
    await this.open()
    const { head } = this.#options.spool.status()
    const signal = options.signal ?? new AbortController().signal
    const stop = createSharedController()
    const onEnd = (): void => stop.abort()
    signal.addEventListener('abort', onEnd)
    this.#ended.signal.addEventListener('abort', onEnd)
    if (this.#ended.signal.aborted) stop.abort()
    try {
      signal.throwIfAborted()
      const settled = await this.#sinks.flush(head, stop.signal)
      signal.throwIfAborted()
      if (!settled) throw this.#closedError()
    } finally {
      signal.removeEventListener('abort', onEnd)
      this.#ended.signal.removeEventListener('abort', onEnd)
    }
  }

  close(options: CloseOptions = {}): Promise<void> {
    try {
      this.#closing ??= this.#close(new CloseDeadline(this.#clock, options.deadlineMs ?? defaultCloseDeadlineMs))
      return this.#closing
    } catch (error) {
      return Promise.reject(toError(error))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  apply(change: { readonly sources?: readonly Source[]; readonly sinks?: readonly SinkSetup[] }): Promise<void> {
    const applied = this.#applying.then(async () => {
      if (this.#closing !== undefined) throw this.#closedError()
      await this.#opening
      if (change.sinks !== undefined) assertSinkNames(this.name, change.sinks)
      if (change.sources !== undefined) assertSourceNames(this.name, change.sources)
      if (change.sinks !== undefined) await this.#applySinks(change.sinks)
      if (change.sources !== undefined) await this.#sources.apply(change.sources)
    })
    this.#applying = applied.catch(() => {})
    return applied
  }

  accounts(): Accounts {
    return pipelineAccounts(
      this.#intakeLedger,
      this.#sinks.runners.map((sink) => [sink.name, sink.ledger] as const),
    )
  }

  status(): PipelineStatus {
    return {
      name: this.name,
      state: this.#state,
      spool: this.#options.spool.status(),
      sinks: this.#sinks.runners.map((sink) => sink.status()),
    }
  }
  #createIntake(): Intake {
    const { spool, tap, transforms } = this.#options
    const isMemory = spool.status().kind === 'memory'
    return new Intake({
      pipeline: this.name,
      spool,
      transforms: transforms ?? [],
      logger: this.#logger,
      ledger: this.#intakeLedger,
      ready: () => this.open(),
      // A memory spool confirms after the delivery; its batches come in for a sink when they are read.
      confirmed: (seq, counts) => {
        if (!isMemory) this.#sinks.confirm(seq, counts)
      },
      accepted: (batch, counts, dropped) => {
        this.#metrics.accepted(counts, dropped)
        if (this.#watchers.isHeard('batch')) this.#watchers.emit('batch', { origin: batch.origin, counts })
        for (const { reason, counts: gone } of dropped) this.#watchers.emit('dropped', { reason, counts: gone })
      },
      refused: (counts, error) => this.#metrics.refused(counts, isPromlineError(error) ? error.code : 'other'),
      ...(tap !== undefined && { tap }),
    })
  }

  #createRunner(setup: SinkSetup, ledger?: SinkLedger): SinkRunner {
    const { name } = setup.sink
    return new SinkRunner({
      setup,
      spool: this.#options.spool,
      clock: this.#clock,
      random: this.#options.random ?? Math.random,
      logger: this.#logger,
      observer: createSinkObserver(name, this.#watchers),
      onBooked: (kind, counts, reason) => this.#metrics.booked(name, { kind, counts, ...(reason !== undefined && { reason }) }),
      ...(ledger !== undefined && { ledger }),
    })
  }

  #reportRemoved({ name, ledger }: SinkRunner): void {
    const left = totalOf(ledger.spooled) + totalOf(ledger.inFlight)
    const facts = { pipeline: this.name, sink: name, left }
    if (left > 0 && this.#options.spool.status().kind === 'memory') {
      this.#logger.error(facts, `sink ${name} was taken out; ${left} samples that it had not delivered went with it.`)
    } else if (left > 0) {
      this.#logger.warn(facts, `sink ${name} was taken out; ${left} samples stay in the spool for a while, should it come back.`)
    } else this.#logger.info(facts, `sink ${name} was taken out.`)
  }

  /** For a sink that has no cursor now: one that is not there, and has no accounts here, or one that a reload is about to replace. */
  #reportGivenUp({ sink = '', reason, counts }: GivenUp): void {
    const runner = this.#sinks.runners.find(({ name }) => name === sink)
    if (runner === undefined) this.#metrics.booked(sink, { kind: 'dropped', counts, reason })
    else runner.ledger.dropSpooled(reason, counts)
    this.#watchers.emit('dropped', { sink, reason, counts })
  }

  async #open(): Promise<void> {
    const { spool } = this.#options
    await spool.open({ onGivenUp: (given) => this.#reportGivenUp(given) })
    this.#holdsSpool = true
    try {
      this.#assertNotClosed()
      await this.#sinks.open()
      this.#assertNotClosed()
    } catch (error) {
      await this.#sinks.stop()
      await spool.close()
      throw error
    }
    this.#metrics.watch(() => this.status())
    this.#opened = true
    if (this.#state === 'new') this.#state = 'running'
  }

  /** A sink that goes has as long to close as a pipeline. */
  async #applySinks(sinks: readonly SinkSetup[]): Promise<void> {
    const deadline = new CloseDeadline(this.#clock, defaultCloseDeadlineMs)
    try {
      await this.#sinks.apply(sinks, deadline.signal())
    } finally {
      deadline.release()
    }
  }

  async #close(deadline: CloseDeadline): Promise<void> {
    this.#state = 'closing'
    const errors: Error[] = []
    // A part that fails must not keep the others open: a spool that nobody closes keeps its folder from whoever comes next.
    for (const step of this.#closingSteps(deadline)) {
      try {
        await step()
      } catch (error) {
        errors.push(toError(error))
      }
    }
    deadline.release()
    this.#metrics.stop()
    this.#state = 'closed'
    for (const error of errors.slice(1)) {
      this.#logger.warn({ pipeline: this.name, error }, `pipeline ${this.name} did not close cleanly: ${error.message}.`)
    }
    this.#reportClosed()
    if (errors[0] !== undefined) throw errors[0]
  }

  #closingSteps(deadline: CloseDeadline): readonly (() => unknown)[] {
    const { spool } = this.#options
    const drained = deadline.signal(Math.min(maxCloseReserveMs, deadline.remainingMs * closeReserveShare))
    return [
      () => untilAborted(Promise.all([this.#opening?.catch(() => {}), this.#applying]), drained),
      () => untilAborted(this.#sources.stop(), drained),
      () => {
        this.#intake.close()
        this.#sinks.hurry()
        return this.#intake.settle(drained)
      },
      () => this.#sinks.drain(spool.status().head, drained),
      () => {
        this.#ended.abort()
        return this.#sinks.stop()
      },
      () => {
        this.#intake.giveUp()
        return this.#intake.settle(deadline.signal())
      },
      () => this.#sinks.close(deadline.signal()),
      () => this.#holdsSpool && spool.close(),
      () => spool.status().kind === 'memory' && this.#sinks.dropRest('closed'),
    ]
  }

  #reportClosed(): void {
    // A pipeline that never opened (another process has the folder) has no accounts to tell of.
    if (!this.#opened) return
    const accounts = this.accounts()
    this.#logger.info({ pipeline: this.name, accounts }, `pipeline ${this.name} closed: ${accountsLine(accounts)}`)
  }

  #fail(source: string, error: unknown): void {
    this.#failure ??= toError(error)
    this.#logger.error({ pipeline: this.name, source, error }, `source ${source} cannot go on: ${toError(error).message}`)
    this.#ended.abort()
  }

  /** Where the spool took longer to open than there was time to close. */
  #assertNotClosed(): void {
    if (this.#state === 'closed') throw this.#closedError()
  }

  #closedError(): PromlineError {
    return new PromlineError('closed', `pipeline ${JSON.stringify(this.name)} is closed`)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

import { Delivery } from '../delivery/delivery.js'
import type { DeliveryObserver } from '../delivery/delivery-observer.js'
import { type CompleteDeliveryOptions, validateDeliveryOptions } from '../delivery/delivery-options.js'
import { laneOf } from '../delivery/lane-of.js'
import { type Found, type OnBooked, SinkLedger } from '../delivery/sink-ledger.js'
import { addCounts, type Counts, zeroCounts } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { excessCounts } from '../model/count-math.js'
import { PromlineError, toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import type { Cursor, LostBatch, Spool } from '../spool/spool.js'
import type { SinkSetup, SinkStatus } from './pipeline.js'

export interface SinkRunnerOptions {
  readonly setup: SinkSetup
  readonly spool: Spool
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly observer: DeliveryObserver
  readonly onBooked: OnBooked
  /** The accounts of the runner that this one replaces. */
  readonly ledger?: SinkLedger
}

/** One sink in its pipeline: its cursor, its delivery and its accounts. Opened, started, stopped and closed once. */
export class SinkRunner {
  readonly setup: SinkSetup
  readonly ledger: SinkLedger
  readonly #options: SinkRunnerOptions
  readonly #delivery: Delivery
  readonly #lanes: number
  #cursor: Cursor | undefined
  #counted = false
  #started = false
  #stopped = false
  /** What was found before the cursor that is being opened, of batches below a number. */
  #found: Counts = zeroCounts
  #foundBelow = 0
  /** What was lost while it was opened. */
  readonly #lost = new Set<number>()
  #closingSink: Promise<void> | undefined

  /** Throws a PromlineError (`options`). */
  constructor(options: SinkRunnerOptions) {
    const { setup, spool, clock, random, logger, observer } = options
    this.#options = options
    this.setup = setup
    this.ledger = options.ledger ?? new SinkLedger(options.onBooked)
    const delivery = completeOptions(setup, spool)
    this.#lanes = delivery.lanes
    this.#delivery = new Delivery({
      sink: setup.sink,
      transforms: setup.transforms ?? [],
      options: delivery,
      ledger: this.ledger,
      observer,
      clock,
      random,
      logger,
      ...(setup.deadLetter !== undefined && { deadLetter: setup.deadLetter }),
    })
  }

  /** Started, and not stopped. */
  get isRunning(): boolean {
    return this.#started && !this.#stopped
  }

  get name(): string {
    return this.setup.sink.name
  }

  /** Opens the cursor and counts what lies before it: from now on nothing passes this sink by. */
  async open(): Promise<void> {
    const { setup, spool } = this.#options
    const lanes = this.#lanes
    const cursor = await spool.cursor({
      name: this.name,
      lanes,
      overflow: setup.overflow ?? 'block',
      start: setup.start ?? 'end',
      required: setup.required ?? true,
      laneOf: (origin) => laneOf(origin, lanes),
      onLost: (lost) => this.#lose(lost),
    })
    this.#cursor = cursor
    this.ledger.restart(await this.#find(cursor))
    this.#counted = true
  }

  /** Starts delivery, where the cursor could be opened. */
  start(): void {
    if (this.#cursor === undefined || !this.#counted) return
    this.#started = true
    this.#delivery.start(this.#cursor, this.#lost)
    this.#lost.clear()
  }

  /** Looks at what lies before the cursor. What is appended meanwhile comes in, and is counted, as everything new. */
  async #find(cursor: Cursor): Promise<Found> {
    const { head } = this.#options.spool.status()
    this.ledger.look(head)
    const unseen: Found['unseen'][number][] = []
    this.#foundBelow = Math.min(...cursor.acknowledged) + 1
    for await (const { seq, origin, counts } of cursor.skim()) {
      if (seq > head) break
      if (seq > this.#foundBelow) unseen.push({ from: this.#foundBelow, to: seq - 1 })
      this.#foundBelow = seq + 1
      if (seq > (cursor.acknowledged[laneOf(origin, this.#lanes)] ?? 0)) this.#found = addCounts(this.#found, counts)
    }
    if (this.#foundBelow <= head) unseen.push({ from: this.#foundBelow, to: head })
    return { counts: this.#found, head, unseen }
  }

  /** See `Delivery.drain`. A sink that waits for a person is not waited for, where asked so. Rejects where the sink is not running. */
  async drain(seq: number, options: { readonly signal: AbortSignal; readonly notBlocked?: boolean }): Promise<boolean> {
    if (!this.isRunning) throw new PromlineError('unavailable', `sink ${this.name} could not be opened`, { facts: { sink: this.name } })
    const giveUp = (): boolean => this.#delivery.status().state === 'blocked'
    return this.#delivery.drain(seq, { signal: options.signal, ...(options.notBlocked && { giveUp }) })
  }

  /** Ends delivery; attempts under way are aborted. */
  stop(): Promise<void> {
    this.#stopped = true
    return this.#delivery.stop()
  }

  /** Lets no batch wait to be joined any more. */
  hurry(): void {
    this.#delivery.hurry(Number.POSITIVE_INFINITY)
  }

  /**
   * Closes the cursor, after `stop`, and the sink, which has until the signal aborts. May be called again.
   *
   * @param options.keepSink another runner takes the sink over
   * @param options.reopens another runner takes the place over: nothing that lies there may be given up until then
   */
  async close(options: { readonly signal: AbortSignal; readonly keepSink?: boolean; readonly reopens?: boolean }): Promise<void> {
    const { signal, keepSink = false, reopens = false } = options
    if (!keepSink) await untilAborted(this.#closeSink(), signal)
    await this.#cursor?.close({ reopens })
  }

  #closeSink(): Promise<void> {
    const { logger, setup } = this.#options
    const close = async (): Promise<void> => setup.sink.close?.()
    this.#closingSink ??= close().catch((error: unknown) => {
      logger.warn({ sink: this.name, error }, `sink ${this.name} did not close cleanly: ${toError(error).message}.`)
    })
    return this.#closingSink
  }

  /** What is left is gone with the spool; its writers were told. */
  dropRest(reason: string): void {
    const rest = addCounts(this.ledger.spooled, this.ledger.inFlight)
    this.ledger.giveBack(this.ledger.inFlight)
    this.ledger.dropSpooled(reason, rest)
  }

  status(): SinkStatus {
    const { oldestAppendedMs, ...status } = this.#delivery.status()
    const { clock, spool } = this.#options
    return {
      name: this.name,
      ...status,
      lagSeconds: oldestAppendedMs === undefined ? 0 : Math.max(0, clock.nowMs() - oldestAppendedMs) / 1000,
      spooled: this.ledger.spooled,
      inFlight: this.ledger.inFlight,
      bytes: this.#cursor?.backlogBytes ?? 0,
      maxBytes: spool.status().maxBytes ?? 0,
    }
  }

  #lose(lost: LostBatch): void {
    if (this.#started) {
      this.#delivery.lose(lost)
      return
    }
    this.#lost.add(lost.seq)
    if (this.#counted) {
      this.ledger.meet(lost.seq, lost.counts)
      this.ledger.dropSpooled(lost.reason, lost.counts)
    } else {
      // Given up for its age, or at the cap: as it was found.
      if (lost.seq < this.#foundBelow) this.#found = excessCounts(this.#found, lost.counts)
      this.ledger.loseAtRestart(lost.reason, lost)
    }
    this.#options.observer.dropped({ reason: lost.reason, counts: lost.counts })
  }
}

function completeOptions(setup: SinkSetup, spool: Spool): CompleteDeliveryOptions {
  const { name, maxInFlight, maxSamplesPerSend } = setup.sink
  const memorySpool = spool.status().kind === 'memory'
  return validateDeliveryOptions(setup.delivery ?? {}, {
    sink: name,
    memorySpool,
    ...(maxInFlight !== undefined && { maxInFlight }),
    ...(maxSamplesPerSend !== undefined && { maxSamplesPerSend }),
  })
}

/** Waits for something, but no longer than until the signal aborts. */
export async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  let stop = (): void => {}
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop)
  })
  await Promise.race([work, aborted])
  signal.removeEventListener('abort', stop)
}

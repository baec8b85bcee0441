import { countsOf } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { toError } from '../model/errors.js'
import type { Dropped, Transform } from '../model/flow.js'
import type { Logger } from '../model/logger.js'
import { createSharedController } from '../model/shared-controller.js'
import type { Cursor, LostBatch, SpooledBatch } from '../spool/spool.js'
import { isEmpty } from '../model/count-math.js'
import { soundCounts } from '../model/claimed-counts.js'
import { Courier, type LastAnswer } from './courier.js'
import type { DeliveryObserver, SinkState } from './delivery-observer.js'
import { Gates } from './gates.js'
import { type HeldBatch, Lane } from './lane.js'
import { laneOf } from './lane-of.js'
import { LaneRunner } from './lane-runner.js'
import { Preparation } from './preparation.js'
import { Reader } from './reader.js'
import { Rejections } from './rejections.js'
import { Settler } from './settle-request.js'
import type { DeadLetter, Sink } from './sink.js'
import type { SinkLedger } from './sink-ledger.js'
import { Slots } from './slots.js'
import { StateKeeper } from './state-keeper.js'
import { assertBodyLimit, type CompleteDeliveryOptions } from './delivery-options.js'
import { pause, Trigger } from '../model/trigger.js'

export interface DeliverySetup {
  readonly sink: Sink<unknown>
  readonly transforms: readonly Transform[]
  readonly options: CompleteDeliveryOptions
  readonly deadLetter?: DeadLetter
  readonly ledger: SinkLedger
  readonly observer: DeliveryObserver
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

/** How a delivery fares; see `SinkStatus`. */
export interface DeliveryStatus {
  readonly state: SinkState
  readonly sinceMs: number
  readonly reason?: string
  /** Of what is not settled, wall clock. */
  readonly oldestAppendedMs?: number
  readonly retries: number
  readonly nextAttemptMs?: number
  readonly lastAnswer?: LastAnswer
  readonly deadLetters: number
}

/** Who drains has the reader look again after this, at the latest: the log may end with what was settled before and is lost since. */
const drainLookMs = 1_000
/** After the spool failed to give a batch, it is asked again. */
const readRetryMs = 1_000

/**
 * Drives one sink: reads its cursor into lanes, forms requests, has them settled, acknowledges. One is made for each cursor that is
 * opened; `start` is called once, `stop` ends it.
 */
export class Delivery {
  readonly #setup: DeliverySetup
  readonly #stop = createSharedController()
  readonly #gates: Gates
  readonly #courier: Courier
  readonly #rejections: Rejections
  readonly #settler: Settler
  readonly #state: StateKeeper
  /** Fired when something was settled or the state changed. */
  readonly #progress = new Trigger()
  #lanes: readonly Lane[] = []
  #cursor: Cursor | undefined
  #reader: Reader | undefined
  #running: Promise<unknown> = Promise.resolve()
  /** Gone from the spool, but met before: in the end they are settled, or gone with this delivery. */
  readonly #lostInMemory = new Map<number, LostBatch>()
  /** Batches up to this one do not wait to be joined. */
  #hurryUpTo = 0
  /** Since when the spool does not give what it holds: what lies there is that old at least. */
  #unreadableSinceMs: number | undefined

  /** Throws a PromlineError (`options`). */
  constructor(setup: DeliverySetup) {
    assertBodyLimit(setup.sink)
    this.#setup = setup
    const { sink, options, clock, random, observer, deadLetter } = setup
    this.#gates = new Gates(clock, () => this.#refreshState())
    this.#state = new StateKeeper({ ...setup, gates: this.#gates })
    const slots = new Slots(options.maxInFlight)
    const stop = this.#stop.signal
    this.#courier = new Courier({ sink: sink.name, clock, random, delivery: options, gates: this.#gates, slots, observer, stop })
    this.#rejections = new Rejections({ sink: sink.name, courier: this.#courier, ...(deadLetter !== undefined && { deadLetter }) })
    this.#settler = new Settler({
      sink,
      courier: this.#courier,
      preparation: new Preparation(sink, this.#courier),
      observer,
      clock,
      maxInFlight: options.maxInFlight,
      rejections: this.#rejections,
    })
  }

  /** Starts reading and sending. The cursor must have as many lanes as the options say; these batches of it were lost, and counted, before. */
  start(cursor: Cursor, lost: Iterable<number> = []): void {
    const { options, clock } = this.#setup
    const { maxSamplesPerSend } = options
    const stop = this.#stop.signal
    const maxHeldBytes = Math.max(1, Math.floor(options.maxHeldBytes / options.lanes))
    const lanes = cursor.acknowledged.map((acknowledged, index) => new Lane({ index, acknowledged, maxHeldBytes, maxSamplesPerSend }))
    this.#lanes = lanes
    this.#cursor = cursor
    this.#reader = new Reader({
      cursor,
      lanes,
      clock,
      stop,
      laneOf: ({ batch }) => lanes[laneOf(batch.origin, lanes.length)]!,
      take: (lane, batch) => this.#take(lane, batch),
      meet: (batch) => this.#meet(batch),
      read: () => {
        this.#unreadableSinceMs = undefined
      },
      passed: () => this.#publish(),
    })
    for (const seq of lost) this.#reader.pass(seq)
    // None of them rejects; if one did, `stop` would have to wait for the others all the same.
    this.#running = Promise.allSettled([this.#read(this.#reader), ...lanes.map((lane) => this.#createRunner(lane).run())])
  }

  /** A batch is gone from the spool. One that is in memory is sent all the same, as long as this delivery runs. */
  lose(lost: LostBatch): void {
    const isNew = this.#reader?.pass(lost.seq) ?? true
    if (isNew) this.#setup.ledger.meet(lost.seq, lost.counts)
    else if (!this.#lanes.some((lane) => lane.lose(lost.seq))) {
      this.#lostInMemory.set(lost.seq, lost)
      return
    }
    this.#dropLost(lost)
    this.#publish()
  }

  /** Lets no batch up to `seq` wait to be joined. */
  hurry(seq: number): void {
    this.#hurryUpTo = Math.max(this.#hurryUpTo, seq)
    for (const lane of this.#lanes) lane.formable.fire()
  }

  /**
   * Resolves with true when everything up to `seq` is settled; until then nothing up to there waits to be joined. False: the signal
   * aborted first, it was stopped, or `giveUp` said so at a change.
   */
  async drain(seq: number, options: { readonly signal: AbortSignal; readonly giveUp?: () => boolean }): Promise<boolean> {
    this.hurry(seq)
    while (!this.#isSettled(seq)) {
      if (options.signal.aborted || this.#stop.signal.aborted || options.giveUp?.()) return false
      await this.#progress.wait({ signal: options.signal, timeout: { clock: this.#setup.clock, delayMs: drainLookMs } })
      this.#reader?.look()
    }
    return true
  }

  /** Ends reading and sending; attempts under way are aborted, and what they did not settle stays in the spool. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stop.abort()
    for (const lane of this.#lanes) lane.formable.fire()
    await this.#running
    for (const lane of this.#lanes) {
      for (const { seq } of lane.unsettled) {
        const lost = this.#lostInMemory.get(seq)
        if (lost !== undefined) this.#dropLost(lost)
      }
    }
    this.#lostInMemory.clear()
    this.#progress.fire()
  }

  status(): DeliveryStatus {
    const appended = [this.#unreadableSinceMs, ...this.#lanes.map((lane) => lane.oldestAppendedMs)].filter((at) => at !== undefined)
    const { lastAnswer, retries } = this.#courier
    return {
      ...this.#state.status(),
      retries,
      deadLetters: this.#rejections.deadLetters,
      ...(appended.length > 0 && { oldestAppendedMs: Math.min(...appended) }),
      ...(lastAnswer !== undefined && { lastAnswer }),
    }
  }

  #createRunner(lane: Lane): LaneRunner {
    return new LaneRunner(lane, {
      ...this.#setup,
      settler: this.#settler,
      rejections: this.#rejections,
      stop: this.#stop.signal,
      hurryUpTo: () => this.#hurryUpTo,
      gates: this.#gates,
      complain: (error) => this.#complain(error, `had an error that nobody expected: ${error.message}`),
      onSettled: (group) => {
        if (this.#lostInMemory.size > 0) for (const { seq } of group) this.#lostInMemory.delete(seq)
        this.#publish()
      },
    })
  }

  #dropLost({ reason, counts }: LostBatch): void {
    this.#setup.ledger.dropSpooled(reason, counts)
    this.#setup.observer.dropped({ reason, counts })
  }

  #isSettled(seq: number): boolean {
    const front = this.#reader?.front ?? 0
    return this.#lanes.every((lane) => lane.mark(front) >= seq)
  }

  async #read(reader: Reader): Promise<void> {
    const { clock } = this.#setup
    const stop = this.#stop.signal
    while (!stop.aborted) {
      try {
        await reader.run()
        return
      } catch (error) {
        this.#unreadableSinceMs ??= clock.nowMs()
        this.#complain(error, `cannot read the spool: ${toError(error).message}`)
        await pause(clock, readRetryMs, stop)
      }
    }
  }

  #complain(error: unknown, what: string): void {
    const { logger, sink } = this.#setup
    try {
      logger.error({ sink: sink.name, error }, `sink ${sink.name} ${what}. It will try again.`)
    } catch {
      // A logger that throws does not end the delivery that it tells of.
    }
  }

  #meet(batch: SpooledBatch): void {
    this.#setup.ledger.meet(batch.seq, batch.counts)
    this.#refreshState()
  }

  #take(lane: Lane, spooled: SpooledBatch): void {
    const { seq, batch, counts, bytes, appendedMs } = spooled
    const held = { seq, batch, counts, kept: counts, dropped: [], bytes, appendedMs, takenAtMs: this.#setup.clock.monotonicMs() }
    lane.take(this.#setup.transforms.length === 0 ? held : this.#transform(held))
  }

  #transform(held: HeldBatch): HeldBatch {
    try {
      const dropped: Dropped[] = []
      let { batch } = held
      for (const transform of this.#setup.transforms)
        batch = transform(batch, (reason, counts) => dropped.push({ reason, counts: soundCounts(counts) }))
      return { ...held, batch, kept: countsOf(batch), dropped }
    } catch (thrown) {
      return { ...held, failure: toError(thrown) }
    }
  }

  /** Acknowledges what is settled, lane by lane, and tells who waits. An idle lane's mark follows the reader. */
  #publish(): void {
    const cursor = this.#cursor
    const front = this.#reader?.front
    if (cursor !== undefined && front !== undefined) {
      for (const lane of this.#lanes) {
        const mark = lane.mark(front)
        if (mark > (cursor.acknowledged[lane.index] ?? 0)) cursor.acknowledge(lane.index, mark)
      }
      if (this.#lanes.every((lane) => lane.isIdle)) this.#closeOut(front)
    }
    this.#reader?.recall()
    this.#refreshState()
  }

  /** Everything that was met is settled. */
  #closeOut(front: number): void {
    const { ledger, observer } = this.#setup
    const counts = ledger.closeOut(front)
    if (!isEmpty(counts)) observer.dropped({ reason: 'damage', counts })
  }

  #refreshState(): void {
    this.#state.refresh()
    this.#progress.fire()
  }
}

import type { Batch, Counts } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { dropOlder } from '../division/age-limit.js'
import { sumCounts } from '../model/count-math.js'
import { toError } from '../model/errors.js'
import { backoffMs } from './backoff.js'
import type { DeliveryObserver } from './delivery-observer.js'
import { packBySize } from '../division/divide.js'
import type { Gates, Ticket } from './gates.js'
import type { HeldBatch, Lane } from './lane.js'
import type { Rejections } from './rejections.js'
import type { Settler } from './settle-request.js'
import type { SinkLedger } from './sink-ledger.js'
import { Credit, Tally } from './tally.js'
import type { CompleteDeliveryOptions } from './delivery-options.js'

export interface LaneRunnerOptions {
  readonly settler: Settler
  readonly rejections: Rejections
  readonly ledger: SinkLedger
  readonly observer: DeliveryObserver
  readonly clock: Clock
  readonly options: CompleteDeliveryOptions
  readonly stop: AbortSignal
  /** Batches up to this one do not wait to be joined. */
  readonly hurryUpTo: () => number
  readonly gates: Gates
  /** Told of what nobody expected. Must not throw. */
  readonly complain: (error: Error) => void
  /** A group is settled, and its lane knows. */
  readonly onSettled: (group: readonly HeldBatch[]) => void
}

/** A group on its way. What of it is booked stays booked where it has to be settled once more. */
interface UnderWay {
  readonly group: readonly HeldBatch[]
  readonly tally: Tally
  /** All is booked; only the lane's mark may not be told yet. */
  isSettled: boolean
}

/**
 * Forms the requests of one lane and has them settled, one group of batches after the other. What nobody expected (a fault of ours, or of a
 * part that was given) ends nothing: it is told, the lane's own gate closes for a back-off, and the group is settled once more.
 */
export class LaneRunner {
  readonly #lane: Lane
  readonly #options: LaneRunnerOptions
  readonly #gate: string
  #underWay: UnderWay | undefined
  /** Of the try that follows a failure. */
  #ticket: Ticket | undefined

  constructor(lane: Lane, options: LaneRunnerOptions) {
    this.#lane = lane
    this.#options = options
    this.#gate = `lane ${lane.index}`
  }

  /** Runs until the stop; never rejects. The lane's `formable` must be fired at the stop, and when more batches need not wait. */
  async run(): Promise<void> {
    const { stop, clock } = this.#options
    while (!stop.aborted) {
      const waitMs = this.#underWay === undefined ? this.#waitForMore() : 0
      if (waitMs === Number.POSITIVE_INFINITY) await this.#lane.formable.wait()
      else if (waitMs > 0) await this.#lane.formable.wait({ timeout: { clock, delayMs: waitMs } })
      else {
        try {
          // Apart, so that nothing here refers to batches while the lane waits for others.
          if (!(await this.#settleNext())) break
        } catch (thrown) {
          await this.#backOff(toError(thrown))
        }
      }
    }
    this.#underWay?.tally.giveBack()
  }

  async #backOff(error: Error): Promise<void> {
    const { gates, options, stop, complain } = this.#options
    const key = this.#gate
    complain(error)
    this.#lane.park()
    try {
      gates.close(key, this.#ticket ?? gates.pass([key]), {
        reason: error.message,
        blocked: false,
        delayMs: (failures) => backoffMs(failures, { ...options, random: () => 1 }),
      })
    } catch {
      // It is closed; who looks on must not throw, and may be what brought us here.
    }
    await gates.untilPassable([key], stop)
    this.#lane.unpark()
    this.#ticket = gates.pass([key])
  }

  /** How long a lane's first batches still wait to be joined by others; infinite where there is none. */
  #waitForMore(): number {
    const { clock, options, hurryUpTo } = this.#options
    const first = this.#lane.next
    if (first === undefined) return Number.POSITIVE_INFINITY
    if (first.seq <= hurryUpTo() || this.#lane.isFull) return 0
    return first.takenAtMs + options.batchSendDeadlineMs - clock.monotonicMs()
  }

  /** Forms a group, unless there is one to be settled once more, and settles it. False: stopped before. */
  async #settleNext(): Promise<boolean> {
    this.#underWay ??= this.#form()
    const { group, tally } = this.#underWay
    if (!this.#underWay.isSettled) {
      if (!(await this.#settle(group, tally))) return false
      tally.finish()
      this.#lane.settle()
      this.#underWay.isSettled = true
    }
    this.#options.onSettled(group)
    this.#underWay = undefined
    if (this.#ticket !== undefined) this.#options.gates.open(this.#gate, this.#ticket)
    this.#ticket = undefined
    return true
  }

  #form(): UnderWay {
    const group = this.#lane.form()
    return { group, tally: new Tally(countsOfGroup(group), this.#options), isSettled: false }
  }

  async #settle(group: readonly HeldBatch[], tally: Tally): Promise<boolean> {
    const { settler, rejections, options } = this.#options
    const lane = this.#lane
    const first = group[0]!
    if (first.failure !== undefined) {
      const request = { batches: [first.batch], tally, lane, credit: new Credit() }
      return rejections.settleWhole(request, 'transform', first.failure)
    }
    for (const { dropped } of group) for (const { reason, counts } of dropped) tally.dropped(reason, counts)
    const batches = this.#batchesOf(group, tally)
    if (batches.length === 0) return true
    const runs = packBySize(batches, options.maxSamplesPerSend)
    const requests = runs.map((run) => ({ batches: run, tally, lane, credit: new Credit() }))
    return (await settler.settleAll(requests)) !== undefined
  }

  /** What of a group is to be sent: not what is too old, and no batch of which nothing is left. */
  #batchesOf(group: readonly HeldBatch[], tally: Tally): readonly Batch[] {
    return group.map((held) => this.#dropOld(held.batch, tally)).filter((batch) => batch.columns.length > 0)
  }

  #dropOld(batch: Batch, tally: Tally): Batch {
    const { clock, options } = this.#options
    if (options.sampleAgeLimitMs === 0) return batch
    const young = dropOlder(batch, clock.nowMs() - options.sampleAgeLimitMs)
    tally.dropped('age', young.dropped)
    return young.batch
  }
}

function countsOfGroup(group: readonly HeldBatch[]): Counts {
  return group.length === 1 ? group[0]!.counts : sumCounts(group.map((held) => held.counts))
}

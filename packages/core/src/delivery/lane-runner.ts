import type { Batch, Counts } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { dropOlder } from '../division/age-limit.js'
import { sumCounts } from '../model/count-math.js'
import type { DeliveryObserver } from './delivery-observer.js'
import { packBySize } from '../division/divide.js'
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
  /** A group is settled, and its lane knows. */
  readonly onSettled: (group: readonly HeldBatch[]) => void
}

/** Forms the requests of one lane and has them settled, one group of batches after the other. */
export class LaneRunner {
  readonly #lane: Lane
  readonly #options: LaneRunnerOptions

  constructor(lane: Lane, options: LaneRunnerOptions) {
    this.#lane = lane
    this.#options = options
  }

  /** Runs until the stop. The lane's `formable` must be fired at it, and when more batches need not wait. */
  async run(): Promise<void> {
    const { stop, clock } = this.#options
    while (!stop.aborted) {
      const waitMs = this.#waitForMore()
      if (waitMs === Number.POSITIVE_INFINITY) await this.#lane.formable.wait()
      else if (waitMs > 0) await this.#lane.formable.wait({ timeout: { clock, delayMs: waitMs } })
      // Apart, so that nothing here refers to batches while the lane waits for others.
      else if (!(await this.#settleNext())) return
    }
  }

  /** How long a lane's first batches still wait to be joined by others; infinite where there is none. */
  #waitForMore(): number {
    const { clock, options, hurryUpTo } = this.#options
    const first = this.#lane.next
    if (first === undefined) return Number.POSITIVE_INFINITY
    if (first.seq <= hurryUpTo() || this.#lane.isFull) return 0
    return first.takenAtMs + options.batchSendDeadlineMs - clock.monotonicMs()
  }

  /** Forms a group and settles it. False: stopped before. */
  async #settleNext(): Promise<boolean> {
    const lane = this.#lane
    const group = lane.form()
    const tally = new Tally(countsOfGroup(group), this.#options)
    if (!(await this.#settle(group, tally))) {
      tally.giveBack()
      return false
    }
    tally.finish()
    lane.settle()
    this.#options.onSettled(group)
    return true
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

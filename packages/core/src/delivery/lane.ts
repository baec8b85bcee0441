import { type Batch, type Counts, totalOf } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import { type SkippedBatch, SkippedBatches } from './skipped-batches.js'
import { Trigger } from './waiting.js'

/** A batch that a lane holds, as this sink gets it. */
export interface HeldBatch {
  readonly seq: number
  /** After the sink's transforms. */
  readonly batch: Batch
  /** As it lies in the spool. */
  readonly counts: Counts
  /** After the sink's transforms. */
  readonly kept: Counts
  readonly dropped: readonly Dropped[]
  /** A transform threw: the batch cannot be sent. */
  readonly failure?: Error
  readonly bytes: number
  readonly appendedMs: number
  /** When the lane took it, on the monotonic clock. */
  readonly takenAtMs: number
}

export interface LaneOptions {
  readonly index: number
  /** The acknowledged mark that the cursor came with. */
  readonly acknowledged: number
  readonly maxHeldBytes: number
}

/**
 * An ordered share of the traffic. Its batches are, in the order of the log: settled, under way (the group), held, and skipped: left in
 * the spool by the reader, which comes back for them.
 */
export class Lane {
  readonly index: number
  /** Fired when room was made, or the lane was parked or goes on, or it got a batch. */
  readonly changed: Trigger = new Trigger()
  readonly #maxHeldBytes: number
  #takenUpTo: number
  #heldBytes = 0
  #group: readonly HeldBatch[] = []
  readonly #held: HeldBatch[] = []
  readonly #skipped = new SkippedBatches()
  #waiting = 0

  constructor(options: LaneOptions) {
    this.index = options.index
    this.#takenUpTo = options.acknowledged
    this.#maxHeldBytes = options.maxHeldBytes
  }

  /** Everything of this lane up to here was taken already. */
  get takenUpTo(): number {
    return this.#takenUpTo
  }

  get held(): readonly HeldBatch[] {
    return this.#held
  }

  /** Everything in memory that is not settled. */
  get unsettled(): readonly HeldBatch[] {
    return [...this.#group, ...this.#held]
  }

  /** The first batch that was left in the spool. */
  get firstSkipped(): SkippedBatch | undefined {
    return this.#skipped.first
  }

  /** The oldest batch that is not settled, of those in memory. */
  get oldest(): HeldBatch | undefined {
    return this.#group[0] ?? this.#held[0]
  }

  /** Something of its group waits after a failure: the reader goes on without this lane. */
  get isParked(): boolean {
    return this.#waiting > 0
  }

  /** One more waits after a failure. Each `park` is followed by one `unpark`. */
  park(): void {
    this.#waiting++
    this.changed.fire()
  }

  unpark(): void {
    this.#waiting--
  }

  get isIdle(): boolean {
    return this.oldest === undefined && this.#skipped.first === undefined
  }

  /** Every batch of the lane up to here is settled, where the reader has met all up to `front`. */
  mark(front: number): number {
    const unsettled = this.oldest?.seq ?? this.#skipped.first?.seq
    return unsettled === undefined ? front : unsettled - 1
  }

  /** A batch is always taken by a lane that holds none: a record larger than the lane's share must pass as well. */
  hasRoomFor(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#maxHeldBytes
  }

  take(batch: HeldBatch): void {
    this.#skipped.strikeUpTo(batch.seq)
    this.#takenUpTo = batch.seq
    this.#heldBytes += batch.bytes
    this.#held.push(batch)
    this.changed.fire()
  }

  skip(batch: SkippedBatch): void {
    this.#skipped.push(batch)
  }

  /** Strikes a batch that the spool lost. False: it was not one that was left there. */
  lose(seq: number): boolean {
    return this.#skipped.strike(seq)
  }

  /** Strikes what the spool has no more: the reader looked for it, and got a later one. */
  loseBefore(seq: number): void {
    this.#skipped.strikeUpTo(seq - 1)
  }

  /** How many held batches, from the first, can go into one request: of one tenant, up to a number of samples, one batch at least. */
  joinable(maxTotal: number): { readonly count: number; readonly full: boolean } {
    const [first] = this.#held
    if (first === undefined) return { count: 0, full: false }
    let total = totalOf(first.kept)
    let count = 1
    for (; count < this.#held.length; count++) {
      const next = this.#held[count]!
      total += totalOf(next.kept)
      if (total > maxTotal || next.batch.origin.tenant !== first.batch.origin.tenant || next.failure || first.failure) break
    }
    return { count, full: total >= maxTotal || count < this.#held.length || first.failure !== undefined || !this.hasRoomFor(1) }
  }

  /** The first held batches become the group that is under way. */
  form(count: number): readonly HeldBatch[] {
    this.#group = this.#held.splice(0, count)
    return this.#group
  }

  /** The group is settled. */
  settle(): void {
    for (const { bytes } of this.#group) this.#heldBytes -= bytes
    this.#group = []
    this.changed.fire()
  }
}

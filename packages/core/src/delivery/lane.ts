import { type Batch, type Counts, totalOf } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import type { Dropped } from '../model/flow.js'
import { type SkippedBatch, SkippedBatches } from './skipped-batches.js'
import { Trigger } from '../model/trigger.js'

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

/**
 * The reader waits this long for a lane that is only slow, for going on without it means reading its batches twice; in all, until half of
 * its share is free again: waiting for each batch would hold all the others to its pace.
 */
const maxPatienceMs = 1_000

export interface LaneOptions {
  readonly index: number
  /** The acknowledged mark that the cursor came with. */
  readonly acknowledged: number
  readonly maxHeldBytes: number
  readonly maxSamplesPerSend: number
}

/**
 * An ordered share of the traffic. Its batches are, in the order of the log: settled, under way (the group), held, and skipped: left in
 * the spool by the reader, which comes back for them.
 */
export class Lane {
  readonly index: number
  /** Fired when there is a first batch for the next request, and when that request is full: for who forms requests. */
  readonly formable: Trigger = new Trigger()
  /** Fired when room was made, or the lane was parked. */
  readonly #changed = new Trigger()
  readonly #maxHeldBytes: number
  readonly #maxSamplesPerSend: number
  #takenUpTo: number
  #heldBytes = 0
  #group: readonly HeldBatch[] = []
  readonly #held: HeldBatch[] = []
  /** Of the held batches, so many go into the next request, with so many samples. */
  #joinable = 0
  #joinedTotal = 0
  readonly #skipped = new SkippedBatches()
  #isFetching = true
  #waiting = 0
  /** How long the reader still waits for room before it goes on without this lane. */
  #patienceMs = maxPatienceMs

  constructor(options: LaneOptions) {
    this.index = options.index
    this.#takenUpTo = options.acknowledged
    this.#maxHeldBytes = options.maxHeldBytes
    this.#maxSamplesPerSend = options.maxSamplesPerSend
  }

  /** Everything of this lane up to here was taken already. */
  get takenUpTo(): number {
    return this.#takenUpTo
  }

  /** The first batch that is not in a request yet. */
  get next(): HeldBatch | undefined {
    return this.#held[0]
  }

  /** Everything in memory that is not settled. */
  get unsettled(): readonly HeldBatch[] {
    return [...this.#group, ...this.#held]
  }

  /** The first batch that was left in the spool. */
  get firstSkipped(): SkippedBatch | undefined {
    return this.#skipped.first
  }

  /**
   * The first batch that was left in the spool, where the reader is to come back for it: once half of the lane's share is free, and from
   * then on until it is full, so that one way back fetches many.
   */
  fetchNext(): SkippedBatch | undefined {
    const { first } = this.#skipped
    this.#isFetching &&= first === undefined || this.hasRoomFor(first.bytes)
    return this.#isFetching ? first : undefined
  }

  /** The oldest batch that is not settled, of those in memory. */
  get oldest(): HeldBatch | undefined {
    return this.#group[0] ?? this.#held[0]
  }

  /** When the oldest batch that is not settled was appended, of those that the reader has met. */
  get oldestAppendedMs(): number | undefined {
    return this.oldest?.appendedMs ?? this.#skipped.first?.appendedMs
  }

  /** Something of its group waits after a failure: the reader goes on without this lane. */
  get isParked(): boolean {
    return this.#waiting > 0
  }

  /** One more waits after a failure. Each `park` is followed by one `unpark`. */
  park(): void {
    this.#waiting++
    this.#changed.fire()
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

  /** Whether there is no room yet for so many bytes, and the reader is to wait for it. */
  mayMakeRoomFor(bytes: number): boolean {
    return !this.hasRoomFor(bytes) && !this.isParked && this.#patienceMs > 0
  }

  /** Waits until room was made, or the lane parked; until the signal aborts, or the reader's patience with this lane is over. */
  async untilChanged({ clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<void> {
    const beganMs = clock.monotonicMs()
    await this.#changed.wait({ signal, timeout: { clock, delayMs: this.#patienceMs } })
    this.#patienceMs -= clock.monotonicMs() - beganMs
  }

  take(batch: HeldBatch): void {
    this.#skipped.strikeUpTo(batch.seq)
    this.#takenUpTo = batch.seq
    this.#heldBytes += batch.bytes
    this.#held.push(batch)
    this.#join()
    if (this.#held.length === 1 || this.isFull) this.formable.fire()
  }

  skip(batch: SkippedBatch): void {
    this.#skipped.push(batch)
  }

  /** Strikes a batch that the spool lost. False: it was not one that was left there. */
  lose(seq: number): boolean {
    return this.#skipped.strike(seq)
  }

  /** Strikes what the spool has no more: the reader looked for `from`, and got `to`. What lies before was not looked for. */
  loseBetween(from: number, to: number): void {
    if ((this.#skipped.first?.seq ?? 0) >= from) this.#skipped.strikeUpTo(to - 1)
  }

  /** Nothing can be joined any more to what the next request would hold, or nothing more can come. */
  get isFull(): boolean {
    const isClosed = !this.hasRoomFor(1) || (!this.#isFetching && this.#skipped.first !== undefined)
    return isClosed || this.#joinable < this.#held.length || this.#joinedTotal >= this.#maxSamplesPerSend
  }

  /** As many held batches as go into one request, one at least, become the group that is under way. */
  form(): readonly HeldBatch[] {
    this.#group = this.#held.splice(0, this.#joinable)
    this.#joinable = 0
    this.#joinedTotal = 0
    this.#join()
    return this.#group
  }

  /** Counts how many held batches, from the first, can go into one request: of one tenant, up to a number of samples. */
  #join(): void {
    const [first] = this.#held
    for (let next = this.#held[this.#joinable]; first !== undefined && next !== undefined; next = this.#held[this.#joinable]) {
      const total = this.#joinedTotal + totalOf(next.kept)
      const isAlone = next.failure !== undefined || first.failure !== undefined
      const fits = total <= this.#maxSamplesPerSend && next.batch.origin.tenant === first.batch.origin.tenant && !isAlone
      if (next !== first && !fits) return
      this.#joinable++
      this.#joinedTotal = total
    }
  }

  /** The group is settled. */
  settle(): void {
    for (const { bytes } of this.#group) this.#heldBytes -= bytes
    this.#group = []
    if (this.#heldBytes <= this.#maxHeldBytes / 2) {
      this.#isFetching = true
      this.#patienceMs = maxPatienceMs
    }
    this.#changed.fire()
  }
}

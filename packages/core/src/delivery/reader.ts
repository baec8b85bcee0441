import type { Clock } from '../model/clock.js'
import type { Cursor, SpooledBatch } from '../spool/spool.js'
import type { Lane } from './lane.js'

/** Why a wait for a new batch ended. A constant, for making an error costs more than reading a batch. */
const recalled = Symbol('a lane that was left behind can be served')

/** Batches that are not wanted are read through rather than jumped over while they are no more than this: a seek costs more. */
const maxReadThrough = 16

export interface ReaderOptions {
  readonly cursor: Cursor
  readonly lanes: readonly Lane[]
  readonly clock: Clock
  readonly stop: AbortSignal
  readonly laneOf: (batch: SpooledBatch) => Lane
  /** The spool gave a batch. */
  readonly read: () => void
  /** Gives a lane what is next for it. */
  readonly take: (lane: Lane, batch: SpooledBatch) => void
  /** A batch is met for the first time. */
  readonly meet: (batch: SpooledBatch) => void
  /** The front moved, and nothing else will tell of it. */
  readonly passed: () => void
}

/**
 * Reads a cursor for all lanes. A lane without room makes the reader wait a little, unless it is parked; then its batches are left in the
 * spool, the others are served, and the reader comes back for it when it has room again.
 */
export class Reader {
  readonly #options: ReaderOptions
  #front: number
  /** The batch that waits for room in its lane. */
  #placing: number | undefined
  /** Ends the wait for a batch: at the stop, and when a lane that was left behind has room again. */
  #wait = new AbortController()
  /** The next batch is one that nobody met yet, so that the wait for it may be long. */
  #isAtFront = false

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#front = Math.min(...options.lanes.map((lane) => lane.takenUpTo))
  }

  /** Everything up to here was met: taken by its lane, left in the spool for it, settled before, or gone. */
  get front(): number {
    return this.#front
  }

  /** Moves the front past what was settled before and lost since, of which the cursor says nothing, if that is all there is. */
  look(): void {
    if (this.#isAtFront) this.#wait.abort(recalled)
  }

  /** A lane changed: one that was left behind may be served again. */
  recall(): void {
    if (this.#isAtFront && this.#nextSkipped() !== undefined) this.#wait.abort(recalled)
  }

  /**
   * A batch is gone from the spool. The oldest goes first, so nothing before it will come either, also not what waits for room. True: no
   * lane had it yet.
   */
  pass(seq: number): boolean {
    if (seq <= this.#front) return false
    this.#front = seq
    this.#placing = undefined
    return true
  }

  /** Reads until the stop, or until the spool closes. Rejects with what the spool rejects. */
  async run(): Promise<void> {
    const { stop } = this.#options
    const onStop = (): void => this.#wait.abort(stop.reason)
    stop.addEventListener('abort', onStop)
    try {
      while (!stop.aborted && (await this.#step()));
    } finally {
      stop.removeEventListener('abort', onStop)
    }
  }

  /** Reads one batch and places it. False: the spool is closed. */
  async #step(): Promise<boolean> {
    const { cursor, lanes } = this.#options
    const skipped = this.#nextSkipped()
    const wanted = skipped ?? this.#front + 1
    if (wanted <= cursor.position || wanted > cursor.position + maxReadThrough) cursor.seek(wanted)
    if (this.#wait.signal.aborted) this.#wait = new AbortController()
    this.#isAtFront = skipped === undefined
    const batch = await cursor.next({ signal: this.#wait.signal })
    this.#isAtFront = false
    if (batch === undefined) {
      if (skipped === undefined && cursor.position > this.#front) this.#passTo(cursor.position)
      return this.#wait.signal.aborted
    }
    this.#options.read()
    if (batch.seq > wanted) for (const lane of lanes) lane.loseBetween(wanted, batch.seq)
    const placed = this.#place(batch)
    if (placed !== undefined) await placed
    return true
  }

  #nextSkipped(): number | undefined {
    let first: number | undefined
    for (const lane of this.#options.lanes) {
      const seq = lane.fetchNext()?.seq
      if (seq !== undefined && (first === undefined || seq < first)) first = seq
    }
    return first
  }

  /** Puts a batch where it goes. There is a promise only where its lane has to make room first. */
  #place(batch: SpooledBatch): Promise<void> | undefined {
    const { seq, bytes } = batch
    const lane = this.#options.laneOf(batch)
    const skipped = lane.firstSkipped?.seq
    if (seq <= this.#front) {
      // Only read through, or given up since it was read, unless it is what the lane waits for.
      if (seq === skipped && lane.hasRoomFor(bytes)) this.#put(lane, batch, 'lane')
    } else if (seq <= lane.takenUpTo) {
      this.#passTo(seq)
    } else if (skipped !== undefined) {
      this.#put(lane, batch, 'spool')
    } else if (lane.hasRoomFor(bytes)) {
      this.#put(lane, batch, 'lane')
    } else {
      return this.#placeLater(lane, batch)
    }
    return undefined
  }

  #passTo(seq: number): void {
    this.#front = seq
    this.#options.passed()
  }

  #put(lane: Lane, batch: SpooledBatch, place: 'lane' | 'spool'): void {
    const { meet, take } = this.#options
    const { seq } = batch
    const isNew = seq > this.#front
    if (isNew) meet(batch)
    if (place === 'lane') take(lane, batch)
    else if (isNew) lane.skip(batch)
    // Last, for a lane without anything unsettled is acknowledged up to the front.
    if (isNew) this.#front = seq
  }

  /** Waits until the lane has room; leaves the batch in the spool when that takes too long. At the stop it goes nowhere. */
  async #placeLater(lane: Lane, batch: SpooledBatch): Promise<void> {
    const { stop, clock } = this.#options
    this.#placing = batch.seq
    while (this.#placing === batch.seq && !stop.aborted && lane.mayMakeRoomFor(batch.bytes)) {
      await lane.untilChanged({ clock, signal: stop })
    }
    const isGone = this.#placing !== batch.seq
    this.#placing = undefined
    if (!stop.aborted && !isGone) this.#put(lane, batch, lane.hasRoomFor(batch.bytes) ? 'lane' : 'spool')
  }
}

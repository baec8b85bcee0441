import { type Origin, zeroCounts } from '../model/batch.js'
import { diskError } from './disk-error.js'
import { LogReader, type ReadableLog } from './log-reader.js'
import type { Notifier } from './notifier.js'
import { chooseLane } from './lanes.js'
import type { Place } from './place.js'
import type { SkimmedBatch } from './segment-reader.js'
import type { Cursor, CursorOptions, LostBatch, SpooledBatch } from './spool.js'

/** What a cursor needs of its spool. */
export interface CursorHost extends ReadableLog {
  readonly appended: Notifier
  isClosed(): boolean
  /** A batch was found to be damaged. */
  onDamage(): void
  /** The cursor has moved on: there may be room, and segments that nobody needs. */
  onSettled(): void
  /** Nobody is to come for the cursor's place soon. */
  onLeave(cursor: DiskCursor): void
}

/** A sink's place in the log on disk. */
export class DiskCursor implements Cursor {
  readonly place: Place
  readonly restarted: boolean
  readonly options: CursorOptions
  readonly #host: CursorHost
  readonly #reader: LogReader
  /** For what is given up: apart, so that the reader keeps its place. */
  readonly #skimmer: LogReader
  #position: number
  #closed = false
  /** Everything missing up to here was reported. */
  #missingTo: number
  /** What the reader found damaged and reported, as long as it is not settled. */
  readonly #damaged = new Set<number>()

  constructor(host: CursorHost, place: Place, options: { cursor: CursorOptions; restarted: boolean }) {
    this.#host = host
    this.place = place
    this.options = options.cursor
    this.restarted = options.restarted
    this.#reader = new LogReader(host, { skims: false })
    this.#skimmer = new LogReader(host, { skims: true })
    this.#position = place.floor
    this.#missingTo = place.floor
  }

  get name(): string {
    return this.place.name
  }

  get acknowledged(): readonly number[] {
    return this.place.lanes.settled
  }

  get position(): number {
    return this.#position
  }

  get backlogBytes(): number {
    return this.#host.log.bytesAfter(this.place.floor)
  }

  async next(options: { readonly signal: AbortSignal }): Promise<SpooledBatch | undefined> {
    const { log, tail, appended } = this.#host
    while (!this.#closed && !this.#host.isClosed() && !options.signal.aborted) {
      const wanted = Math.max(this.#position, this.place.floor) + 1
      const seq = log.nextHeld(wanted)
      this.#reportMissing(wanted, seq ?? log.head + 1)
      if (seq === undefined) {
        this.#position = Math.max(wanted - 1, log.head)
        await appended.wait(options.signal)
        continue
      }
      // Reported as lost, it stays lost, even if its entry in the dictionary came again since.
      if (this.#damaged.has(seq)) {
        this.#position = seq
        continue
      }
      const recent = tail.get(seq)
      if (recent !== undefined) {
        if (this.#reader.isReading) await this.#reader.release()
        this.#position = seq
        return recent
      }
      const read = await this.#read(seq)
      if (read !== undefined) return read
    }
    return undefined
  }

  seek(seq: number): void {
    this.#position = seq - 1
  }

  acknowledge(lane: number, seq: number): void {
    this.place.lanes.acknowledge(lane, Math.min(seq, this.#host.log.head))
    this.#forgetSettled()
    this.#host.onSettled()
  }

  async *skim(): ReturnType<Cursor['skim']> {
    const reader = new LogReader(this.#host, { skims: true })
    const { log } = this.#host
    try {
      for (let seq = log.nextHeld(this.place.floor + 1); seq !== undefined; seq = log.nextHeld(seq + 1)) {
        const skimmed = await this.#ask(reader.skim(seq))
        if (skimmed?.origin !== undefined) yield { ...skimmed, origin: skimmed.origin }
      }
    } finally {
      await reader.close()
    }
  }

  /** Gives up the oldest batches while `isTooMuch` says so of the next one to go. */
  async giveUp(reason: 'overflow' | 'age', isTooMuch: (oldest: SkimmedBatch) => boolean): Promise<void> {
    while (!this.#closed) {
      const seq = this.#host.log.nextHeld(this.place.floor + 1)
      if (seq === undefined) break
      const oldest = await this.#ask(this.#skimmer.skim(seq))
      if (oldest === undefined) continue
      if (!isTooMuch(oldest)) break
      this.#reportMissing(this.place.floor + 1, seq)
      const settled = this.place.lanes.hasSettled(seq, chooseLane(oldest.origin, this.options.laneOf))
      if (!settled && !this.#damaged.has(seq)) this.#report(oldest, reason)
      this.place.lanes.moveTo(seq)
    }
    this.#forgetSettled()
    this.#host.onSettled()
  }

  /** Whether it only stands for the one that follows. */
  get isClosed(): boolean {
    return this.#closed
  }

  async close(options: { readonly reopens?: boolean } = {}): Promise<void> {
    const wasClosed = this.#closed
    this.#closed = true
    if (options.reopens !== true) this.#host.onLeave(this)
    if (wasClosed) return
    this.#host.appended.notify()
    await this.place.acks.syncLater()
    await Promise.all([this.#reader.close(), this.#skimmer.close()])
  }

  /** Undefined where the batch is damaged, gone, or given up meanwhile: look again. */
  async #read(seq: number): Promise<SpooledBatch | undefined> {
    const read = await this.#ask(this.#reader.read(seq))
    if (read === undefined || seq <= this.place.floor) return undefined
    this.#position = seq
    if (!('damaged' in read)) return read
    this.#damaged.add(seq)
    this.#host.onDamage()
    if (!this.place.lanes.hasSettled(seq, chooseLane(read.damaged.origin, this.options.laneOf))) this.#report(read.damaged, 'damage')
    return undefined
  }

  /** What a reader says; what the system says, in the spool's words. */
  #ask<Found>(reading: Promise<Found>): Promise<Found> {
    return reading.catch((error: unknown) => {
      throw diskError(error, this.#host)
    })
  }

  #reportMissing(from: number, to: number): void {
    for (let seq = Math.max(from, this.#missingTo + 1); seq < to; seq++) {
      this.options.onLost?.({ seq, counts: zeroCounts, reason: 'damage' })
      this.#missingTo = seq
    }
  }

  #report(lost: { seq: number; origin: Origin | undefined; counts: LostBatch['counts'] }, reason: LostBatch['reason']): void {
    const { seq, origin, counts } = lost
    this.options.onLost?.(origin === undefined ? { seq, counts: zeroCounts, reason } : { seq, origin, counts, reason })
  }

  #forgetSettled(): void {
    for (const seq of this.#damaged) if (seq <= this.place.floor) this.#damaged.delete(seq)
  }
}

import type { Cursor, CursorOptions, LostBatch } from '../spool.js'

/** A batch that the spool took, or may have taken. */
export interface Entry {
  readonly seq: number
  readonly id: number
  /** Survives a loss of power. */
  durable: boolean
  /** A sync of it may have been refused, and the process died before it wrote it again: what the system says of it since need not be so. */
  isDoubtful: boolean
  /** It is there; after a loss of power nobody knows before somebody has looked. */
  certain: boolean
}

/** Batches come from so many origins in turn. */
const origins = 5

export function originNumber(id: number): number {
  return id % origins
}

/** A sink as the model sees it: what it has settled, and what it must still get. */
export class ModelCursor {
  readonly name: string
  readonly overflow: CursorOptions['overflow']
  lanes = 1
  /** Undefined while the sink is not there. */
  cursor: Cursor | undefined
  /** When it was there last. */
  leftAtMs: number = Number.POSITIVE_INFINITY
  /** It has a place in the spool. */
  isKnown = false
  wasRemoved = false
  /** Up to here nothing is for this sink, which came later. */
  since = 0
  /** Settled by an acknowledgement of their lane. */
  readonly settled: Set<number> = new Set()
  /** Given up, and said to be. */
  readonly given: Set<number> = new Set()
  /** Those of them that were given up since it was opened. */
  readonly #givenNow = new Set<number>()
  /** So many batches, the oldest, were given up while it was not there. */
  givenWhileAway = 0
  /** Per lane: what a kill must not take back, and what a loss of power must not. */
  written: readonly number[] = []
  forced: readonly number[] = []

  constructor(name: string, overflow: CursorOptions['overflow']) {
    this.name = name
    this.overflow = overflow
  }

  laneOf({ id }: Entry): number {
    return originNumber(id) % this.lanes
  }

  /** Whether it must still get a batch. */
  wants({ seq }: Entry): boolean {
    return seq > this.since && !this.settled.has(seq) && !this.given.has(seq)
  }

  /** Hears of a batch that it will not get. Throws where it must. */
  lose({ seq, reason }: LostBatch): void {
    // Whether it was there is seen when the log is read.
    if (reason === 'damage') return
    if (this.#givenNow.has(seq)) throw new Error(`${this.name}: number ${seq} was given up twice`)
    if (reason === 'overflow' && this.overflow === 'block') throw new Error(`${this.name}: blocks, and gave number ${seq} up`)
    this.#givenNow.add(seq)
    this.given.add(seq)
  }

  /** A cursor was opened, with so many lanes. */
  opened(cursor: Cursor, lanes: number): void {
    this.cursor = cursor
    this.lanes = lanes
    this.leftAtMs = Number.POSITIVE_INFINITY
    this.#givenNow.clear()
  }

  /** It is not there any more. */
  left(nowMs: number): void {
    this.cursor = undefined
    this.leftAtMs = Math.min(this.leftAtMs, nowMs)
  }

  /** The spool has its place where no kill, or where not even a loss of power may take it back. */
  noteWritten({ isForced }: { readonly isForced: boolean }): void {
    if (this.cursor === undefined) return
    this.written = [...this.cursor.acknowledged]
    if (isForced) this.forced = this.written
  }

  /** Of what must not be taken back only what is common to all lanes is left. */
  levelLanes(): void {
    this.written = this.written.map((_, __, all) => Math.min(...all))
    this.forced = this.forced.map((_, __, all) => Math.min(...all))
  }

  /** A batch was lost that nobody had been promised; its number may be given out again. */
  strike(seq: number): void {
    this.settled.delete(seq)
    this.given.delete(seq)
  }

  /** It has no place in the spool any more. */
  forget(): void {
    this.isKnown = false
    this.wasRemoved = true
    this.settled.clear()
    this.given.clear()
    this.givenWhileAway = 0
    this.written = []
    this.forced = []
  }
}

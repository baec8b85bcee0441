import { join } from 'node:path'
import type { Clock } from '../model/clock.js'
import { systemCode, toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { AbsentPlaces } from './absent-places.js'
import type { DiskCursor } from './disk-cursor.js'
import { lowest } from './lanes.js'
import type { ReadableLog } from './log-reader.js'
import type { Place } from './place.js'
import type { Segment } from './segment.js'
import type { GivenUp } from './spool.js'

export interface RetentionOptions {
  readonly source: ReadableLog
  readonly clock: Clock
  readonly logger: Logger
  readonly maxBytes: number
  readonly maxAgeMs: number | undefined
  readonly unusedGraceMs: number
  /** The segment that is written to stays. */
  readonly activeSegment: () => Segment | undefined
  /** There may be room where there was none. */
  readonly onFreed: () => void
  /** Batches were given up for a sink that is not there. */
  readonly onGivenUp: (given: GivenUp) => void
}

/** Decides what stays: nothing that a sink has not settled goes uncounted, and nothing that all have settled stays for long. */
export class Retention {
  readonly places: Map<string, Place> = new Map()
  readonly cursors: Map<string, DiskCursor> = new Map()
  readonly absent: AbsentPlaces
  readonly #options: RetentionOptions
  #collecting: Promise<void> | undefined
  /** Why segments could not be deleted the last time. */
  #complaint: string | undefined

  constructor(options: RetentionOptions) {
    this.#options = options
    this.absent = new AbsentPlaces({ ...options, places: this.places, cursors: this.cursors })
  }

  /** Everything up to this batch is settled by every sink. */
  get floor(): number {
    return this.#lowestOf((place) => place.floor)
  }

  /** Every sink that is there was given the batches up to this one; 0 where none is there. */
  get readSeq(): number {
    let seq = this.cursors.size === 0 ? 0 : Number.POSITIVE_INFINITY
    for (const { position } of this.cursors.values()) seq = Math.min(seq, position)
    return seq
  }

  /** Sees to it that no crash makes a sink a new one, which begins behind what was appended for it. Rejects with the system's error. */
  async storePlaces(): Promise<void> {
    for (const { acks } of this.places.values()) if (!acks.isStored) await acks.flush()
  }

  /** Whether no sink that must not lose anything would go over the cap by so many bytes. An empty backlog takes any batch, if it is `alone`. */
  hasRoom(bytes: number, { alone }: { readonly alone: boolean }): boolean {
    for (const { options, backlogBytes } of this.cursors.values()) {
      if (options.overflow !== 'block' || (alone && backlogBytes === 0)) continue
      if (backlogBytes + bytes > this.#options.maxBytes) return false
    }
    return true
  }

  /** Moves those on that have gone over the cap: sinks that chose to, and places whose sink is not there. */
  async enforceCap(): Promise<void> {
    const { source, maxBytes } = this.#options
    for (const cursor of this.cursors.values()) {
      if (cursor.options.overflow !== 'drop-oldest' || cursor.backlogBytes <= maxBytes) continue
      await cursor.giveUp('overflow', () => cursor.backlogBytes > maxBytes)
    }
    await this.absent.enforceCap()
    if (source.log.bytes > maxBytes) this.collect()
  }

  /**
   * What is done from time to time: gives up what is older than the limit, where there is one, and the places that nobody has used for long;
   * writes acknowledgements again that the disk refused.
   */
  async enforceTime(): Promise<void> {
    const { maxAgeMs, clock } = this.#options
    for (const { acks } of this.places.values()) acks.retry()
    if (maxAgeMs !== undefined) {
      const oldestMs = clock.nowMs() - maxAgeMs
      for (const cursor of this.cursors.values()) await cursor.giveUp('age', ({ appendedMs }) => appendedMs < oldestMs)
      await this.absent.enforceAge(oldestMs)
    }
    await this.absent.enforceGrace()
    this.collect()
  }

  /** Deletes segments that every sink has settled, soon: first the acknowledgements go to the disk, then the segments from it. */
  collect(): void {
    const { log } = this.#options.source
    if (this.#collecting !== undefined || !this.#isSettled(log.segments[0], this.floor)) return
    this.#collecting = this.#collect()
      .catch((error: unknown) => this.#complain(toError(error).message))
      .finally(() => {
        this.#collecting = undefined
      })
  }

  /** Waits for a deletion under way. */
  async settle(): Promise<void> {
    await this.#collecting
  }

  async #collect(): Promise<void> {
    const { source, onFreed } = this.#options
    const { fileSystem, folder, log } = source
    await Promise.all([...this.places.values()].map(({ acks }) => acks.flush()))
    for (const segment of this.#settled(this.#lowestOf((place) => place.persistedFloor))) {
      await fileSystem.unlink(join(folder, segment.name)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error
      })
      log.remove(segment)
    }
    this.#complaint = undefined
    onFreed()
  }

  #lowestOf(floorOf: (place: Place) => number): number {
    return this.places.size === 0 ? this.absent.unclaimedFloor : lowest([...this.places.values()].map(floorOf))
  }

  /** Once for each reason, for it is tried again at every acknowledgement. */
  #complain(reason: string): void {
    if (reason === this.#complaint) return
    this.#complaint = reason
    const { logger, source } = this.#options
    logger.warn({ folder: source.folder, error: reason }, `spool ${source.folder}: settled segments cannot be deleted yet: ${reason}`)
  }

  /** The oldest segments, as long as nothing in them is above the floor. */
  #settled(floor: number): Segment[] {
    const { segments } = this.#options.source.log
    const end = segments.findIndex((segment) => !this.#isSettled(segment, floor))
    return segments.slice(0, end < 0 ? undefined : end)
  }

  #isSettled(segment: Segment | undefined, floor: number): boolean {
    return segment !== undefined && segment.lastSeq <= floor && segment !== this.#options.activeSegment()
  }
}

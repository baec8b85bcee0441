import { join } from 'node:path'
import { toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import type { DiskCursor } from './disk-cursor.js'
import type { FileSystem } from './file-system.js'
import type { Place } from './place.js'
import type { Segment } from './segment.js'
import type { SegmentLog } from './segment-log.js'

export interface RetentionOptions {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly log: SegmentLog
  readonly logger: Logger
  readonly maxBytes: number
  readonly maxAgeMs: number | undefined
  readonly nowMs: () => number
  /** The segment that is written to stays. */
  readonly activeSegment: () => Segment | undefined
  /** There may be room where there was none. */
  readonly onFreed: () => void
}

/** Of the log of a sink that is not there so much of the cap is kept when it is cut: once in a while, and not at every append. */
const keptOfCap = 7 / 8

/** Decides what stays: nothing that a sink has not settled goes uncounted, and nothing that all have settled stays for long. */
export class Retention {
  readonly places: Map<string, Place> = new Map()
  readonly cursors: Map<string, DiskCursor> = new Map()
  readonly #options: RetentionOptions
  /** Where there is no sink at all yet: how far the log was given up. */
  #unclaimedFloor = 0
  #collecting: Promise<void> | undefined

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  /** Everything up to this batch is settled by every sink. */
  get floor(): number {
    if (this.places.size === 0) return this.#unclaimedFloor
    let floor = Number.POSITIVE_INFINITY
    for (const place of this.places.values()) floor = Math.min(floor, place.floor)
    return floor
  }

  /** Every sink that is there was given the batches up to this one; 0 where none is there. */
  get readSeq(): number {
    let seq = this.cursors.size === 0 ? 0 : Number.POSITIVE_INFINITY
    for (const { position } of this.cursors.values()) seq = Math.min(seq, position)
    return seq
  }

  /** Whether no sink that must not lose anything would go over the cap by so many bytes. An empty backlog takes any batch. */
  hasRoom(bytes: number): boolean {
    for (const { options, backlogBytes } of this.cursors.values()) {
      if (options.overflow === 'block' && backlogBytes > 0 && backlogBytes + bytes > this.#options.maxBytes) return false
    }
    return true
  }

  /** Moves those on that have gone over the cap: sinks that chose to, and places whose sink is not there. */
  async enforceCap(): Promise<void> {
    const { log, maxBytes } = this.#options
    for (const cursor of this.cursors.values()) {
      if (cursor.options.overflow !== 'drop-oldest' || cursor.backlogBytes <= maxBytes) continue
      await cursor.giveUp('overflow', () => cursor.backlogBytes > maxBytes)
    }
    for (const place of this.places.values()) {
      if (!this.cursors.has(place.name)) this.#moveOn(place.floor, (seq) => place.lanes.moveTo(seq), place.name)
    }
    if (this.places.size === 0) {
      this.#moveOn(this.#unclaimedFloor, (seq) => {
        this.#unclaimedFloor = seq
      })
    }
    if (log.bytes > maxBytes) this.collect()
  }

  /** Gives up what is older than the limit, where there is one. */
  async enforceAge(): Promise<void> {
    const { maxAgeMs, nowMs } = this.#options
    if (maxAgeMs === undefined) return
    const oldestMs = nowMs() - maxAgeMs
    for (const cursor of this.cursors.values()) await cursor.giveUp('age', ({ appendedMs }) => appendedMs < oldestMs)
  }

  /** Deletes segments that every sink has settled, soon: first the acknowledgements go to the disk, then the segments from it. */
  collect(): void {
    if (this.#collecting !== undefined || !this.#isSettled(this.#options.log.segments[0], this.floor)) return
    this.#collecting = this.#collect()
      .catch((error: unknown) => {
        const { folder, logger } = this.#options
        logger.warn({ folder, error: toError(error).message }, `spool ${folder}: settled segments cannot be deleted yet`)
      })
      .finally(() => {
        this.#collecting = undefined
      })
  }

  /** Waits for a deletion under way. */
  async settle(): Promise<void> {
    await this.#collecting
  }

  async #collect(): Promise<void> {
    const { fileSystem, folder, log, onFreed } = this.#options
    await Promise.all([...this.places.values()].map(({ acks }) => acks.flush()))
    const persisted = [...this.places.values()].map(({ persistedFloor }) => persistedFloor)
    const floor = this.places.size === 0 ? this.#unclaimedFloor : Math.min(...persisted)
    for (const segment of this.#settled(floor)) {
      await fileSystem.unlink(join(folder, segment.name))
      log.remove(segment)
    }
    onFreed()
  }

  /** The oldest segments, as long as nothing in them is above the floor. */
  #settled(floor: number): Segment[] {
    const { segments } = this.#options.log
    const end = segments.findIndex((segment) => !this.#isSettled(segment, floor))
    return segments.slice(0, end < 0 ? undefined : end)
  }

  #isSettled(segment: Segment | undefined, floor: number): boolean {
    return segment !== undefined && segment.lastSeq <= floor && segment !== this.#options.activeSegment()
  }

  #moveOn(floor: number, moveTo: (seq: number) => void, sink?: string): void {
    const { log, maxBytes, logger, folder } = this.#options
    if (log.bytesAfter(floor) <= maxBytes) return
    let to = floor
    while (log.bytesAfter(to) > maxBytes * keptOfCap) {
      const next = log.nextHeld(to + 1)
      if (next === undefined) break
      to = next
    }
    logger.error(
      { folder, sink, fromSeq: floor + 1, toSeq: to, maxBytes },
      `spool ${folder}: batches that no sink came for were given up at the cap`,
    )
    moveTo(to)
  }
}

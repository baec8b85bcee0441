import { addCounts, totalOf, zeroCounts } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { formatDuration } from '../model/duration.js'
import { InTurn } from '../model/in-turn.js'
import type { Logger } from '../model/logger.js'
import type { DiskCursor } from './disk-cursor.js'
import { LogReader, type ReadableLog } from './log-reader.js'
import type { Place } from './place.js'
import type { SkimmedBatch } from './segment-reader.js'
import type { GivenUp, UnusedPlace } from './spool.js'

/** Of the log of a sink that is not there so much of the cap is kept when it is cut: once in a while, and not at every append. */
const keptOfCap = 7 / 8
/** A pipeline opens its cursors one after the other, and counts what waits for each: only then it shows which of them nobody uses. */
const noticeAfterMs = 10_000

export interface AbsentPlacesOptions {
  readonly source: ReadableLog
  readonly places: Map<string, Place>
  readonly cursors: ReadonlyMap<string, DiskCursor>
  readonly clock: Clock
  readonly logger: Logger
  readonly maxBytes: number
  readonly unusedGraceMs: number
  readonly onGivenUp: (given: GivenUp) => void
}

/** A place, or the log itself where there is none yet. */
interface Holder {
  readonly name?: string
  readonly floor: number
  moveTo(seq: number): void
}

/** The places of sinks that are not there: they hold the log back no longer than a while, no further than the cap, and never uncounted. */
export class AbsentPlaces {
  readonly #options: AbsentPlacesOptions
  /** Since when a place was seen to be unused, by the clock that never goes back. */
  readonly #seenMs = new Map<string, number>()
  readonly #noticed = new Set<string>()
  /** Sinks that had no place when they came, and sinks that left, in this order of events. */
  readonly #newcomers = new Map<string, number>()
  readonly #leavers = new Map<string, number>()
  #events = 0
  /** Where there is no sink at all yet: how far the log was given up. */
  #unclaimedFloor = 0
  readonly #turns = new InTurn()

  constructor(options: AbsentPlacesOptions) {
    this.#options = options
  }

  /** Where no sink has a place: everything up to this batch was given up. */
  get unclaimedFloor(): number {
    return this.#unclaimedFloor
  }

  /** Places that nobody was seen to use for a while. */
  get unused(): UnusedPlace[] {
    const { places, source } = this.#options
    return [...this.#noticed].flatMap((name) => {
      const place = places.get(name)
      return place === undefined ? [] : [{ name, sinceMs: place.unusedSinceMs, bytes: source.log.bytesAfter(place.floor) }]
    })
  }

  /** A cursor was opened. */
  used(place: Place, isNew: boolean): void {
    place.setUnusedSince(0)
    this.#seenMs.delete(place.name)
    this.#noticed.delete(place.name)
    if (isNew) this.#newcomers.set(place.name, ++this.#events)
  }

  /** A cursor was closed. */
  left(name: string): void {
    this.#leavers.set(name, ++this.#events)
  }

  /** Gives up what is over the cap. */
  async enforceCap(): Promise<void> {
    const { log } = this.#options.source
    const { maxBytes } = this.#options
    for (const holder of this.#holders()) {
      if (log.bytesAfter(holder.floor) <= maxBytes) continue
      await this.#giveUp(holder, 'overflow', ({ seq }) => log.bytesAfter(seq - 1) > maxBytes * keptOfCap)
    }
  }

  /** Gives up what was appended before a time, wall clock in milliseconds. */
  async enforceAge(oldestMs: number): Promise<void> {
    for (const holder of this.#holders()) await this.#giveUp(holder, 'age', ({ appendedMs }) => appendedMs < oldestMs)
  }

  /** Notices which places nobody uses, says so, and gives those up that nobody has used for the time of grace. */
  async enforceGrace(): Promise<void> {
    const { places, cursors, clock, unusedGraceMs } = this.#options
    for (const place of places.values()) {
      if (cursors.has(place.name)) continue
      const seenMs = this.#seenMs.get(place.name)
      if (seenMs === undefined) this.#seenMs.set(place.name, clock.monotonicMs())
      else if (clock.monotonicMs() - seenMs >= noticeAfterMs) this.#notice(place)
      if (!this.#noticed.has(place.name) || clock.nowMs() - place.unusedSinceMs < unusedGraceMs) continue
      await this.#giveUp(toHolder(place), 'removed', () => true)
      await this.#forget(place)
    }
  }

  #notice(place: Place): void {
    const { clock, logger, unusedGraceMs, source } = this.#options
    const { folder, log } = source
    const nowMs = clock.nowMs()
    // A time that is still to come was written by a clock that was wrong.
    if (place.unusedSinceMs === 0 || place.unusedSinceMs > nowMs) place.setUnusedSince(nowMs)
    if (this.#noticed.has(place.name)) return
    this.#noticed.add(place.name)
    const { name, unusedSinceMs: sinceMs } = place
    const bytes = log.bytesAfter(place.floor)
    const untilMs = sinceMs + unusedGraceMs
    const leftAt = this.#leavers.get(name) ?? 0
    const newSinks = [...this.#newcomers].filter(([, cameAt]) => cameAt > leftAt).map(([newcomer]) => newcomer)
    const renamed =
      newSinks.length === 0 ? '' : `; if it is now called ${newSinks.join(' or ')}, which is new, it gets them under its old name`
    logger.warn(
      { folder, sink: name, bytes, sinceMs, untilMs, newSinks },
      `spool ${folder}: nobody has used the place of sink ${name} since ${new Date(sinceMs).toISOString()}: its ${bytes} bytes are kept for ${formatDuration(unusedGraceMs)} from then (unusedGraceMs)${renamed}`,
    )
  }

  async #forget(place: Place): Promise<void> {
    const { places, cursors } = this.#options
    if (cursors.has(place.name)) return
    places.delete(place.name)
    this.#seenMs.delete(place.name)
    this.#noticed.delete(place.name)
    await place.acks.remove()
  }

  #holders(): Holder[] {
    const { places, cursors } = this.#options
    const absent = [...places.values()].filter(({ name }) => !cursors.has(name)).map(toHolder)
    if (places.size > 0) return absent
    const moveTo = (seq: number): void => {
      this.#unclaimedFloor = seq
    }
    return [{ floor: this.#unclaimedFloor, moveTo }]
  }

  /** Gives up the oldest batches while `isTooMuch` says so; nothing where its cursor is opened meanwhile. One after the other. */
  #giveUp(holder: Holder, reason: GivenUp['reason'], isTooMuch: (oldest: SkimmedBatch) => boolean): Promise<void> {
    return this.#turns.run(() => this.#giveUpNow(holder, reason, isTooMuch))
  }

  async #giveUpNow(holder: Holder, reason: GivenUp['reason'], isTooMuch: (oldest: SkimmedBatch) => boolean): Promise<void> {
    const { source, places, cursors } = this.#options
    const { name } = holder
    const reader = new LogReader(source, { skims: true })
    let [to, batches, counts] = [holder.floor, 0, zeroCounts]
    try {
      for (let seq = source.log.nextHeld(to + 1); seq !== undefined; seq = source.log.nextHeld(seq + 1)) {
        const oldest = await reader.skim(seq)
        if (name === undefined ? places.size > 0 : cursors.has(name)) return
        if (oldest !== undefined && !isTooMuch(oldest)) break
        counts = addCounts(counts, oldest?.counts ?? zeroCounts)
        batches++
        to = seq
      }
    } finally {
      await reader.close()
    }
    if (batches === 0) return
    holder.moveTo(to)
    this.#report({ ...(name !== undefined && { sink: name }), reason, batches, counts })
  }

  #report(given: GivenUp): void {
    const { logger, source, maxBytes, unusedGraceMs, onGivenUp } = this.#options
    const { folder } = source
    const whose = given.sink === undefined ? 'that no sink came for' : `of sink ${given.sink}, which is not there,`
    const why = {
      overflow: `at the cap of ${maxBytes} bytes (maxBytes)`,
      age: 'at the age limit (maxAgeMs)',
      removed: `after ${formatDuration(unusedGraceMs)} (unusedGraceMs)`,
    }[given.reason]
    logger.error({ folder, ...given }, `spool ${folder}: ${totalOf(given.counts)} samples ${whose} were given up ${why}`)
    onGivenUp(given)
  }
}

function toHolder(place: Place): Holder {
  return { name: place.name, floor: place.floor, moveTo: (seq) => place.lanes.moveTo(seq) }
}

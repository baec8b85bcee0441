import { type Batch, countsOf } from '../model/batch.js'
import { type Clock, systemClock } from '../model/clock.js'
import { PromlineError } from '../model/errors.js'
import { estimateBatchBytes } from '../records/columns-encode.js'
import { type Settlers, settledUnlessAborted } from './append-promise.js'
import { assertCursorOptions } from './cursor-options.js'
import { assertIntegerOption, minBoundBytes } from './integer-option.js'
import { chooseLane, Lanes, lowest } from './lanes.js'
import { MemoryCursor } from './memory-cursor.js'
import { MemoryLog } from './memory-log.js'
import { Notifier } from './notifier.js'
import { closedError, notOpenError, oversizeError, pendingError } from './refusals.js'
import type { Cursor, CursorOptions, Spool, SpooledBatch, SpoolStatus } from './spool.js'

/** Some eight million samples: minutes of a large pipeline, in the memory of a small one. */
const defaultMaxBytes = 64 * 1024 * 1024
/** As much as waits to get in: beyond that those who write are better told to come again later. */
const defaultMaxPendingBytes = 64 * 1024 * 1024

export interface MemorySpoolOptions {
  /** Cap for each sink: bytes between its oldest unacknowledged batch and the head. Default 64 MiB; 1 KiB at least. */
  readonly maxBytes?: number
  /** What appends hold that wait for room. Beyond, an append rejects with `spool-full`. Default 64 MiB; 1 KiB at least. */
  readonly maxPendingBytes?: number
  readonly clock?: Clock
}

/**
 * Creates a spool in memory: nothing survives the process, so an append resolves only when every required cursor has acknowledged its
 * batch. Where there is none, it resolves at once. Throws a PromlineError (`options`).
 */
export function createMemorySpool(options: MemorySpoolOptions = {}): Spool {
  const { maxBytes = defaultMaxBytes, maxPendingBytes = defaultMaxPendingBytes, clock = systemClock } = options
  for (const [name, value] of Object.entries({ maxBytes, maxPendingBytes })) {
    assertIntegerOption({ of: 'memory spool', name, value }, { min: minBoundBytes, max: Number.MAX_SAFE_INTEGER })
  }
  return new MemorySpool({ maxBytes, maxPendingBytes, clock })
}

interface Append extends Settlers<{ readonly seq: number; readonly status: 'delivered' }> {
  readonly batch: Batch
  readonly bytes: number
}

/** A sink's place: it outlives its cursor. */
interface MemoryPlace {
  readonly lanes: Lanes
  /** Of the cursor that is open, or was last. */
  options: CursorOptions
  /** The cursor that holds it: open, or closed until another follows. */
  holder: MemoryCursor | undefined
}

class MemorySpool implements Spool {
  readonly #maxBytes: number
  readonly #maxPendingBytes: number
  readonly #clock: Clock
  readonly #log = new MemoryLog()
  readonly #appended = new Notifier()
  readonly #places = new Map<string, MemoryPlace>()
  /** Appends that wait for room, in the order of the calls. */
  readonly #waiting: Append[] = []
  #waitingBytes = 0
  /** Appends whose batch is in the log and not delivered, by its number. */
  readonly #undelivered = new Map<number, Append>()
  #state: 'new' | 'open' | 'closed' = 'new'

  constructor(options: Required<MemorySpoolOptions>) {
    this.#maxBytes = options.maxBytes
    this.#maxPendingBytes = options.maxPendingBytes
    this.#clock = options.clock
  }

  async open(): Promise<void> {
    if (this.#state !== 'new') throw new PromlineError('options', 'memory spool: it was opened before')
    this.#state = 'open'
  }

  append(batch: Batch, options: { readonly signal?: AbortSignal } = {}): ReturnType<Spool['append']> {
    const { signal } = options
    return new Promise((resolve, reject) => {
      this.#assertOpen()
      signal?.throwIfAborted()
      const bytes = estimateBatchBytes(batch)
      if (bytes > this.#maxBytes) throw oversizeError(undefined, { bytes, maxBytes: this.#maxBytes })
      if (this.#waiting.length > 0 && this.#waitingBytes + bytes > this.#maxPendingBytes)
        throw pendingError(undefined, this.#maxPendingBytes)
      const abort = (): void => this.#abort(append, signal?.reason)
      const append: Append = { batch, bytes, ...settledUnlessAborted({ resolve, reject }, signal, abort) }
      this.#waiting.push(append)
      this.#waitingBytes += bytes
      this.#admit()
    })
  }

  async cursor(options: CursorOptions): Promise<Cursor> {
    this.#assertOpen()
    assertCursorOptions(options)
    const { name } = options
    const known = this.#places.get(name)
    if (known?.holder?.isClosed === false) throw new PromlineError('options', `cursor ${name} is open already`)
    const place: MemoryPlace = known ?? {
      lanes: new Lanes({ name, settled: [], onMoved: () => {} }),
      options,
      holder: undefined,
    }
    place.options = options
    this.#places.set(name, place)
    const restarted = place.lanes.arrange(options.lanes, options.start === 'beginning' ? this.#log.firstSeq - 1 : this.#log.head)
    const host = {
      log: this.#log,
      appended: this.#appended,
      isClosed: () => this.#state === 'closed',
      onSettled: () => this.#settle(),
      onClose: ({ reopens }: { readonly reopens?: boolean }) => {
        if (place.holder === cursor && reopens !== true) place.holder = undefined
      },
    }
    const cursor: MemoryCursor = new MemoryCursor(host, place.lanes, { name, restarted })
    place.holder = cursor
    return cursor
  }

  async removeCursor(name: string): Promise<void> {
    this.#assertOpen()
    if (this.#places.get(name)?.holder?.isClosed === false) throw new PromlineError('options', `cursor ${name} is open: close it first`)
    if (this.#places.delete(name)) this.#settle()
  }

  status(): SpoolStatus {
    const { head, bytes } = this.#log
    return {
      kind: 'memory',
      head,
      bytes,
      maxBytes: this.#maxBytes,
      segments: 0,
      damagedRecords: 0,
      tornBytes: 0,
      syncFailures: 0,
      unused: [],
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    for (const append of [...this.#waiting.splice(0), ...this.#undelivered.values()]) append.reject(closedError(undefined))
    this.#undelivered.clear()
    this.#appended.notify()
  }

  /** Takes what waits into the log, as long as there is room. An empty backlog takes any batch. */
  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#waitingBytes -= next.bytes
      const seq = this.#log.head + 1
      const { batch, bytes } = next
      this.#log.push({ seq, batch, bytes, counts: countsOf(batch), appendedMs: this.#clock.nowMs() })
      this.#undelivered.set(seq, next)
      for (const place of this.#places.values()) this.#enforceCap(place)
    }
    this.#settle()
    this.#appended.notify()
  }

  #hasRoom(bytes: number): boolean {
    return [...this.#places.values()].every(({ lanes, options, holder }) => {
      const backlog = this.#log.bytesAfter(lanes.floor)
      return holder === undefined || options.overflow !== 'block' || backlog === 0 || backlog + bytes <= this.#maxBytes
    })
  }

  /** Moves a sink on that chose to lose the oldest, or that is not there. */
  #enforceCap(place: MemoryPlace): void {
    const { lanes, options, holder } = place
    if (holder !== undefined && options.overflow === 'block') return
    while (this.#log.bytesAfter(lanes.floor) > this.#maxBytes) {
      const oldest = this.#log.get(lanes.floor + 1)
      if (oldest === undefined) return
      if (!hasSettled(place, oldest)) this.#giveUp(place, oldest)
      lanes.moveTo(oldest.seq)
    }
  }

  #giveUp(place: MemoryPlace, { seq, batch, counts }: SpooledBatch): void {
    place.options.onLost?.({ seq, origin: batch.origin, counts, reason: 'overflow' })
    if (place.options.required === false) return
    const append = this.#undelivered.get(seq)
    this.#undelivered.delete(seq)
    append?.reject(
      new PromlineError('spool-full', `memory spool: a batch was given up for ${place.options.name} at the cap of ${this.#maxBytes} bytes`),
    )
  }

  /** Answers the appends that every required sink has settled, lets go of what nobody needs, and takes in what waits. */
  #settle(): void {
    const places = [...this.#places.values()]
    for (const [seq, append] of this.#undelivered) {
      const batch = this.#log.get(seq)
      if (batch !== undefined && !places.every((place) => place.options.required === false || hasSettled(place, batch))) continue
      this.#undelivered.delete(seq)
      append.resolve({ seq, status: 'delivered' })
    }
    this.#log.release(places.length === 0 ? this.#log.head : lowest(places.map(({ lanes }) => lanes.floor)))
    const next = this.#waiting[0]
    if (next !== undefined && this.#hasRoom(next.bytes)) this.#admit()
  }

  #abort(append: Append, reason: unknown): void {
    const index = this.#waiting.indexOf(append)
    if (index >= 0) {
      this.#waiting.splice(index, 1)
      this.#waitingBytes -= append.bytes
    }
    for (const [seq, other] of this.#undelivered) if (other === append) this.#undelivered.delete(seq)
    append.reject(reason)
    if (index === 0) this.#admit()
  }

  #assertOpen(): void {
    if (this.#state === 'new') throw notOpenError(undefined)
    if (this.#state === 'closed') throw closedError(undefined)
  }
}

function hasSettled({ lanes, options }: MemoryPlace, { seq, batch }: SpooledBatch): boolean {
  return lanes.hasSettled(seq, chooseLane(batch.origin, options.laneOf))
}

import { Trigger } from '../../model/trigger.js'
import { type Batch, countsOf, totalOf } from '../../model/batch.js'
import type { Clock } from '../../model/clock.js'
import { PromlineError } from '../../model/errors.js'
import type { Cursor, CursorOptions, Spool, SpooledBatch, SpoolStatus } from '../../spool/spool.js'

/** What survives a crash: give the same one to the next spool. */
export class DoubleDisk {
  readonly log: SpooledBatch[] = []
  readonly marks: Map<string, number[]> = new Map()
  /** Sinks that were there once. */
  readonly names: Set<string> = new Set()
  /** Marks as they were written, for crashes that lose the last of them. */
  readonly written: { readonly name: string; readonly marks: number[] }[] = []

  /** Goes back to marks that were written some acknowledgements ago. */
  loseMarks(count: number): void {
    this.written.splice(Math.max(0, this.written.length - count))
    this.marks.clear()
    for (const { name, marks } of this.written) this.marks.set(name, marks)
  }
}

export interface DoubleSpoolOptions {
  readonly clock: Clock
  readonly disk?: DoubleDisk
  readonly kind?: SpoolStatus['kind']
  /** Largest backlog of a cursor, in bytes (16 a sample). */
  readonly maxBytes?: number
  /** Refuses appends while it gives an error. */
  readonly refuse?: () => Error | undefined
}

/** A spool in a few lines, for tests of what stands on one: everything in an array. */
export class DoubleSpool implements Spool {
  readonly disk: DoubleDisk
  readonly changed: Trigger = new Trigger()
  readonly cursors: Map<string, DoubleCursor> = new Map()
  readonly removed: string[] = []
  readonly options: DoubleSpoolOptions
  closed = false

  constructor(options: DoubleSpoolOptions) {
    this.options = options
    this.disk = options.disk ?? new DoubleDisk()
  }

  get head(): number {
    return this.disk.log.length
  }

  async open(): Promise<void> {}

  async append(batch: Batch, { signal }: { readonly signal?: AbortSignal } = {}): Promise<{ seq: number; status: 'delivered' | 'spooled' }> {
    const counts = countsOf(batch)
    const bytes = 16 * totalOf(counts)
    const stop = signal ?? new AbortController().signal
    while (this.#isFull(bytes)) {
      await this.changed.wait({ signal: stop })
      stop.throwIfAborted()
    }
    stop.throwIfAborted()
    if (this.closed) throw new PromlineError('closed', 'the spool is closed')
    const refusal = this.options.refuse?.()
    if (refusal !== undefined) throw refusal
    const seq = this.head + 1
    this.disk.log.push({ seq, batch, counts, bytes, appendedMs: this.options.clock.nowMs() })
    for (const cursor of this.cursors.values()) cursor.overflow()
    this.changed.fire()
    if (this.options.kind !== 'memory') return { seq, status: 'spooled' }
    while (![...this.cursors.values()].every((cursor) => cursor.isSettled(seq))) {
      await this.changed.wait({ signal: stop })
      stop.throwIfAborted()
      if (this.closed) throw new PromlineError('closed', 'the spool is closed')
    }
    return { seq, status: 'delivered' }
  }

  #isFull(bytes: number): boolean {
    const max = this.options.maxBytes ?? Number.POSITIVE_INFINITY
    return [...this.cursors.values()].some(({ options, backlogBytes }) => options.overflow === 'block' && backlogBytes + bytes > max)
  }

  async cursor(options: CursorOptions): Promise<Cursor> {
    if (this.cursors.has(options.name)) throw new Error(`cursor ${options.name} is open`)
    const cursor = new DoubleCursor(this, options)
    this.cursors.set(options.name, cursor)
    return cursor
  }

  async removeCursor(name: string): Promise<void> {
    this.removed.push(name)
    this.disk.marks.delete(name)
  }

  status(): SpoolStatus {
    const { kind, maxBytes } = this.options
    const bytes = this.disk.log.reduce((sum, record) => sum + record.bytes, 0)
    const healthy = { damagedRecords: 0, tornBytes: 0, syncFailures: 0, unused: [] }
    return { kind: kind ?? 'disk', head: this.head, bytes, segments: 1, ...healthy, ...(maxBytes && { maxBytes }) }
  }

  async close(): Promise<void> {
    this.closed = true
    this.changed.fire()
  }
}

export class DoubleCursor implements Cursor {
  readonly name: string
  readonly restarted: boolean
  readonly options: CursorOptions
  readonly acknowledged: number[]
  position: number
  readonly #spool: DoubleSpool
  #lostUpTo = 0

  constructor(spool: DoubleSpool, options: CursorOptions) {
    this.#spool = spool
    this.options = options
    this.name = options.name
    const stored = spool.disk.marks.get(options.name)
    this.restarted = stored?.length !== options.lanes
    const { names } = spool.disk
    const start = options.start === 'beginning' || names.size === 0 || names.has(options.name) ? 0 : spool.head
    names.add(options.name)
    const lowest = Math.min(...(stored ?? [start]))
    this.acknowledged = stored?.length === options.lanes ? [...stored] : Array.from({ length: options.lanes }, () => lowest)
    this.position = Math.min(...this.acknowledged)
  }

  async next({ signal }: { readonly signal: AbortSignal }): Promise<SpooledBatch | undefined> {
    while (!signal.aborted && !this.#spool.closed) {
      this.position = Math.max(this.position, this.#lostUpTo)
      const record = this.#spool.disk.log[this.position]
      if (record !== undefined) {
        this.position = record.seq
        return record
      }
      await this.#spool.changed.wait({ signal })
    }
    return undefined
  }

  seek(seq: number): void {
    this.position = seq - 1
  }

  acknowledge(lane: number, seq: number): void {
    this.acknowledged[lane] = Math.max(seq, this.acknowledged[lane]!)
    if (this.#spool.closed) return
    this.#spool.disk.marks.set(this.name, [...this.acknowledged])
    this.#spool.disk.written.push({ name: this.name, marks: [...this.acknowledged] })
    this.#spool.changed.fire()
  }

  get #oldest(): number {
    return Math.max(this.#lostUpTo, Math.min(...this.acknowledged)) + 1
  }

  get backlogBytes(): number {
    return this.#spool.disk.log.slice(this.#oldest - 1).reduce((sum, record) => sum + record.bytes, 0)
  }

  isSettled(seq: number): boolean {
    if (this.options.required === false) return true
    const lane = this.options.laneOf?.(this.#spool.disk.log[seq - 1]!.batch.origin) ?? 0
    return this.acknowledged[lane]! >= seq
  }

  /** Loses the oldest while there is more than the cap. */
  overflow(): void {
    const max = this.#spool.options.maxBytes
    if (this.options.overflow !== 'drop-oldest' || max === undefined) return
    while (this.backlogBytes > max) {
      const { seq, counts, batch } = this.#spool.disk.log[this.#oldest - 1]!
      this.#lostUpTo = seq
      const lane = this.options.laneOf?.(batch.origin) ?? 0
      if (this.acknowledged[lane]! < seq) this.options.onLost?.({ seq, counts, reason: 'overflow' })
    }
  }

  async *skim(): ReturnType<Cursor['skim']> {
    for (const { seq, batch, counts, bytes, appendedMs } of this.#spool.disk.log.slice(this.#oldest - 1)) {
      yield { seq, origin: batch.origin, counts, bytes, appendedMs }
    }
  }

  async close(): Promise<void> {
    this.#spool.cursors.delete(this.name)
  }
}

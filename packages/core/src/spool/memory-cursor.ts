import type { Lanes } from './lanes.js'
import type { MemoryLog } from './memory-log.js'
import type { Notifier } from './notifier.js'
import type { Cursor, SpooledBatch } from './spool.js'

/** What a cursor needs of its spool. */
export interface MemoryCursorHost {
  readonly log: MemoryLog
  readonly appended: Notifier
  isClosed(): boolean
  onSettled(): void
  onClose(options: { readonly reopens?: boolean }): void
}

/** A sink's place in the log in memory. */
export class MemoryCursor implements Cursor {
  readonly name: string
  readonly lanes: Lanes
  readonly restarted: boolean
  readonly #host: MemoryCursorHost
  #position: number
  #closed = false

  constructor(host: MemoryCursorHost, lanes: Lanes, options: { name: string; restarted: boolean }) {
    this.#host = host
    this.lanes = lanes
    this.name = options.name
    this.restarted = options.restarted
    this.#position = lanes.floor
  }

  /** Whether it only stands for the one that follows. */
  get isClosed(): boolean {
    return this.#closed
  }

  get acknowledged(): readonly number[] {
    return this.lanes.settled
  }

  get position(): number {
    return this.#position
  }

  get backlogBytes(): number {
    return this.#host.log.bytesAfter(this.lanes.floor)
  }

  async next(options: { readonly signal: AbortSignal }): Promise<SpooledBatch | undefined> {
    const { log, appended } = this.#host
    while (!this.#closed && !this.#host.isClosed() && !options.signal.aborted) {
      const seq = Math.max(this.#position, this.lanes.floor) + 1
      const batch = log.get(seq)
      if (batch !== undefined) {
        this.#position = seq
        return batch
      }
      await appended.wait(options.signal)
    }
    return undefined
  }

  seek(seq: number): void {
    this.#position = seq - 1
  }

  acknowledge(lane: number, seq: number): void {
    this.lanes.acknowledge(lane, Math.min(seq, this.#host.log.head))
    this.#host.onSettled()
  }

  async *skim(): ReturnType<Cursor['skim']> {
    const { log } = this.#host
    for (let seq = this.lanes.floor + 1; ; seq++) {
      const one = log.get(seq)
      if (one === undefined) return
      yield { seq, origin: one.batch.origin, counts: one.counts, bytes: one.bytes, appendedMs: one.appendedMs }
    }
  }

  async close(options: { readonly reopens?: boolean } = {}): Promise<void> {
    this.#closed = true
    this.#host.onClose(options)
    this.#host.appended.notify()
  }
}

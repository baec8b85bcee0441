import type { Batch } from '../model/batch.js'
import { isPromlineError, type PromlineError, systemCode, toError } from '../model/errors.js'
import { estimateBatchBytes } from '../records/columns-encode.js'
import { type Settlers, settledUnlessAborted } from './append-promise.js'
import { DiskTrouble, type DiskTroubleOptions } from './disk-trouble.js'
import type { LogWriter } from './log-writer.js'
import { Notifier } from './notifier.js'
import { closedError, oversizeError, pendingError } from './refusals.js'
import type { Retention } from './retention.js'
import type { FsyncPolicy, SpooledBatch } from './spool.js'

export interface AppendQueueOptions extends DiskTroubleOptions {
  readonly fsync: FsyncPolicy
  readonly maxBytes: number
  readonly maxPendingBytes: number
  readonly maxGroupBytes: number
  readonly maxUnsyncedBytes: number
  readonly writer: LogWriter
  readonly retention: Retention
  /** Batches are in the log; readers may have them. */
  readonly onAppended: (batches: readonly SpooledBatch[]) => void
}

interface Pending extends Settlers<SpooledBatch> {
  readonly batch: Batch
  /** What it holds in memory while it waits, about. */
  readonly bytes: number
}

/** Takes batches in the order of the calls and writes those that wait together. */
export class AppendQueue {
  readonly #options: AppendQueueOptions
  readonly #trouble: DiskTrouble
  readonly #pending = new Set<Pending>()
  #pendingBytes = 0
  /** Something that a waiting append waits for has changed. */
  readonly #changed = new Notifier()
  #running: Promise<void> | undefined
  #closing = false
  /** The append that waits for room. */
  #waiting: { readonly pending: Pending; readonly bytes: number } | undefined

  constructor(options: AppendQueueOptions) {
    this.#options = options
    this.#trouble = new DiskTrouble(options)
  }

  /** Why appends are refused. */
  get blocked(): string | undefined {
    return this.#trouble.reason
  }

  append(batch: Batch, signal: AbortSignal | undefined): Promise<SpooledBatch> {
    return new Promise((resolve, reject) => {
      const { folder, maxPendingBytes } = this.#options
      if (this.#closing) return reject(closedError(folder))
      if (signal?.aborted) return reject(signal.reason)
      const bytes = estimateBatchBytes(batch)
      // What comes alone waits, whatever its size: it is the caller's memory in any case.
      if (this.#pending.size > 0 && this.#pendingBytes + bytes > maxPendingBytes) return reject(pendingError(folder, maxPendingBytes))
      const abort = (): void => this.#abort(pending, signal?.reason)
      const pending: Pending = { batch, bytes, ...settledUnlessAborted({ resolve, reject }, signal, abort) }
      this.#pending.add(pending)
      this.#pendingBytes += bytes
      this.kick()
    })
  }

  /** There is something to write, or to write again. */
  kick(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#pending.size > 0) this.kick()
    })
  }

  /** A cursor has moved on: what waits may have room. */
  wake(): void {
    this.#changed.notify()
  }

  /** Space was freed: what was refused for want of it may be tried at once. */
  retry(): void {
    this.#trouble.freed()
    this.#changed.notify()
  }

  /** Writes what can be written and rejects what would have to wait. */
  async close(): Promise<void> {
    this.#closing = true
    this.#changed.notify()
    while (this.#running !== undefined) await this.#running
  }

  /** A batch that is being written is not in the list any more: it is too late. */
  #abort(pending: Pending, reason: unknown): void {
    if (!this.#remove(pending)) return
    pending.reject(reason)
    this.#changed.notify()
  }

  /** False: it is not there any more. */
  #remove(pending: Pending): boolean {
    if (!this.#pending.delete(pending)) return false
    this.#pendingBytes -= pending.bytes
    return true
  }

  async #run(): Promise<void> {
    // Those who append in one turn of the event loop are written together, whichever sockets they come from.
    await new Promise((resolve) => setImmediate(resolve))
    do {
      const obstacle = await this.#prepare()
      if (obstacle !== undefined) this.#rejectAll(obstacle)
      else if (!this.#isStuck()) await this.#writeSome()
      else if (this.#closing) this.#rejectAll(closedError(this.#options.folder))
      else await this.#changed.wait()
    } while (this.#pending.size > 0)
  }

  /** Whether the first batch waits for room: it is not encoded again at every acknowledgement, only when there is room for it. */
  #isStuck(): boolean {
    const waiting = this.#waiting
    return waiting !== undefined && this.#pending.has(waiting.pending) && !this.#options.retention.hasRoom(waiting.bytes, { alone: true })
  }

  /** Resolves to why nothing can be written now. */
  async #prepare(): Promise<PromlineError | undefined> {
    const { writer, retention, fsync, maxUnsyncedBytes } = this.#options
    const obstacle = await this.#trouble.obstacle()
    if (obstacle !== undefined) return obstacle
    try {
      await retention.storePlaces()
      if (this.#pending.size > 0) await writer.prepare()
      else await writer.repair()
      if (fsync === 'interval' && writer.unsyncedBytes > maxUnsyncedBytes) await writer.sync()
    } catch (error) {
      return await this.#trouble.met(error)
    }
    return undefined
  }

  /** Writes batches that wait, in their order: a large one, or as many others as make a group. Or finds that the first must wait. */
  async #writeSome(): Promise<void> {
    const [first] = this.#pending
    if (first === undefined) return
    const group = this.#options.writer.isLarge(first.batch) ? await this.#addLarge(first) : await this.#addGroup()
    if (group.length > 0) await this.#write(group)
  }

  async #addGroup(): Promise<Pending[]> {
    const { writer, maxGroupBytes } = this.#options
    const group: Pending[] = []
    for (const next of this.#pending) {
      if (writer.groupBytes >= maxGroupBytes || (group.length > 0 && writer.isLarge(next.batch))) break
      let bytes: number
      try {
        bytes = writer.add(next.batch).bytes
      } catch (error) {
        this.#remove(next)
        next.reject(error)
        continue
      }
      const fate = this.#decide(next, { bytes, alone: group.length === 0 })
      if (fate === 'taken') group.push(next)
      else await writer.removeLast()
      if (fate === 'waits') break
    }
    return group
  }

  async #addLarge(next: Pending): Promise<Pending[]> {
    const { writer } = this.#options
    let bytes: number
    try {
      bytes = (await writer.addLarge(next.batch)).bytes
    } catch (error) {
      this.#remove(next)
      const isOfBatch = isPromlineError(error) || systemCode(error) === undefined
      next.reject(isOfBatch ? error : await this.#trouble.met(error))
      return []
    }
    // Its caller may have given it up meanwhile.
    if (this.#pending.has(next) && this.#decide(next, { bytes, alone: true }) === 'taken') return [next]
    await writer.removeLast()
    return []
  }

  /** What becomes of the batch that was added last. */
  #decide(next: Pending, { bytes, alone }: { readonly bytes: number; readonly alone: boolean }): 'taken' | 'refused' | 'waits' {
    const { writer, retention, maxBytes, folder } = this.#options
    if (bytes > maxBytes) {
      this.#remove(next)
      next.reject(oversizeError(folder, { bytes, maxBytes }))
      return 'refused'
    }
    if (!retention.hasRoom(writer.groupBytes, { alone })) {
      this.#waiting = { pending: next, bytes }
      return 'waits'
    }
    this.#remove(next)
    return 'taken'
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const { writer, retention, logger, folder } = this.#options
    this.#trouble.writing(writer.groupBytes)
    let batches: readonly SpooledBatch[]
    try {
      batches = await writer.commit()
    } catch (error) {
      const reason = await this.#trouble.met(error)
      for (const pending of group) pending.reject(reason)
      return
    }
    this.#trouble.passed()
    this.#options.onAppended(batches)
    await retention.enforceCap().catch((error: unknown) => {
      logger.warn({ folder, error: toError(error).message }, `spool ${folder}: a cursor over its cap cannot be moved on yet`)
    })
    for (const [i, batch] of batches.entries()) group[i]!.resolve(batch)
  }

  #rejectAll(reason: PromlineError): void {
    const rejected = [...this.#pending]
    this.#pending.clear()
    this.#pendingBytes = 0
    for (const pending of rejected) pending.reject(reason)
  }
}

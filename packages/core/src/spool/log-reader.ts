import { join } from 'node:path'
import { InTurn } from '../model/in-turn.js'
import type { FileSystem } from './file-system.js'
import type { ListInterner } from '../records/list-interner.js'
import type { LiveTail } from './live-tail.js'
import type { SegmentLog } from './segment-log.js'
import { SegmentReader, type SkimmedBatch } from './segment-reader.js'
import type { SpooledBatch } from './spool.js'

/** The log as readers need it. */
export interface ReadableLog {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly log: SegmentLog
  readonly tail: LiveTail
  readonly interner: ListInterner
  /** A larger batch is read record by record. */
  readonly maxReadBytes: number
}

/** Reads batches wherever they are, one segment open at a time, one call after the other. */
export class LogReader {
  readonly #source: ReadableLog
  readonly #skims: boolean
  #reader: SegmentReader | undefined
  readonly #turns = new InTurn()
  #closed = false

  constructor(source: ReadableLog, options: { skims: boolean }) {
    this.#source = source
    this.#skims = options.skims
  }

  /** Undefined where the batch is gone by now, or the reader closed. Rejects with the system's error. */
  read(seq: number): Promise<SpooledBatch | { readonly damaged: SkimmedBatch } | undefined> {
    return this.#turns.run(async () => (await this.#readerOf(seq))?.read(seq))
  }

  /** What the heads of a batch say; undefined where it is gone by now, or the reader closed. Rejects with the system's error. */
  async skim(seq: number): Promise<SkimmedBatch | undefined> {
    const recent = this.#source.tail.get(seq)
    if (recent !== undefined) return { ...recent, origin: recent.batch.origin }
    return this.#turns.run(async () => (await this.#readerOf(seq))?.skim(seq))
  }

  /** Whether a segment is open. */
  get isReading(): boolean {
    return this.#reader !== undefined
  }

  /** Lets go of the open segment. The next read opens one again. */
  async release(): Promise<void> {
    if (this.#reader !== undefined) await this.#turns.run(() => this.#leave())
  }

  /** Waits for the call under way and lets go of everything. */
  close(): Promise<void> {
    this.#closed = true
    return this.#turns.run(() => this.#leave())
  }

  async #leave(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) return
    if (!this.#skims) this.#source.interner.endReading()
    await reader.close().catch(() => {})
  }

  async #readerOf(seq: number): Promise<SegmentReader | undefined> {
    const { log, interner, fileSystem, folder, maxReadBytes } = this.#source
    const segment = log.segmentOf(seq)
    if (segment === undefined || this.#closed) return undefined
    if (this.#reader?.segment === segment) return this.#reader
    await this.#leave()
    const file = await fileSystem.open(join(folder, segment.name), 'read')
    if (!this.#skims) interner.beginReading()
    this.#reader = new SegmentReader(segment, file, { interner, skims: this.#skims, maxReadBytes })
    return this.#reader
  }
}

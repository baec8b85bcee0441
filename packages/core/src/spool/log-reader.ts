import { join } from 'node:path'
import type { FileSystem } from './file-system.js'
import type { ListInterner } from './list-interner.js'
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
}

/** Reads batches wherever they are, one segment open at a time. Calls must not overlap. */
export class LogReader {
  readonly #source: ReadableLog
  readonly #skims: boolean
  #reader: SegmentReader | undefined

  constructor(source: ReadableLog, options: { skims: boolean }) {
    this.#source = source
    this.#skims = options.skims
  }

  /** Undefined where the batch is gone by now. Rejects with the system's error. */
  async read(seq: number): Promise<SpooledBatch | { readonly damaged: SkimmedBatch } | undefined> {
    const reader = await this.#readerOf(seq)
    return reader?.read(seq)
  }

  /** What the heads of a batch say; undefined where it is gone by now. Rejects with the system's error. */
  async skim(seq: number): Promise<SkimmedBatch | undefined> {
    const recent = this.#source.tail.get(seq)
    if (recent !== undefined) return { ...recent, origin: recent.batch.origin }
    const reader = await this.#readerOf(seq)
    return reader?.skim(seq)
  }

  /** Lets go of the open segment. The next read opens one again. */
  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) return
    if (!this.#skims) this.#source.interner.endReading()
    await reader.close().catch(() => {})
  }

  async #readerOf(seq: number): Promise<SegmentReader | undefined> {
    const { log, interner, fileSystem, folder } = this.#source
    const segment = log.segmentOf(seq)
    if (segment === undefined) return undefined
    if (this.#reader?.segment === segment) return this.#reader
    await this.close()
    const file = await fileSystem.open(join(folder, segment.name), 'read')
    if (!this.#skims) interner.beginReading()
    this.#reader = new SegmentReader(segment, file, { interner, skims: this.#skims })
    return this.#reader
  }
}

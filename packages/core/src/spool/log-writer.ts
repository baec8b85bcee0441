import type { Batch } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { encodeBatch } from '../records/batch-encode.js'
import type { FileSystem } from './file-system.js'
import type { ListInterner } from '../records/list-interner.js'
import { RecordWriter } from '../records/record-writer.js'
import { type SegmentTarget, SegmentWriter } from './segment-writer.js'
import type { SegmentLog } from './segment-log.js'
import type { FsyncPolicy, SpooledBatch } from './spool.js'
import { WriteGroup } from './write-group.js'

/** A segment is as large as this many times its dictionary, where that is more than its ordinary size: a new one begins by repeating it. */
const dictionaryShare = 16
/** At this many times the ordinary size, a dictionary that its columns did not outgrow is one of series that come and go. */
const churnLimit = 4
/** No segment is larger than this many times the ordinary size: 1 GiB, which a reader's index and a disk can still deal with. */
const sizeLimit = 16

export interface LogWriterOptions {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
  readonly fsync: FsyncPolicy
  readonly segmentBytes: number
  readonly maxRecordBytes: number
  readonly maxDictionaryBytes: number
  readonly log: SegmentLog
  readonly interner: ListInterner
  /** The lowest batch that every sink has settled. */
  readonly floor: () => number
}

/**
 * Writes batches, a group at a time, into the newest segment, and forces them to the disk. One caller: `prepare`, `add` and `commit` do
 * not overlap; `sync` may come at any time.
 */
export class LogWriter {
  readonly #options: LogWriterOptions
  readonly #records = new RecordWriter()
  readonly #target: SegmentTarget
  /** Open segments: those that are not synced yet, and last the active one. */
  #open: SegmentWriter[] = []
  readonly #group: WriteGroup
  #syncing: Promise<void> = Promise.resolve()
  #syncFailures = 0

  constructor(options: LogWriterOptions) {
    const { clock, maxRecordBytes, log } = options
    this.#options = options
    this.#group = new WriteGroup({ records: this.#records, clock, maxRecordBytes, head: () => log.head })
    this.#target = {
      fileSystem: options.fileSystem,
      folder: options.folder,
      writer: this.#records,
      maxRecordBytes: options.maxRecordBytes,
      onNewList: (list, packed) => options.interner.adopt(list, packed),
    }
  }

  /** Bytes that are written and not forced to the disk. */
  get unsyncedBytes(): number {
    return this.#open.reduce((sum, { unsyncedBytes }) => sum + unsyncedBytes, 0)
  }

  /** How often the disk refused a sync. */
  get syncFailures(): number {
    return this.#syncFailures
  }

  /** Whether the disk refused a sync, and what it refused must be written again. */
  get suspect(): boolean {
    return this.#open.some((writer) => writer.suspect)
  }

  /** The segment that is written to; never deleted. */
  get activeSegment(): SegmentWriter['segment'] | undefined {
    return this.#active?.segment
  }

  /** Bytes of the group. */
  get groupBytes(): number {
    return this.#group.bytesIn(this.#active)
  }

  /** Writes again what a sync lost, and sees to it that there is a segment with room. Rejects with the system's error. */
  async prepare(): Promise<void> {
    await this.repair()
    await this.#dropSynced()
    const active = this.#active
    if (active !== undefined && active.segment.size >= this.#rollBytes(active)) await this.#seal(active)
    if (this.#active === undefined) await this.#begin()
  }

  /** Whether a batch is one for `addLarge`: one that takes more than a record, about. */
  isLarge(batch: Batch): boolean {
    return this.#group.isLarge(batch, this.#prepared)
  }

  /** Encodes a batch into the group. Throws what makes it impossible to encode, the group left as it was. */
  add(batch: Batch): SpooledBatch {
    return this.#group.add(batch, this.#prepared)
  }

  /** Encodes a large batch, which is a group of its own, and writes most of it. Rejects as `add`, or with the system's error. */
  addLarge(batch: Batch): Promise<SpooledBatch> {
    return this.#group.addLarge(batch, this.#prepared)
  }

  /** Takes the batch that was added last out of the group again. */
  removeLast(): Promise<void> {
    return this.#group.removeLast(this.#prepared)
  }

  /** Writes the group, and under `always` forces it to the disk. Where it rejects, with the system's error, nothing of it is taken. */
  async commit(): Promise<SpooledBatch[]> {
    const { fsync, log } = this.#options
    const active = this.#prepared
    const batches = await this.#group.write(active)
    const last = batches.at(-1)
    if (last === undefined) return []
    if (fsync === 'always') await this.#force(active, batches)
    if (fsync === 'os') active.forgetUnsynced()
    log.advance(last.seq)
    return batches
  }

  /** Forces everything that is written to the disk. Never rejects: what the disk refused makes its segment suspect. */
  sync(): Promise<void> {
    this.#syncing = this.#syncing.then(() => this.#sync())
    return this.#syncing
  }

  /** Writes again, in new segments, what the disk refused to take for good. Rejects with the system's error; then it is tried again. */
  async repair(): Promise<void> {
    for (const writer of this.#open.filter(({ suspect }) => suspect)) {
      const lost = writer.unsynced.filter(({ seq }) => seq > this.#options.floor())
      const replacement = lost.length === 0 ? undefined : await this.#rewrite(lost)
      if (replacement !== undefined) this.#options.log.insert(replacement.segment)
      if (replacement !== undefined && writer.sealed) await replacement.close()
      const successors = replacement !== undefined && !writer.sealed ? [replacement] : []
      this.#open = this.#open.flatMap((other) => (other === writer ? successors : [other]))
      await writer.close()
    }
  }

  async close(): Promise<void> {
    if (this.#options.fsync !== 'os') await this.sync()
    // What cannot be written again now is in the file as far as the system says, and that is all there is to do.
    await this.repair().catch(() => {})
    await Promise.all(this.#open.map((writer) => writer.close()))
    this.#open = []
  }

  get #active(): SegmentWriter | undefined {
    const last = this.#open.at(-1)
    return last === undefined || last.sealed ? undefined : last
  }

  /** The segment that `prepare` saw to. */
  get #prepared(): SegmentWriter {
    const active = this.#active
    if (active === undefined) throw new Error('nothing is prepared')
    return active
  }

  #rollBytes(writer: SegmentWriter): number {
    const { segmentBytes, maxDictionaryBytes } = this.#options
    const { bytes } = writer.dictionary
    const churning = writer.segment.size >= churnLimit * segmentBytes && writer.segment.size < 2 * bytes
    return churning || bytes >= maxDictionaryBytes || writer.dictionary.isExhausted
      ? 0
      : Math.min(Math.max(segmentBytes, dictionaryShare * bytes), sizeLimit * segmentBytes)
  }

  async #begin(): Promise<void> {
    const { log, clock } = this.#options
    const writer = await SegmentWriter.create(this.#target, { firstSeq: log.head + 1, createdMs: clock.nowMs() })
    try {
      await writer.publish()
    } catch (error) {
      await writer.discard()
      throw error
    }
    log.insert(writer.segment)
    this.#open.push(writer)
  }

  async #seal(writer: SegmentWriter): Promise<void> {
    writer.sealed = true
    await this.#dropSynced()
  }

  /** Closes sealed segments that have nothing left to be synced. */
  async #dropSynced(): Promise<void> {
    const done = this.#open.filter((writer) => writer.sealed && !writer.suspect && writer.unsynced.length === 0)
    this.#open = this.#open.filter((writer) => !done.includes(writer))
    await Promise.all(done.map((writer) => writer.close()))
  }

  async #sync(): Promise<void> {
    for (const writer of this.#open) {
      if (writer.suspect) continue
      if (writer.unsynced.length > 0) await writer.sync().catch((error: unknown) => this.#noteRefusal(writer, error))
    }
    await this.#dropSynced()
  }

  /** A refusal shows in `suspect`; what follows from it is up to the one who writes. */
  #noteRefusal({ segment }: SegmentWriter, error: unknown): void {
    this.#syncFailures++
    const { folder, logger } = this.#options
    const facts = { folder, segment: segment.name, error: toError(error).message }
    logger.error(facts, `spool ${folder}: the disk refused to keep what was written: ${facts.error}. It is written again, to another file.`)
  }

  /** Under `always`: on the disk, here or in a new segment, or not taken. */
  async #force(writer: SegmentWriter, batches: readonly SpooledBatch[]): Promise<void> {
    await this.sync()
    if (!writer.suspect) return
    try {
      await this.repair()
    } catch (error) {
      await writer.truncate(batches[0]!.seq)
      throw error
    }
  }

  async #rewrite(batches: readonly SpooledBatch[]): Promise<SegmentWriter> {
    const { maxRecordBytes, clock } = this.#options
    const writer = await SegmentWriter.create(this.#target, { firstSeq: batches[0]!.seq, createdMs: clock.nowMs() })
    try {
      for (const spooled of batches) {
        const encoding = encodeBatch(spooled.batch, spooled, { writer: this.#records, dictionary: writer.dictionary, maxRecordBytes })
        while (encoding.next().done !== true);
        const { bytes } = this.#records
        await writer.put(this.#records.chunks())
        writer.take([{ ...spooled, bytes }])
        this.#records.reset()
      }
      await writer.sync()
      await writer.publish()
    } catch (error) {
      await writer.discard()
      throw error
    } finally {
      this.#records.reset()
    }
    return writer
  }
}

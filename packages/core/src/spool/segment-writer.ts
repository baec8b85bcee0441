import { join } from 'node:path'
import { DictionaryWriter } from '../records/dictionary-writer.js'
import { type FileSystem, type SpoolFile, writeFully } from './file-system.js'
import type { RecordWriter } from '../records/record-writer.js'
import { Segment } from './segment.js'
import { encodeSegmentHeader, segmentHeaderBytes, segmentName } from './segment-format.js'
import type { SpooledBatch } from './spool.js'

/** Where segments go, and what they are written with. */
export interface SegmentTarget {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly writer: RecordWriter
  readonly maxRecordBytes: number
  readonly onNewList: ConstructorParameters<typeof DictionaryWriter>[0]['onNewList']
}

/** A segment in the making: its file, its dictionary, and what of it is not forced to the disk yet. */
export class SegmentWriter {
  readonly segment: Segment
  readonly dictionary: DictionaryWriter
  #unsynced: SpooledBatch[] = []
  #unsyncedBytes = 0
  /** What was put after the last batch. */
  #putBytes = 0
  /** The disk refused to take what was written: nothing of `unsynced` is known to be there, and to ask again is to be lied to. */
  suspect = false
  /** Nothing is written any more: it is closed when it is synced. */
  sealed = false
  readonly #file: SpoolFile
  readonly #target: SegmentTarget
  readonly #path: string

  /** Batches that are written and not forced to the disk, in order. */
  get unsynced(): readonly SpooledBatch[] {
    return this.#unsynced
  }

  get unsyncedBytes(): number {
    return this.#unsyncedBytes
  }

  /** Bytes that were put and not taken. */
  get putBytes(): number {
    return this.#putBytes
  }

  private constructor(file: SpoolFile, firstSeq: number, target: SegmentTarget) {
    this.#file = file
    this.#target = target
    this.segment = new Segment(firstSeq, segmentHeaderBytes)
    this.#path = join(target.folder, segmentName(firstSeq))
    this.dictionary = new DictionaryWriter(target)
  }

  /** Makes the file under a passing name, so that no crash leaves a segment without a header. */
  static async create(target: SegmentTarget, header: { firstSeq: number; createdMs: number }): Promise<SegmentWriter> {
    const fresh = `${join(target.folder, segmentName(header.firstSeq))}.new`
    const file = await target.fileSystem.open(fresh, 'create')
    const writer = new SegmentWriter(file, header.firstSeq, target)
    try {
      await writeFully(file, [encodeSegmentHeader(header)], 0)
    } catch (error) {
      await writer.discard()
      throw error
    }
    return writer
  }

  /** Gives the file its name. After this what is written counts. */
  async publish(): Promise<void> {
    await this.#target.fileSystem.rename(`${this.#path}.new`, this.#path)
    await this.#target.fileSystem.fsyncDir(this.#target.folder)
  }

  /** Gives the file up before it has its name. */
  async discard(): Promise<void> {
    await this.close()
    await this.#target.fileSystem.unlink(`${this.#path}.new`).catch(() => {})
  }

  /**
   * Writes records at the end, after what was put there before: they count when `take` says so. Where that fails, all that was put is
   * cut off again; where not even that goes, the segment is sealed: the next one begins with the same number, which makes the remains void.
   */
  async put(chunks: readonly Buffer[]): Promise<void> {
    try {
      await writeFully(this.#file, chunks, this.segment.size + this.#putBytes)
    } catch (error) {
      await this.cut()
      throw error
    }
    for (const { length } of chunks) this.#putBytes += length
  }

  /** What was put is these batches. */
  take(batches: readonly SpooledBatch[]): void {
    for (const { seq, bytes } of batches) this.segment.add(seq, { start: this.segment.size, end: this.segment.size + bytes })
    this.#putBytes = 0
    this.dictionary.commit()
    this.#unsynced.push(...batches)
    this.#unsyncedBytes += sumBytes(batches)
  }

  /** Takes back what was written from a batch on, as far as the disk lets us. */
  async truncate(seq: number): Promise<void> {
    this.segment.truncate(seq)
    this.#unsynced = this.#unsynced.filter((batch) => batch.seq < seq)
    this.#unsyncedBytes = sumBytes(this.#unsynced)
    await this.cut()
  }

  /** Cuts the file where the segment ends. */
  async cut(): Promise<void> {
    this.#putBytes = 0
    try {
      await this.#file.truncate(this.segment.size)
    } catch {
      this.sealed = true
    }
  }

  /** Forces what was written so far to the disk. Rejects, and makes the segment suspect, where the disk refuses. */
  async sync(): Promise<void> {
    const count = this.#unsynced.length
    try {
      await this.#file.datasync()
    } catch (error) {
      this.suspect = true
      throw error
    }
    this.forgetUnsynced(count)
  }

  /** The first so many are on the disk, or nobody asks whether they are. */
  forgetUnsynced(count: number = this.#unsynced.length): void {
    this.#unsyncedBytes -= sumBytes(this.#unsynced.splice(0, count))
  }

  async close(): Promise<void> {
    // A refusal at the close says nothing that a sync did not say.
    await this.#file.close().catch(() => {})
  }
}

function sumBytes(batches: readonly SpooledBatch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0)
}

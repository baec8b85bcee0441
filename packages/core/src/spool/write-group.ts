import type { Batch } from '../model/batch.js'
import { countsOf } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import { encodeBatch } from '../records/batch-encode.js'
import { estimateBytes } from '../records/columns-encode.js'
import type { BatchHead, DictionaryMark } from '../records/dictionary-writer.js'
import type { RecordMark, RecordWriter } from '../records/record-writer.js'
import type { SegmentWriter } from './segment-writer.js'
import type { SpooledBatch } from './spool.js'

/** What a new series takes in the dictionary, about. */
const newSeriesBytes = 128

/** A place to which the group can go back. */
interface GroupMark {
  readonly records: RecordMark
  readonly dictionary: DictionaryMark
}

/** A batch that is being encoded. */
interface Adding {
  readonly batch: Batch
  readonly head: BatchHead
  readonly before: GroupMark
  readonly bytesBefore: number
  readonly encoding: Generator<undefined, void>
}

export interface WriteGroupOptions {
  readonly records: RecordWriter
  readonly clock: Clock
  readonly maxRecordBytes: number
  /** The number of the last batch in the log. */
  readonly head: () => number
}

/** The batches that are written together, as records in memory. All calls until `take` are for the same segment. */
export class WriteGroup {
  readonly #options: WriteGroupOptions
  #added: { readonly batch: SpooledBatch; readonly before: GroupMark }[] = []

  constructor(options: WriteGroupOptions) {
    this.#options = options
  }

  /** Bytes of the group, what is in the file already included. */
  bytesIn(segment: SegmentWriter | undefined): number {
    return (segment?.putBytes ?? 0) + this.#options.records.bytes
  }

  /** Whether a batch is one for `addLarge`: one that takes more than a record, about. */
  isLarge(batch: Batch, { dictionary }: SegmentWriter): boolean {
    let bytes = 0
    for (const columns of batch.columns) {
      bytes += estimateBytes(columns) + (dictionary.has(columns.series) ? 0 : newSeriesBytes * columns.series.length)
      if (bytes > this.#options.maxRecordBytes) return true
    }
    return false
  }

  /** Encodes a batch. Throws what makes it impossible to encode, the group left as it was. */
  add(batch: Batch, segment: SegmentWriter): SpooledBatch {
    const adding = this.#start(batch, segment)
    try {
      while (adding.encoding.next().done !== true);
    } catch (error) {
      this.#rewind(adding.before, segment)
      throw error
    }
    return this.#finish(adding, segment)
  }

  /**
   * Encodes a batch that is a group of its own, and writes its records as they are complete: nothing of its size is held in memory, and
   * between two records others have their turn. The last record, which makes the batch count, stays in memory. Rejects with what makes it
   * impossible to encode, or with the system's error; then nothing of it is left.
   */
  async addLarge(batch: Batch, segment: SegmentWriter): Promise<SpooledBatch> {
    const { records } = this.#options
    const adding = this.#start(batch, segment)
    try {
      while (adding.encoding.next().done !== true) {
        await segment.put(records.chunks())
        records.reset()
      }
    } catch (error) {
      await this.#giveUp(adding.before, segment)
      throw error
    }
    return this.#finish(adding, segment)
  }

  /** Takes the batch that was added last out again. */
  async removeLast(segment: SegmentWriter): Promise<void> {
    const last = this.#added.pop()
    if (last !== undefined) await this.#giveUp(last.before, segment)
  }

  /** Writes the rest of the records and empties the group. Where it rejects, with the system's error, nothing of it is taken. */
  async write(segment: SegmentWriter): Promise<SpooledBatch[]> {
    const { records } = this.#options
    const added = this.#added
    const [first] = added
    this.#added = []
    if (first === undefined) return []
    try {
      await segment.put(records.chunks())
    } catch (error) {
      segment.dictionary.rewind(first.before.dictionary)
      throw error
    } finally {
      records.reset()
    }
    const batches = added.map(({ batch }) => batch)
    segment.take(batches)
    return batches
  }

  #start(batch: Batch, { dictionary, putBytes }: SegmentWriter): Adding {
    const { records: writer, clock, maxRecordBytes } = this.#options
    const head = { seq: this.#options.head() + this.#added.length + 1, appendedMs: Math.floor(clock.nowMs()) }
    const before = { records: writer.mark(), dictionary: dictionary.mark() }
    return {
      batch,
      head,
      before,
      bytesBefore: putBytes + writer.bytes,
      encoding: encodeBatch(batch, head, { writer, dictionary, maxRecordBytes }),
    }
  }

  #finish({ batch, head, before, bytesBefore }: Adding, segment: SegmentWriter): SpooledBatch {
    const { seq, appendedMs } = head
    const spooled = { seq, batch, counts: countsOf(batch), bytes: this.bytesIn(segment) - bytesBefore, appendedMs }
    this.#added.push({ batch: spooled, before })
    return spooled
  }

  #rewind(to: GroupMark, segment: SegmentWriter): void {
    this.#options.records.rewind(to.records)
    segment.dictionary.rewind(to.dictionary)
  }

  /** Goes back, in the file as well where it is there already. */
  async #giveUp(to: GroupMark, segment: SegmentWriter): Promise<void> {
    this.#rewind(to, segment)
    if (segment.putBytes > 0) await segment.cut()
  }
}

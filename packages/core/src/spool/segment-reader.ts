import { addCounts, type Columns, type Counts, type Origin, zeroCounts } from '../model/batch.js'
import { isPromlineError } from '../model/errors.js'
import { type ColumnsHead, decodeColumnsHead, decodePart } from '../records/batch-decode.js'
import { columnsHeadBytes } from '../records/batch-encode.js'
import { DictionaryReader } from '../records/dictionary-reader.js'
import type { SpoolFile } from './file-system.js'
import { FileWindow } from './file-window.js'
import type { ListInterner } from '../records/list-interner.js'
import { findRecord, isPlausible, peekRecord, type ScanLimits } from './record-scan.js'
import type { Segment } from './segment.js'
import { decodeRecordHeader, isIntact, type RecordHeader, recordHeaderBytes, recordType } from '../records/record-format.js'
import { segmentHeaderBytes } from './segment-format.js'
import type { SpooledBatch } from './spool.js'

/** Read ahead where whole batches are wanted: enough that small ones cost no call each. */
const readAheadBytes = 256 * 1024
/** Read ahead where only heads are wanted: those of small batches stand close together, the payload of large ones is jumped over. */
const skimAheadBytes = 64 * 1024

/** What the heads of a batch's records say. */
export interface SkimmedBatch {
  readonly seq: number
  /** Undefined where its entry in the dictionary was damaged. */
  readonly origin: Origin | undefined
  readonly counts: Counts
  readonly bytes: number
  /** 0 where no record of the batch can be read. */
  readonly appendedMs: number
}

interface ReadRecord {
  readonly header: RecordHeader
  /** As much of it as was wanted. */
  readonly payload: Buffer
  readonly end: number
}

/** What was met while the records of a batch were read. */
interface MetBatch {
  readonly heads: ColumnsHead[]
  readonly columns: Columns[]
  appendedMs: number
  failed: boolean
}

/**
 * Reads batches of one segment, in any order, best in their own. It keeps the dictionary as far as it came, so that going back costs
 * nothing and going forward costs a look at the records between.
 */
export class SegmentReader {
  readonly segment: Segment
  readonly #window: FileWindow
  readonly #dictionary: DictionaryReader
  readonly #skims: boolean
  readonly #maxReadBytes: number
  /** Everything before was seen, and belongs to batches up to this one. */
  #seenTo = segmentHeaderBytes
  #seenSeq: number

  /** @param options.skims gives heads only, and keeps only the origins of the dictionary. */
  constructor(segment: Segment, file: SpoolFile, options: { interner: ListInterner; skims: boolean; maxReadBytes: number }) {
    this.segment = segment
    this.#seenSeq = segment.firstSeq
    this.#skims = options.skims
    this.#maxReadBytes = options.maxReadBytes
    this.#window = new FileWindow(file, { limit: segment.size, aheadBytes: options.skims ? skimAheadBytes : readAheadBytes })
    this.#dictionary = new DictionaryReader(options.interner, { originsOnly: options.skims })
  }

  /** The batch, or what is known of it where it is damaged. Rejects where the disk does not give it. */
  async read(seq: number): Promise<SpooledBatch | { readonly damaged: SkimmedBatch }> {
    const met = await this.#meet(seq)
    const skimmed = this.#summarise(seq, met)
    const complete = met.heads.at(-1)?.last === true && met.heads.every((head, i) => head.part === i)
    const { origin, ...rest } = skimmed
    if (origin === undefined || met.failed || !complete) return { damaged: skimmed }
    return { ...rest, batch: { origin, columns: met.columns } }
  }

  /** What the heads say, without the columns. */
  async skim(seq: number): Promise<SkimmedBatch> {
    return this.#summarise(seq, await this.#meet(seq))
  }

  close(): Promise<void> {
    return this.#window.close()
  }

  #summarise(seq: number, met: MetBatch): SkimmedBatch {
    const first = met.heads[0]
    return {
      seq,
      origin: first && this.#dictionary.origin(first.originId),
      counts: met.heads.reduce((counts, head) => addCounts(counts, head.counts), zeroCounts),
      bytes: this.segment.endOf(seq) - this.segment.startOf(seq),
      appendedMs: met.appendedMs,
    }
  }

  async #meet(seq: number): Promise<MetBatch> {
    const start = this.segment.startOf(seq)
    const end = this.segment.endOf(seq)
    this.#window.limit = this.segment.size
    if (start > this.#seenTo) {
      await this.#walk({ from: this.#seenTo, end: start, minSeq: this.#seenSeq, columns: false }, (record) => this.#load(record))
      this.#seen(start, seq)
    }
    if (!this.#skims && end - start <= this.#maxReadBytes) await this.#window.view(start, end - start)
    const met: MetBatch = { heads: [], columns: [], appendedMs: 0, failed: false }
    await this.#walk({ from: start, end, minSeq: seq, columns: true }, (record) => {
      met.appendedMs = record.header.appendedMs
      if (record.header.type === recordType.columns) this.#take(record, met)
      else this.#load(record)
    })
    this.#seen(end, seq)
    return met
  }

  #seen(to: number, seq: number): void {
    if (to <= this.#seenTo) return
    this.#seenTo = to
    this.#seenSeq = seq
  }

  #load(record: ReadRecord): void {
    ignoreDamage(() => this.#dictionary.load(record.header.type, record.payload))
  }

  #take(record: ReadRecord, met: MetBatch): void {
    const intact = ignoreDamage(() => {
      const head = decodeColumnsHead(record.payload)
      met.heads.push(head)
      if (!this.#skims) met.columns.push(...decodePart(record.payload, head, this.#dictionary))
    })
    if (!intact) met.failed = true
  }

  /** Visits the records of a range. What is damaged there is passed over. */
  async #walk(range: ScanLimits & { from: number; columns: boolean }, visit: (record: ReadRecord) => void): Promise<void> {
    let { from, minSeq } = range
    while (from < range.end) {
      const limits = { end: range.end, minSeq, columns: range.columns }
      const record = this.#peekRecord(from, limits) ?? (await this.#readRecord(from, limits))
      if (record === undefined) return
      visit(record)
      from = record.end
      minSeq = record.header.seq
    }
  }

  /** A record of a batch that is in the buffer already, as all of a small batch are. */
  #peekRecord(at: number, limits: ScanLimits & { columns: boolean }): ReadRecord | undefined {
    const found = limits.columns && !this.#skims ? peekRecord(this.#window, at, limits) : undefined
    const payload = found && this.#window.peek(at + recordHeaderBytes, found.header.length)
    return found && payload && { header: found.header, payload, end: found.end }
  }

  async #readRecord(at: number, limits: ScanLimits & { columns: boolean }): Promise<ReadRecord | undefined> {
    const bytes = await this.#window.view(at, recordHeaderBytes)
    if (bytes === undefined) return undefined
    const header = decodeRecordHeader(bytes, 0)
    if (isPlausible(header, at, { ...limits, maxSeq: limits.minSeq + 1 })) {
      const payload = await this.#readPayload(at, header, limits)
      if (payload !== undefined) return { header, payload, end: at + recordHeaderBytes + header.length }
    }
    const found = await findRecord(this.#window, at + 1, limits)
    if (found === undefined) return undefined
    const payload = await this.#window.view(found.offset + recordHeaderBytes, found.header.length)
    return payload && { header: found.header, payload, end: found.end }
  }

  /** The payload as far as it is wanted: nothing of a record to be passed over, the head of one to be skimmed. Undefined: damaged. */
  async #readPayload(at: number, header: RecordHeader, limits: { columns: boolean }): Promise<Buffer | undefined> {
    const isColumns = header.type === recordType.columns
    if (isColumns ? !limits.columns : !this.#dictionary.wants(header.type)) return Buffer.alloc(0)
    if (isColumns && this.#skims) return this.#window.view(at + recordHeaderBytes, columnsHeadBytes)
    const record = await this.#window.view(at, recordHeaderBytes + header.length)
    return record !== undefined && isIntact(record, header) ? record.subarray(recordHeaderBytes) : undefined
  }
}

/** Runs what may meet damage that the checksum did not show, or an entry that was lost before. False where it did. */
function ignoreDamage(action: () => void): boolean {
  try {
    action()
    return true
  } catch (error) {
    if (isPromlineError(error, 'decode') || error instanceof RangeError) return false
    throw error
  }
}

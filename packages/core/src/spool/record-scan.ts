import type { FileWindow } from './file-window.js'
import { decodeRecordHeader, isIntact, type RecordHeader, recordHeaderBytes, recordType } from '../records/record-format.js'

/** A record that was found, and how far from where it was looked for. */
export interface FoundRecord {
  readonly header: RecordHeader
  readonly offset: number
  /** End of the record. */
  readonly end: number
  /** Bytes before it that are no record: damage. */
  readonly skipped: number
}

/** What a record must look like to be one, before its checksum is worth computing. */
export interface ScanLimits {
  /** Where the records end. */
  readonly end: number
  /** The number of the record before, or the first of the segment. */
  readonly minSeq: number
}

/** A batch takes one record at least. */
const minBatchBytes = recordHeaderBytes
const typeOffset = 24

/**
 * The record at an offset, where it is intact and in the window's buffer: so it is of nearly all records, and what need not wait costs a
 * third of what must. Undefined: `findRecord` knows more.
 */
export function peekRecord(window: FileWindow, offset: number, limits: ScanLimits): FoundRecord | undefined {
  const bytes = window.peek(offset, recordHeaderBytes)
  if (bytes === undefined) return undefined
  const header = decodeRecordHeader(bytes, 0)
  if (!isPlausible(header, offset, { end: limits.end, minSeq: limits.minSeq, maxSeq: limits.minSeq + 1 })) return undefined
  const end = offset + recordHeaderBytes + header.length
  const record = window.peek(offset, end - offset)
  return record !== undefined && isIntact(record, header) ? { header, offset, end, skipped: 0 } : undefined
}

/**
 * The first intact record at or after an offset. Where there is none at the offset itself, every offset after it is tried: a damaged
 * length costs what it damages, and no more. Undefined where nothing intact follows.
 */
export async function findRecord(window: FileWindow, offset: number, limits: ScanLimits): Promise<FoundRecord | undefined> {
  for (let at = offset; at + recordHeaderBytes <= limits.end; at++) {
    const bytes = window.peek(at, recordHeaderBytes) ?? (await window.load(at, recordHeaderBytes))
    if (bytes === undefined) return undefined
    // A look at the type first: in what is damaged every byte is tried.
    if (bytes[typeOffset]! > recordType.columns || bytes[typeOffset + 1] !== 0) continue
    const header = decodeRecordHeader(bytes, 0)
    // As many batches may be missing before this record as could have stood in the bytes that were skipped.
    const maxSeq = limits.minSeq + 1 + Math.floor((at - offset) / minBatchBytes)
    if (!isPlausible(header, at, { ...limits, maxSeq })) continue
    const end = at + recordHeaderBytes + header.length
    const record = await window.view(at, end - at)
    if (record !== undefined && isIntact(record, header)) return { header, offset: at, end, skipped: at - offset }
  }
  return undefined
}

/** Whether a header at an offset can be one at all. */
export function isPlausible(header: RecordHeader, at: number, limits: ScanLimits & { readonly maxSeq: number }): boolean {
  return (
    header.type >= recordType.origins &&
    header.type <= recordType.columns &&
    header.length <= limits.end - at - recordHeaderBytes &&
    header.seq >= limits.minSeq &&
    header.seq <= limits.maxSeq
  )
}

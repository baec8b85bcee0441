import { crc32 } from 'node:zlib'

/**
 * Records are what a batch is written as, and read from again: what the dictionary of a segment lacks of it, then its columns. This folder
 * knows nothing of files. A record, version 1; numbers are little-endian; u64 are below 2^53; varints are unsigned LEB128 below 2^32:
 *
 *   0  4  length of the payload
 *   4  4  crc32 of everything after
 *   8  8  number of the batch that it belongs to
 *  16  8  appended, wall clock in ms
 *  24  2  type: 1 origins, 2 series, 3 lists, 4 columns
 *  26     payload: dictionary-encode.ts for 1 to 3, batch-encode.ts for 4
 */

/** Types of record. */
export const recordType = { origins: 1, series: 2, lists: 3, columns: 4 } as const
export type RecordType = (typeof recordType)[keyof typeof recordType]

export const recordHeaderBytes = 26
/** Where the checksummed part of a record begins. */
const checksummedFrom = 8
const twoTo32 = 2 ** 32

export interface RecordHeader {
  /** Length of the payload. */
  readonly length: number
  readonly checksum: number
  readonly seq: number
  readonly appendedMs: number
  /** Not always one of the known types: check. */
  readonly type: number
}

/** Fills in the header of a record that stands complete in `bytes`, from `start` to `end`. */
export function sealRecord(
  bytes: Buffer,
  range: { start: number; end: number },
  header: Pick<RecordHeader, 'seq' | 'appendedMs' | 'type'>,
): void {
  const { start, end } = range
  writeUint64(bytes, start + 8, header.seq)
  writeUint64(bytes, start + 16, header.appendedMs)
  bytes.writeUInt16LE(header.type, start + 24)
  bytes.writeUInt32LE(end - start - recordHeaderBytes, start)
  bytes.writeUInt32LE(crc32(bytes.subarray(start + checksummedFrom, end)), start + 4)
}

/** Reads a header at an offset with at least `recordHeaderBytes` behind it. Nothing is checked. */
export function decodeRecordHeader(bytes: Buffer, offset: number): RecordHeader {
  return {
    length: bytes.readUInt32LE(offset),
    checksum: bytes.readUInt32LE(offset + 4),
    seq: readUint64(bytes, offset + 8),
    appendedMs: readUint64(bytes, offset + 16),
    type: bytes.readUInt16LE(offset + 24),
  }
}

/** Whether the complete record in `bytes` is what was written. */
export function isIntact(bytes: Buffer, header: RecordHeader): boolean {
  return crc32(bytes.subarray(checksummedFrom)) === header.checksum
}

export function writeUint64(bytes: Buffer, offset: number, value: number): void {
  bytes.writeUInt32LE(value % twoTo32, offset)
  bytes.writeUInt32LE(Math.floor(value / twoTo32), offset + 4)
}

/** Above 2^53 the result is not exact, and not a number that anything of ours carries. */
export function readUint64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset + 4) * twoTo32 + bytes.readUInt32LE(offset)
}

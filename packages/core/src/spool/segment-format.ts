import { crc32 } from 'node:zlib'

/**
 * A segment, version 1. All numbers are little-endian; u64 are below 2^53; varints are unsigned LEB128 below 2^32.
 *
 *   segment := header record*
 *   header (32 bytes)
 *     0  4  magic "PLSG"
 *     4  2  version = 1
 *     6  2  flags = 0
 *     8  8  number of the first batch; also the file's name: 16 hex digits and ".seg"
 *    16  8  created, wall clock in ms
 *    24  4  0
 *    28  4  crc32 of bytes 0..27
 *   record
 *     0  4  length of the payload
 *     4  4  crc32 of everything after
 *     8  8  number of the batch that it belongs to
 *    16  8  appended, wall clock in ms
 *    24  2  type: 1 origins, 2 series, 3 lists, 4 columns
 *    26     payload: dictionary-writer.ts for 1 to 3, batch-encode.ts for 4
 *
 * The records of a batch stand together: what the dictionary lacks, then one or more columns records, the last of them marked. A batch
 * counts when that one is there. A record whose number is not below the first number of a later segment is void: that segment was
 * written because this one could not be trusted.
 */
export const formatVersion = 1

/** Types of record. */
export const recordType = { origins: 1, series: 2, lists: 3, columns: 4 } as const
export type RecordType = (typeof recordType)[keyof typeof recordType]

export const segmentHeaderBytes = 32
export const recordHeaderBytes = 26
/** Where the checksummed part of a record begins. */
const checksummedFrom = 8
const magic = Buffer.from('PLSG', 'latin1')
const twoTo32 = 2 ** 32

export interface SegmentHeader {
  readonly version: number
  readonly firstSeq: number
  readonly createdMs: number
}

export function encodeSegmentHeader(header: { readonly firstSeq: number; readonly createdMs: number }): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  magic.copy(bytes, 0)
  bytes.writeUInt16LE(formatVersion, 4)
  writeUint64(bytes, 8, header.firstSeq)
  writeUint64(bytes, 16, header.createdMs)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28)
  return bytes
}

/** Undefined where the bytes are no header. A header of another version comes back with that version. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < segmentHeaderBytes || !bytes.subarray(0, 4).equals(magic)) return undefined
  if (bytes.readUInt32LE(28) !== crc32(bytes.subarray(0, 28))) return undefined
  return { version: bytes.readUInt16LE(4), firstSeq: readUint64(bytes, 8), createdMs: readUint64(bytes, 16) }
}

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

/** Name of the segment that begins with a batch. */
export function segmentName(firstSeq: number): string {
  return `${firstSeq.toString(16).padStart(16, '0')}.seg`
}

/** The first batch of a segment, from its name; undefined for any other file. */
export function firstSeqOf(name: string): number | undefined {
  if (!/^[0-9a-f]{16}\.seg$/.test(name)) return undefined
  const seq = Number.parseInt(name.slice(0, 16), 16)
  return Number.isSafeInteger(seq) ? seq : undefined
}

export function writeUint64(bytes: Buffer, offset: number, value: number): void {
  bytes.writeUInt32LE(value % twoTo32, offset)
  bytes.writeUInt32LE(Math.floor(value / twoTo32), offset + 4)
}

/** Above 2^53 the result is not exact, and not a number that anything of ours carries. */
export function readUint64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset + 4) * twoTo32 + bytes.readUInt32LE(offset)
}

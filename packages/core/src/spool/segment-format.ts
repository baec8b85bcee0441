import { crc32 } from 'node:zlib'
import { readUint64, writeUint64 } from '../records/record-format.js'

/**
 * A segment, version 1. All numbers are little-endian; u64 are below 2^53; varints are unsigned LEB128 below 2^32.
 *
 *   segment := header record*      (records: records/record-format.ts)
 *   header (32 bytes)
 *     0  4  magic "PLSG"
 *     4  2  version = 1
 *     6  2  flags = 0
 *     8  8  number of the first batch; also the file's name: 16 hex digits and ".seg"
 *    16  8  created, wall clock in ms
 *    24  4  0
 *    28  4  crc32 of bytes 0..27
 *
 * The records of a batch stand together: what the dictionary lacks, then one or more columns records, the last of them marked. A batch
 * counts when that one is there. A record whose number is not below the first number of a later segment is void: that segment was
 * written because this one could not be trusted.
 */
export const formatVersion = 1

export const segmentHeaderBytes = 32
const magic = Buffer.from('PLSG', 'latin1')

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

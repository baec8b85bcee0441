import { crc32 } from 'node:zlib'
import { isSinkName } from '../model/sink-name.js'
import { maxLanes } from './cursor-options.js'
import { readUint64, writeUint64 } from '../records/record-format.js'

/**
 * Where a sink stands: `<sink>.ack`, two slots of equal size (64 bytes, or as many times 64 as its lanes need), written in turns, so that
 * one of them is whole at any crash. The whole slot with the higher generation counts. Version 2, little-endian:
 *
 *   0  4  magic "PLAK"
 *   4  2  version = 2
 *   6  2  lanes
 *   8  8  generation
 *  16  8  nobody has used this place since, wall clock in ms; 0: in use
 *  24  8  for each lane: every batch of the lane up to this one is settled
 *      4  crc32 of everything before
 *
 * Version 1 has no bytes 16 to 23: its lanes begin there. It is read, and never written.
 */
const magic = Buffer.from('PLAK', 'latin1')
const version = 2
const unusedSinceOffset = 16
const lanesOffsets: Readonly<Record<number, number>> = { 1: 16, 2: 24 }
const lanesOffset = 24
const slotUnit = 64
const extension = '.ack'

/** What a file of acknowledgements says. */
export interface StoredPlace {
  /** Per lane: every batch of the lane up to this one is settled. */
  readonly lanes: readonly number[]
  /** Since when nobody has used the place, wall clock in milliseconds; 0 while somebody does. */
  readonly unusedSinceMs: number
}

export interface AckSlot extends StoredPlace {
  readonly generation: number
}

/** A longer file is none of acknowledgements: two slots of the most lanes that there can be. */
export const maxAckFileBytes: number = 2 * slotBytes(maxLanes)

/** Name of the file that holds a sink's place. */
export function ackFileName(sink: string): string {
  return `${sink}${extension}`
}

/** The sink whose place a file holds; undefined for any other file. */
export function sinkNameOf(fileName: string): string | undefined {
  if (!fileName.endsWith(extension)) return undefined
  const name = fileName.slice(0, -extension.length)
  return isSinkName(name) ? name : undefined
}

/** What a slot of so many lanes takes. */
export function slotBytes(lanes: number): number {
  return slotUnit * Math.ceil((lanesOffset + 8 * lanes + 4) / slotUnit)
}

export function encodeSlot({ generation, lanes, unusedSinceMs }: AckSlot): Buffer {
  const used = lanesOffset + 8 * lanes.length
  const bytes = Buffer.alloc(slotBytes(lanes.length))
  magic.copy(bytes, 0)
  bytes.writeUInt16LE(version, 4)
  bytes.writeUInt16LE(lanes.length, 6)
  writeUint64(bytes, 8, generation)
  writeUint64(bytes, unusedSinceOffset, unusedSinceMs)
  for (let lane = 0; lane < lanes.length; lane++) writeUint64(bytes, lanesOffset + 8 * lane, lanes[lane]!)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, used)), used)
  return bytes
}

/** Undefined where the bytes are not a whole slot of a version that we know. */
export function decodeSlot(bytes: Buffer): AckSlot | undefined {
  if (bytes.length < slotUnit || !bytes.subarray(0, 4).equals(magic)) return undefined
  const from = lanesOffsets[bytes.readUInt16LE(4)]
  if (from === undefined) return undefined
  const count = bytes.readUInt16LE(6)
  const used = from + 8 * count
  if (used + 4 > bytes.length || bytes.readUInt32LE(used) !== crc32(bytes.subarray(0, used))) return undefined
  return {
    generation: readUint64(bytes, 8),
    lanes: Array.from({ length: count }, (_, lane) => readUint64(bytes, from + 8 * lane)),
    unusedSinceMs: from === lanesOffset ? readUint64(bytes, unusedSinceOffset) : 0,
  }
}

/** The newest whole slot of a file; undefined where both are damaged. */
export function decodeAckFile(bytes: Buffer): AckSlot | undefined {
  const half = bytes.length >> 1
  const [a, b] = [decodeSlot(bytes.subarray(0, half)), decodeSlot(bytes.subarray(half))]
  return a === undefined || (b !== undefined && b.generation > a.generation) ? b : a
}

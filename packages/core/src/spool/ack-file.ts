import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type FileSystem, readFully, type SpoolFile, writeFully } from './file-system.js'
import { readUint64, writeUint64 } from './segment-format.js'

/**
 * Where a sink stands: `<sink>.ack`, two slots of equal size (64 bytes, or as many times 64 as its lanes need), written in turns, so that
 * one of them is whole at any crash. The whole slot with the higher generation counts. Version 1, little-endian:
 *
 *   0  4  magic "PLAK"
 *   4  2  version = 1
 *   6  2  lanes
 *   8  8  generation
 *  16  8  for each lane: every batch of the lane up to this one is settled
 *      4  crc32 of everything before
 */
const magic = Buffer.from('PLAK', 'latin1')
const version = 1
const fixedBytes = 16
const slotUnit = 64
const extension = '.ack'

interface Slot {
  readonly generation: number
  readonly lanes: readonly number[]
}

/** The sink whose place a file holds; undefined for any other file. */
export function sinkNameOf(fileName: string): string | undefined {
  return /^[A-Za-z0-9_-]{1,64}\.ack$/.test(fileName) ? fileName.slice(0, -extension.length) : undefined
}

export function encodeSlot(slot: Slot): Buffer {
  const used = fixedBytes + 8 * slot.lanes.length
  const bytes = Buffer.allocUnsafe(slotUnit * Math.ceil((used + 4) / slotUnit)).fill(0)
  magic.copy(bytes, 0)
  bytes.writeUInt16LE(version, 4)
  bytes.writeUInt16LE(slot.lanes.length, 6)
  writeUint64(bytes, 8, slot.generation)
  for (let lane = 0; lane < slot.lanes.length; lane++) writeUint64(bytes, fixedBytes + 8 * lane, slot.lanes[lane]!)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, used)), used)
  return bytes
}

/** Undefined where the bytes are not a whole slot. */
export function decodeSlot(bytes: Buffer): Slot | undefined {
  if (bytes.length < slotUnit || !bytes.subarray(0, 4).equals(magic) || bytes.readUInt16LE(4) !== version) return undefined
  const count = bytes.readUInt16LE(6)
  const used = fixedBytes + 8 * count
  if (used + 4 > bytes.length || bytes.readUInt32LE(used) !== crc32(bytes.subarray(0, used))) return undefined
  return {
    generation: readUint64(bytes, 8),
    lanes: Array.from({ length: count }, (_, lane) => readUint64(bytes, fixedBytes + 8 * lane)),
  }
}

/** The file of one sink's acknowledgements. Calls must not overlap. */
export class AckFile {
  readonly #fileSystem: FileSystem
  readonly #folder: string
  readonly #path: string
  #file: SpoolFile | undefined
  #generation = 0
  #slotBytes = 0

  constructor(fileSystem: FileSystem, folder: string, name: string) {
    this.#fileSystem = fileSystem
    this.#folder = folder
    this.#path = join(folder, `${name}${extension}`)
  }

  /** What an existing file says, undefined where both slots are damaged. Rejects where there is no file. */
  async load(): Promise<readonly number[] | undefined> {
    this.#file = await this.#fileSystem.open(this.#path, 'update')
    const bytes = Buffer.alloc(await this.#file.size())
    await readFully(this.#file, bytes, 0)
    this.#slotBytes = bytes.length / 2
    const slots = [decodeSlot(bytes.subarray(0, this.#slotBytes)), decodeSlot(bytes.subarray(this.#slotBytes))]
    const newest = slots.reduce((a, b) => (a === undefined || (b !== undefined && b.generation > a.generation) ? b : a))
    this.#generation = newest?.generation ?? 0
    return newest?.lanes
  }

  /** Writes the place; a crash in the middle leaves the one before. A first write, or one with another number of lanes, makes the file. */
  async write(lanes: readonly number[]): Promise<void> {
    const generation = this.#generation + 1
    const slot = encodeSlot({ generation, lanes })
    if (this.#file === undefined || this.#slotBytes !== slot.length) return this.#create(lanes)
    await writeFully(this.#file, [slot], (generation % 2) * this.#slotBytes)
    // Not before: after a write that failed in the middle, the other slot is the one that is whole.
    this.#generation = generation
  }

  /** Forces what was written to the disk. A file that the disk refused is never trusted again: a new one takes its place. */
  async sync(lanes: readonly number[]): Promise<void> {
    if (this.#file === undefined) return
    try {
      await this.#file.datasync()
    } catch {
      await this.#create(lanes)
    }
  }

  async remove(): Promise<void> {
    await this.close()
    await this.#fileSystem.unlink(this.#path)
    await this.#fileSystem.fsyncDir(this.#folder)
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  /** Both slots are written, so that the file never grows again: a full disk cannot stop an acknowledgement. */
  async #create(lanes: readonly number[]): Promise<void> {
    const fresh = `${this.#path}.new`
    const even = this.#generation + (this.#generation % 2)
    const file = await this.#fileSystem.open(fresh, 'create')
    try {
      const slots = [encodeSlot({ generation: even + 2, lanes }), encodeSlot({ generation: even + 1, lanes })]
      await writeFully(file, slots, 0)
      await file.datasync()
      await this.#fileSystem.rename(fresh, this.#path)
      await this.#fileSystem.fsyncDir(this.#folder)
    } catch (error) {
      await file.close().catch(() => {})
      throw error
    }
    await this.close().catch(() => {})
    this.#file = file
    this.#generation = even + 2
    this.#slotBytes = encodeSlot({ generation: 0, lanes }).length
  }
}

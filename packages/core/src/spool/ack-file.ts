import { join } from 'node:path'
import { ackFileName, decodeAckFile, encodeSlot, maxAckFileBytes, slotBytes, type StoredPlace } from './ack-slot.js'
import { type FileSystem, readFully, type SpoolFile, writeFully } from './file-system.js'

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
    this.#path = join(folder, ackFileName(name))
  }

  /**
   * What an existing file says, undefined where both slots are damaged: then a copy is kept, instead of one that was kept before. The file
   * itself stays until the next write, for it says that there is such a sink. Rejects where there is no file.
   */
  async load(): Promise<StoredPlace | undefined> {
    this.#file = await this.#fileSystem.open(this.#path, 'update')
    const bytes = Buffer.alloc(Math.min(await this.#file.size(), maxAckFileBytes))
    await readFully(this.#file, bytes, 0)
    const newest = decodeAckFile(bytes)
    if (newest === undefined) await this.#keepCopy(bytes)
    this.#slotBytes = bytes.length / 2
    this.#generation = newest?.generation ?? 0
    return newest && { lanes: newest.lanes, unusedSinceMs: newest.unusedSinceMs }
  }

  /** Writes the place; a crash in the middle leaves the one before. A first write, or one with another number of lanes, makes the file. */
  async write(place: StoredPlace): Promise<void> {
    const generation = this.#generation + 1
    const slot = encodeSlot({ generation, ...place })
    if (this.#file === undefined || this.#slotBytes !== slot.length) return this.#create(place)
    await writeFully(this.#file, [slot], (generation % 2) * this.#slotBytes)
    // Not before: after a write that failed in the middle, the other slot is the one that is whole.
    this.#generation = generation
  }

  /** Forces what was written to the disk. A file that the disk refused is never trusted again: a new one takes its place. */
  async sync(place: StoredPlace): Promise<void> {
    if (this.#file === undefined) return
    try {
      await this.#file.datasync()
    } catch {
      await this.#create(place)
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

  /** As well as it goes: a full disk must not keep a spool from being opened. */
  async #keepCopy(bytes: Buffer): Promise<void> {
    try {
      const copy = await this.#fileSystem.open(`${this.#path}.bad`, 'create')
      try {
        await writeFully(copy, [bytes], 0)
      } finally {
        await copy.close()
      }
    } catch {
      // The damage is told of in any case.
    }
  }

  /** Both slots are written, so that the file never grows again: a full disk cannot stop an acknowledgement. */
  async #create(place: StoredPlace): Promise<void> {
    const fresh = `${this.#path}.new`
    const even = this.#generation + (this.#generation % 2)
    const file = await this.#fileSystem.open(fresh, 'create')
    try {
      const slots = [encodeSlot({ generation: even + 2, ...place }), encodeSlot({ generation: even + 1, ...place })]
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
    this.#slotBytes = slotBytes(place.lanes.length)
  }
}

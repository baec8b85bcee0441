import { readFully, type SpoolFile } from './file-system.js'

/** A buffer this many times as long as what is wanted is given back. */
const maxSlack = 8

/** Reads a file through a buffer that moves along. What it gives out is valid until the next `load`. */
export class FileWindow {
  /** Nothing is read from here on: what lies there may be in the making. */
  limit: number
  readonly #file: SpoolFile
  readonly #aheadBytes: number
  #buffer: Buffer = Buffer.alloc(0)
  #offset = 0
  #filled = 0

  /** @param options.aheadBytes read at a time; a longer piece makes the buffer as long as it needs, until the next one. */
  constructor(file: SpoolFile, options: { limit: number; aheadBytes: number }) {
    this.#file = file
    this.limit = options.limit
    this.#aheadBytes = options.aheadBytes
  }

  /** The bytes, where they are in the buffer. */
  peek(offset: number, length: number): Buffer | undefined {
    const start = offset - this.#offset
    return start >= 0 && start + length <= this.#filled ? this.#buffer.subarray(start, start + length) : undefined
  }

  /** The bytes, read with what follows them; undefined where the file ends before. */
  async load(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset + length > this.limit) return undefined
    const wanted = Math.max(length, this.#aheadBytes)
    // Pieces differ in length: the buffer stays while it is not far too large.
    if (this.#buffer.length < wanted || this.#buffer.length > maxSlack * wanted) this.#buffer = Buffer.allocUnsafeSlow(wanted)
    this.#filled = 0
    this.#offset = offset
    this.#filled = await readFully(this.#file, this.#buffer.subarray(0, Math.min(wanted, this.limit - offset)), offset)
    return this.peek(offset, length)
  }

  /** The bytes, from the buffer or the file. */
  async view(offset: number, length: number): Promise<Buffer | undefined> {
    return this.peek(offset, length) ?? (await this.load(offset, length))
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

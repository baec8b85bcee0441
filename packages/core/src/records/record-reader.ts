import { decodeUtf8 } from '../model/bytes.js'
import { PromlineError } from '../model/errors.js'
import { littleEndian } from './byte-order.js'

/** Most readers expect no doubles, or few: an array of its own for each would cost more than the reading. */
const noRoom = new Float64Array(0)

/** Reads what RecordWriter wrote into a payload. Throws a PromlineError (`decode`) beyond the end. Copies whatever it gives out. */
export class RecordReader {
  readonly #bytes: Buffer
  #at: number
  /** Room for doubles that are expected: arrays of a record live and die together, and one piece of memory costs less than many. */
  readonly #room: Float64Array
  #roomAt = 0

  /** @param options.float64s how many doubles are expected, about; none by default. */
  constructor(payload: Buffer, options: { at?: number; float64s?: number } = {}) {
    this.#bytes = payload
    this.#at = options.at ?? 0
    this.#room = options.float64s === undefined ? noRoom : new Float64Array(options.float64s)
  }

  /** Where the next byte stands in the payload. */
  get at(): number {
    return this.#at
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  uint8(): number {
    return this.#bytes[this.#take(1)]!
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#take(2))
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8))
  }

  float64(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.uint8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      if (scale > 2 ** 28) throw new PromlineError('decode', `varint of more than 5 bytes at byte ${this.#at} of a record`)
    }
  }

  signedVarint(): number {
    const value = this.varint()
    return (value >>> 1) ^ -(value & 1)
  }

  /** A view, not a copy. */
  view(length: number): Buffer {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** Passes over so many bytes. */
  skip(length: number): void {
    this.#take(length)
  }

  /** Length and bytes; a view, not a copy. */
  sized(): Buffer {
    return this.view(this.varint())
  }

  text(): string {
    return decodeUtf8(this.sized())
  }

  float64s(count: number): Float64Array {
    const bytes = this.view(8 * count)
    const fits = count <= this.#room.length - this.#roomAt
    const values = fits ? this.#room.subarray(this.#roomAt, this.#roomAt + count) : new Float64Array(count)
    if (fits) this.#roomAt += count
    if (littleEndian) new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes)
    else for (let i = 0; i < count; i++) values[i] = bytes.readDoubleLE(8 * i)
    return values
  }

  #take(count: number): number {
    const start = this.#at
    if (count > this.#bytes.length - start) {
      throw new PromlineError('decode', `${count} bytes wanted at byte ${start} of a record with ${this.#bytes.length}`)
    }
    this.#at = start + count
    return start
  }
}

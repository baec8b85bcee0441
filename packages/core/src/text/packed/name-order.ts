import { compareRanges } from '../../model/byte-range.js'
import { decodeUtf8, varintSize, viewOf } from '../../model/bytes.js'
import { ByteWriter } from './byte-writer.js'

/** More labels than this on one line are unusual: sorting them by insertion would be felt. */
const maxNames = 32
/** Enough for the names of most lines. */
const initialBytes = 256

/** Sorts the names of a line's labels, among some that every line has. */
export class NameOrder {
  /** The sorted names: the number of each, first those that every line has, then those of the line in its order. */
  readonly order: Int32Array
  readonly #bytes = new ByteWriter(initialBytes)
  /** Name `i` lies between bounds `i` and `i + 1`. */
  readonly #bounds: Int32Array
  readonly #constants: number
  #count = 0

  /** @param constants names that every line has, sorted */
  constructor(constants: readonly Uint8Array[]) {
    this.order = new Int32Array(constants.length + maxNames)
    this.#bounds = new Int32Array(this.order.length + 1)
    for (const name of constants) this.add(viewOf(name), 0, name.length)
    this.#constants = constants.length
  }

  /** Number of names, those that every line has among them. */
  get count(): number {
    return this.#count
  }

  /** Forgets the names of the last line. */
  clear(): void {
    this.#count = this.#constants
    for (let i = 0; i < this.#count; i++) this.order[i] = i
  }

  /** Adds a name of a line. Returns false where it is there already, or where there are too many. */
  add(source: DataView, start: number, end: number): boolean {
    const name = this.#count
    if (name === this.order.length) return false
    const bytes = this.#bytes
    bytes.at = this.#bounds[name]!
    bytes.reserve(bytes.at + end - start)
    bytes.copy(source, start, end - start)
    this.#bounds[name + 1] = bytes.at
    const { order } = this
    let place = name
    for (; place > 0; place--) {
      const difference = this.#compare(order[place - 1]!, name)
      if (difference === 0) return false
      if (difference < 0) break
      order[place] = order[place - 1]!
    }
    order[place] = name
    this.#count++
    return true
  }

  /** Bytes that all names take in the canonical encoding. */
  get encodedSize(): number {
    let size = 0
    for (let i = 0; i < this.#count; i++) {
      const length = this.#bounds[i + 1]! - this.#bounds[i]!
      size += varintSize(length) + length
    }
    return size
  }

  /** Writes a name as in the canonical encoding. */
  write(name: number, target: ByteWriter): void {
    const start = this.#bounds[name]!
    const length = this.#bounds[name + 1]! - start
    target.varint(length)
    target.copy(this.#bytes.view, start, length)
  }

  /** A name as a string. */
  text(name: number): string {
    return decodeUtf8(this.#bytes.bytes, this.#bounds[name], this.#bounds[name + 1])
  }

  /** Orders names by their bytes, which is by code point. */
  #compare(a: number, b: number): number {
    const { bytes } = this.#bytes
    const bounds = this.#bounds
    return compareRanges({ bytes, start: bounds[a]!, end: bounds[a + 1]! }, { bytes, start: bounds[b]!, end: bounds[b + 1]! })
  }
}

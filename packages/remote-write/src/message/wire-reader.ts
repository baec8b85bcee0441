import { isUtf8 } from 'node:buffer'
import { decodeUtf8, isPromlineError, isStaleBits, PromlineError, toError } from '@promline/core'
import { Reader } from 'protobufjs/minimal.js'

/** Protobuf's wire types that may occur; groups (3 and 4) are refused. https://protobuf.dev/programming-guides/encoding/#structure */
export const wireVarint = 0
export const wireFixed64 = 1
export const wireBytes = 2
const wireFixed32 = 5

/** A bucket while it is read: a bigint and its place in an array. */
const bucketMemoryBytes = 40

const endsEarly = 'the message ends in the middle of a field'

/**
 * protobufjs' reader with what a strict decoder needs beside it: the bounds of nested messages, wire types that fit, exact integers,
 * UTF-8 that is UTF-8, and errors that name the place. Unknown fields are skipped, groups are refused.
 */
export class WireReader {
  readonly bytes: Uint8Array
  /** Where in the message the decoder is, for errors: `timeseries[3]`. */
  place = 'message'
  readonly #reader: Reader
  readonly #view: DataView
  readonly #maxMemoryBytes: number
  #memoryBytes = 0
  /** The tag read last. */
  #tag = 0
  /** The halves of the 64-bit varint read last. */
  #low = 0
  #high = 0

  /** @param maxMemoryBytes what may be charged in all. */
  constructor(bytes: Uint8Array, maxMemoryBytes: number = Number.POSITIVE_INFINITY) {
    this.bytes = bytes
    this.#maxMemoryBytes = maxMemoryBytes
    // Not Reader.create: a Buffer's reader differs in `bytes` and `string` alone, which are not used here.
    this.#reader = new Reader(bytes)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Where the next field begins; where the one read last ended. */
  get position(): number {
    return this.#reader.pos
  }

  /**
   * Counts what a value takes in memory, by estimate: an empty message of two bytes can stand for an object of hundreds. Throws a
   * PromlineError (`limit`) once it is too much.
   */
  charge(bytes: number): void {
    this.#memoryBytes += bytes
    if (this.#memoryBytes <= this.#maxMemoryBytes) return
    const maxMemoryBytes = this.#maxMemoryBytes
    const message = `${this.place}, offset ${this.#reader.pos}: the values of the message take more than ${maxMemoryBytes} bytes of memory`
    throw new PromlineError('limit', message, { facts: { place: this.place, maxMemoryBytes } })
  }

  /** Moves to the next field of the message; 0 at its end. The answer is the field's number. */
  nextField(): number {
    const reader = this.#reader
    if (reader.pos >= reader.len) return 0
    this.#tag = reader.tag()
    const field = this.#tag >>> 3
    if (field === 0) throw this.error('field number 0')
    return field
  }

  /** Enters the field's message; hand the answer to `leave` once `nextField` gave 0. */
  enter(): number {
    const size = this.#size()
    const outer = this.#reader.len
    this.#reader.len = this.#reader.pos + size
    return outer
  }

  leave(outer: number): void {
    this.#reader.len = outer
  }

  /** Where the message that was entered ends. */
  get end(): number {
    return this.#reader.len
  }

  /** Goes on at a place that the caller knows to be the beginning of a field, or the end. */
  skipTo(position: number): void {
    this.#reader.pos = position
  }

  /** Goes through fields that were skipped, and comes back. */
  revisit(start: number, end: number, visit: () => void): void {
    const reader = this.#reader
    const { pos, len } = reader
    const tag = this.#tag
    reader.pos = start
    reader.len = end
    while (this.nextField() !== 0) visit()
    reader.pos = pos
    reader.len = len
    this.#tag = tag
  }

  /** Reads a field of text, which must be UTF-8, and answers where it begins; it ends at `position`. `what` names it in the error. */
  text(what: string): number {
    const size = this.#size()
    const start = this.#reader.pos
    const end = start + size
    this.#reader.pos = end
    // Most text is short and ASCII, for which this loop costs less than the call.
    for (let i = start; i < end; i++) {
      if (this.bytes[i]! < 0x80) continue
      if (!isUtf8(this.bytes.subarray(i, end))) throw this.error(`${what} is not valid UTF-8`)
      break
    }
    return start
  }

  string(what: string): string {
    const start = this.text(what)
    return decodeUtf8(this.bytes, start, this.position)
  }

  /** Whether the double that comes next is the staleness marker. Ask before `double`: its value does not say it. */
  staleNext(): boolean {
    const at = this.#reader.pos
    return at + 8 <= this.#reader.len && isStaleBits(this.#view.getUint32(at + 4, true), this.#view.getUint32(at, true))
  }

  double(): number {
    this.#expect(wireFixed64)
    return this.#reader.double()
  }

  uint32(): number {
    this.#expect(wireVarint)
    return this.#reader.uint32()
  }

  sint32(): number {
    this.#expect(wireVarint)
    return this.#reader.sint32()
  }

  /** An int64 that a number holds exactly; anything else is refused, never rounded. */
  safeInt64(what: string): number {
    this.#expect(wireVarint)
    this.#varint64()
    const value = this.#high * 0x1_0000_0000 + (this.#low >>> 0)
    if (!Number.isSafeInteger(value)) throw this.error(`${what} ${this.#signed()} is outside of ±(2^53 - 1)`)
    return value
  }

  /** A uint64: a bigint only beyond 2^53. */
  uint64(): number | bigint {
    this.#expect(wireVarint)
    this.#varint64()
    return narrow(BigInt.asUintN(64, this.#signed()))
  }

  /** The values of a repeated sint64, packed or one by one, appended to `values`. */
  sint64s(values: bigint[]): void {
    this.#repeated(wireVarint, () => {
      this.#varint64()
      const zigzag = BigInt.asUintN(64, this.#signed())
      values.push((zigzag >> 1n) ^ -(zigzag & 1n))
    })
  }

  /** The values of a repeated double, packed or one by one, appended to `values`. */
  doubles(values: number[]): void {
    this.#repeated(wireFixed64, () => values.push(this.#reader.double()))
  }

  /** Skips a field that is not known. */
  skip(): void {
    const reader = this.#reader
    const wire = this.#tag & 7
    if (wire === wireVarint) this.#varint64()
    else if (wire === wireFixed64) reader.skip(8)
    else if (wire === wireBytes) reader.skip(this.#size())
    else if (wire === wireFixed32) reader.skip(4)
    else throw this.error(`field ${this.#tag >>> 3} has wire type ${wire}, which is not allowed`)
  }

  error(message: string): PromlineError {
    const offset = this.#reader.pos
    return new PromlineError('decode', `${this.place}, offset ${offset}: ${message}`, { facts: { place: this.place, offset } })
  }

  /** What protobufjs threw, with its place; our own errors as they are. */
  toDecodeError(thrown: unknown): PromlineError {
    if (isPromlineError(thrown)) return thrown
    const { message } = toError(thrown)
    const error = this.error(message.startsWith('index out of range') ? endsEarly : message)
    return new PromlineError('decode', error.message, { cause: thrown, facts: error.facts })
  }

  /** Reads a varint of 64 bits into the halves. protobufjs' own gives a Long or a rounded number, as the process happens to be set up. */
  #varint64(): void {
    const reader = this.#reader
    this.#low = 0
    this.#high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (reader.pos >= reader.len) throw this.error(endsEarly)
      const byte = this.bytes[reader.pos++]!
      const bits = byte & 0x7f
      if (shift < 32) this.#low |= bits << shift
      if (shift > 28) this.#high |= bits << (shift - 32)
      else if (shift === 28) this.#high = bits >>> 4
      if (byte < 0x80) return
    }
    throw this.error('a varint of more than 10 bytes')
  }

  #signed(): bigint {
    return (BigInt(this.#high) << 32n) | BigInt(this.#low >>> 0)
  }

  /** The length of a length-delimited field, which is all there. */
  #size(): number {
    this.#expect(wireBytes)
    const reader = this.#reader
    const size = reader.size()
    if (size > reader.len - reader.pos) {
      throw this.error(`length ${size} of field ${this.#tag >>> 3} reaches past the end of its message`)
    }
    return size
  }

  #repeated(wire: number, readOne: () => void): void {
    if ((this.#tag & 7) !== wireBytes) {
      this.#expect(wire)
      this.charge(bucketMemoryBytes)
      readOne()
      return
    }
    const outer = this.enter()
    while (this.#reader.pos < this.#reader.len) {
      this.charge(bucketMemoryBytes)
      readOne()
    }
    this.leave(outer)
  }

  #expect(wire: number): void {
    const actual = this.#tag & 7
    if (actual !== wire) throw this.error(`field ${this.#tag >>> 3} has wire type ${actual} instead of ${wire}`)
  }
}

/** A number where it is exact, else the bigint itself. */
export function narrow(value: bigint): number | bigint {
  return value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER) ? value : Number(value)
}

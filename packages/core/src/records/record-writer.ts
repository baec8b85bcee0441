import { copyRange, type ViewRange } from '../model/byte-range.js'
import { encodeUtf8, viewOf, writeVarint } from '../model/bytes.js'
import { PromlineError } from '../model/errors.js'
import { littleEndian } from './byte-order.js'
import { type RecordHeader, recordHeaderBytes, type RecordType, sealRecord } from './record-format.js'

/** Room for a record of the default largest size, with a block more, so that a warm spool writes from the same memory for ever. */
const chunkBytes = (1024 + 64) * 1024
/** Chunks that are kept: a group of ordinary size with a record more. Fresh memory costs more than what is written into it. */
const maxSpareChunks = 4
/** The longest varint of a number below 2^32. */
const maxVarintBytes = 5

/** A place between two records to which a writer can go back. */
export interface RecordMark {
  readonly chunk: Buffer
  readonly chunks: number
  readonly at: number
  readonly bytes: number
}

/** Writes records into memory, one after the other, each in one piece. Its memory is lent out by `chunks` and used again after `reset`. */
export class RecordWriter {
  #chunk: Buffer = Buffer.allocUnsafeSlow(chunkBytes)
  #view = viewOf(this.#chunk)
  /** What is complete in chunks that are full. */
  #full: Buffer[] = []
  #fullBytes = 0
  /** Chunks of ordinary size that were filled since the last `reset`, and those that are free. */
  readonly #filled = new Set<Buffer>()
  readonly #spare: Buffer[] = []
  #recordStart = 0
  #at = 0

  /** Bytes of all records. */
  get bytes(): number {
    return this.#fullBytes + this.#at
  }

  /** Payload of the open record so far. */
  get payloadBytes(): number {
    return this.#at - this.#recordStart - recordHeaderBytes
  }

  /** A copy of the payload of the open record so far. */
  payload(): Uint8Array {
    return Uint8Array.from(this.#chunk.subarray(this.#recordStart + recordHeaderBytes, this.#at))
  }

  begin(): void {
    this.#recordStart = this.#at
    this.#ensure(recordHeaderBytes)
    this.#at += recordHeaderBytes
  }

  /** Completes the open record. */
  end(type: RecordType, head: Pick<RecordHeader, 'seq' | 'appendedMs'>): void {
    const { seq, appendedMs } = head
    sealRecord(this.#chunk, { start: this.#recordStart, end: this.#at }, { seq, appendedMs, type })
    this.#recordStart = this.#at
  }

  /** The place after the last complete record. */
  mark(): RecordMark {
    return { chunk: this.#chunk, chunks: this.#full.length, at: this.#recordStart, bytes: this.#fullBytes }
  }

  /** Forgets what was written since a mark, an open record included. */
  rewind(mark: RecordMark): void {
    this.#full.length = mark.chunks
    this.#fullBytes = mark.bytes
    // Where the writer was emptied since, it may be a spare one by now.
    const spare = this.#spare.indexOf(mark.chunk)
    if (spare >= 0) this.#spare.splice(spare, 1)
    if (this.#chunk !== mark.chunk) this.#setChunk(mark.chunk)
    this.#at = mark.at
    this.#recordStart = mark.at
  }

  /** The complete records, in order. Valid until `reset`. */
  chunks(): Buffer[] {
    return [...this.#full, this.#chunk.subarray(0, this.#at)]
  }

  /** Empties the writer. Keeps a few chunks of ordinary size. */
  reset(): void {
    this.#full = []
    this.#fullBytes = 0
    this.#at = 0
    this.#recordStart = 0
    for (const chunk of this.#filled) if (chunk !== this.#chunk && this.#spare.length < maxSpareChunks) this.#spare.push(chunk)
    this.#filled.clear()
    if (this.#chunk.length > chunkBytes) this.#setChunk(this.#takeChunk(chunkBytes))
  }

  uint8(value: number): void {
    this.#ensure(1)
    this.#chunk[this.#at++] = value
  }

  /** Which of some words it is. Throws a PromlineError (`encode`) where it is none: what is written must be what can be read. */
  indexIn(words: readonly string[], word: string, what: string): void {
    const index = words.indexOf(word)
    if (index < 0) throw new PromlineError('encode', `${what} ${JSON.stringify(word)}, which is none of: ${words.join(', ')}`)
    this.uint8(index)
  }

  uint16(value: number): void {
    this.#ensure(2)
    this.#at = this.#chunk.writeUInt16LE(value, this.#at)
  }

  uint32(value: number): void {
    this.#ensure(4)
    this.#at = this.#chunk.writeUInt32LE(value, this.#at)
  }

  uint64(value: bigint): void {
    this.#ensure(8)
    this.#at = this.#chunk.writeBigUInt64LE(value, this.#at)
  }

  float64(value: number): void {
    this.#ensure(8)
    this.#at = this.#chunk.writeDoubleLE(value, this.#at)
  }

  varint(value: number): void {
    this.#ensure(maxVarintBytes)
    this.#at = writeVarint(this.#chunk, this.#at, value)
  }

  /** A signed number of 32 bits at most, small ones in few bytes. */
  signedVarint(value: number): void {
    this.varint(((value << 1) ^ (value >> 31)) >>> 0)
  }

  bytesOf(value: Uint8Array): void {
    this.#ensure(value.length)
    this.#chunk.set(value, this.#at)
    this.#at += value.length
  }

  /** A part of some bytes that is short, such as labels: length and bytes. */
  sizedPart(part: ViewRange): void {
    const length = part.end - part.start
    this.varint(length)
    this.#ensure(length)
    this.#at = copyRange(part, this.#view, this.#at)
  }

  /** Length and bytes. */
  sized(value: Uint8Array): void {
    this.varint(value.length)
    this.bytesOf(value)
  }

  text(value: string): void {
    this.sized(encodeUtf8(value))
  }

  /** The elements, without their number: a copy of memory. */
  float64s(values: Float64Array): void {
    if (littleEndian) this.bytesOf(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    else for (const value of values) this.float64(value)
  }

  /** Overwrites a byte of the open record's payload. */
  patchUint8(offset: number, value: number): void {
    this.#chunk[this.#recordStart + recordHeaderBytes + offset] = value
  }

  /** Overwrites a number of the open record's payload. */
  patchUint32(offset: number, value: number): void {
    this.#chunk.writeUInt32LE(value, this.#recordStart + recordHeaderBytes + offset)
  }

  /** Where the chunk is full, the open record moves to the next one, which is twice its size at least. */
  #ensure(count: number): void {
    if (this.#at + count <= this.#chunk.length) return
    const open = this.#chunk.subarray(this.#recordStart, this.#at)
    if (this.#recordStart > 0) {
      this.#full.push(this.#chunk.subarray(0, this.#recordStart))
      this.#fullBytes += this.#recordStart
    }
    // After a `rewind` it may be the current one again.
    if (this.#chunk.length === chunkBytes) this.#filled.add(this.#chunk)
    this.#setChunk(this.#takeChunk(Math.max(chunkBytes, 2 * (open.length + count))))
    this.#chunk.set(open, 0)
    this.#at = open.length
    this.#recordStart = 0
  }

  #takeChunk(bytes: number): Buffer {
    return (bytes === chunkBytes ? this.#spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes)
  }

  #setChunk(chunk: Buffer): void {
    this.#chunk = chunk
    this.#view = viewOf(chunk)
  }
}

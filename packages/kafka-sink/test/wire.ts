/** Reads Kafka's primitive types in order. https://kafka.apache.org/protocol#protocol_types */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  int8(): number {
    return this.#bytes.readInt8(this.#step(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#step(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#step(4))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#step(8))
  }

  string(): string | undefined {
    const length = this.int16()
    return length < 0 ? undefined : this.raw(length).toString()
  }

  bytes(): Buffer {
    return this.raw(this.int32())
  }

  raw(length: number): Buffer {
    const start = this.#step(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A zigzag varint of up to 64 bits. */
  varint(): number {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.#step(1)] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n))
    }
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read)
  }

  #step(length: number): number {
    const start = this.#at
    this.#at += length
    return start
  }
}

/** Writes Kafka's primitive types in order. */
export class WireWriter {
  readonly #parts: Buffer[] = []

  int16(value: number): this {
    const part = Buffer.alloc(2)
    part.writeInt16BE(value)
    return this.raw(part)
  }

  int32(value: number): this {
    const part = Buffer.alloc(4)
    part.writeInt32BE(value)
    return this.raw(part)
  }

  int64(value: bigint): this {
    const part = Buffer.alloc(8)
    part.writeBigInt64BE(value)
    return this.raw(part)
  }

  bool(value: boolean): this {
    return this.raw(Buffer.of(value ? 1 : 0))
  }

  string(value: string | undefined): this {
    if (value === undefined) return this.int16(-1)
    return this.int16(Buffer.byteLength(value)).raw(Buffer.from(value))
  }

  bytes(value: Buffer): this {
    return this.int32(value.length).raw(value)
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  raw(part: Buffer): this {
    this.#parts.push(part)
    return this
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

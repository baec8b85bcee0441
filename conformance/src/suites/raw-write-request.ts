/** A sample as it stands on the wire: labels in their order, the value's bits. */
export interface RawSample {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly bits: bigint
  readonly timestampMs: number
}

/** The bits of Prometheus' staleness marker and of its ordinary NaN. */
export const staleBits = 0x7ff0_0000_0000_0002n
export const nanBits = 0x7ff8_0000_0000_0001n

export function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

/**
 * Reads the samples of a WriteRequest as an independent receiver would, and on purpose without promline's decoder: that one sorts labels
 * and leaves empty ones out, which is what a sender has to do.
 */
export function readRawSamples(message: Uint8Array): RawSample[] {
  const samples: RawSample[] = []
  for (const series of messagesOf(message, 1)) {
    const labels = messagesOf(series, 1).map((label) => [textOf(label, 1), textOf(label, 2)] as const)
    for (const sample of messagesOf(series, 2)) {
      const bits = fieldsOf(sample).find(({ number }) => number === 1)?.value ?? 0n
      const timestampMs = fieldsOf(sample).find(({ number }) => number === 2)?.value ?? 0n
      if (typeof bits !== 'bigint' || typeof timestampMs !== 'bigint') throw new Error('a sample holds numbers')
      samples.push({ labels, bits, timestampMs: Number(BigInt.asIntN(64, timestampMs)) })
    }
  }
  return samples
}

/** A WriteRequest with these samples, each in an entry of its own, its labels as they are given. */
export function writeRawSamples(samples: readonly RawSample[]): Uint8Array {
  return Buffer.concat(
    samples.map(({ labels, bits, timestampMs }) => {
      const parts = labels.map(([name, value]) => bytesField(1, bytesField(1, Buffer.from(name)), bytesField(2, Buffer.from(value))))
      const double = Buffer.alloc(8)
      double.writeBigUInt64LE(bits)
      const sample = bytesField(2, Buffer.of((1 << 3) | 1), double, Buffer.of(2 << 3), varint(BigInt(timestampMs)))
      return bytesField(1, ...parts, sample)
    }),
  )
}

interface Field {
  readonly number: number
  readonly value: bigint | Uint8Array
}

function fieldsOf(message: Uint8Array): Field[] {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const fields: Field[] = []
  let at = 0
  const next = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(next())
    const number = tag >>> 3
    if ((tag & 7) === 0) fields.push({ number, value: next() })
    else if ((tag & 7) === 1) {
      fields.push({ number, value: bytes.readBigUInt64LE(at) })
      at += 8
    } else if ((tag & 7) === 2) {
      const end = Number(next()) + at
      if (end > bytes.length) throw new Error('a field reaches past its message')
      fields.push({ number, value: bytes.subarray(at, end) })
      at = end
    } else throw new Error(`wire type ${tag & 7}`)
  }
  return fields
}

function messagesOf(message: Uint8Array, number: number): Uint8Array[] {
  return fieldsOf(message).flatMap((field) => (field.number === number && field.value instanceof Uint8Array ? [field.value] : []))
}

function textOf(message: Uint8Array, number: number): string {
  return Buffer.from(messagesOf(message, number).at(-1) ?? []).toString('utf8')
}

function bytesField(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of((number << 3) | 2), varint(BigInt(content.length)), content])
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.of(...bytes, Number(rest))
}

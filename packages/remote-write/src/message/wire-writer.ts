import { PromlineError } from '@promline/core'
import type { Writer } from 'protobufjs/minimal.js'
import { timestampError } from './encode-error.js'
import { labelFieldsSize, writeLabelFields } from './label-fields.js'

/** A double with the exact bits of the staleness marker or of Prometheus' ordinary NaN where it is one; `writer` has its tag already. */
export function writeDouble(writer: Writer, sample: { readonly value: number; readonly stale: boolean }): void {
  if (sample.stale) writer.fixed32(2).fixed32(0x7ff00000)
  else if (Number.isNaN(sample.value)) writer.fixed32(1).fixed32(0x7ff80000)
  else writer.double(sample.value)
}

/** An int64 that a number holds exactly. Throws a PromlineError (`encode`) for a fraction and for what is beyond ±(2^53 - 1). */
export function writeInt64(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) throw timestampError(value)
  writer.int64(value)
}

/** A uint64. Throws a PromlineError (`encode`) for what it cannot hold. */
export function writeUint64(writer: Writer, value: number | bigint): void {
  if (typeof value === 'number' ? !Number.isSafeInteger(value) || value < 0 : BigInt.asUintN(64, value) !== value) {
    throw new PromlineError('encode', `histogram count ${value} is not an unsigned integer of 64 bits`)
  }
  writer.uint64(typeof value === 'number' ? value : longOf(value))
}

/** A repeated sint64, packed. Throws a PromlineError (`encode`) for a fraction. */
export function writeSint64s(writer: Writer, field: number, values: Float64Array | BigInt64Array | undefined): void {
  if (values === undefined || values.length === 0) return
  writer.uint32((field << 3) | 2).fork()
  for (const value of values) {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new PromlineError('encode', `histogram delta ${value} is not an integer within ±(2^53 - 1)`)
    }
    writer.sint64(typeof value === 'number' ? value : longOf(value))
  }
  writer.ldelim()
}

/** The halves of a 64-bit integer, as protobufjs takes them. */
function longOf(value: bigint): { low: number; high: number; unsigned: boolean } {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: value >= 0n }
}

/** Labels as repeated Label fields: `tag { string name = 1;  string value = 2; }` each. */
export function wireLabels(labels: Uint8Array, field: number): Uint8Array {
  const wire = new Uint8Array(labelFieldsSize(labels))
  writeLabelFields(wire, 0, { labels, tag: (field << 3) | 2 })
  return wire
}

import type { SampleColumns } from '@promline/core'
import { fillValues } from '../fill-values.js'
import type { TimestampBytes } from '../timestamp-bytes.js'
import type { HoledElements } from './hole-compressor.js'

/** The compressed entries of a list, with holes for values and timestamps. Never sent itself: each request gets a copy. */
export interface Template extends HoledElements {
  /** Bytes of the message that it stands for. */
  readonly messageBytes: number
}

/** What goes into the holes. */
export interface Patch {
  readonly template: Template
  readonly columns: Pick<SampleColumns, 'values' | 'stale'>
  /** Of all rows, of 6 bytes. */
  readonly timestamp: TimestampBytes
}

/**
 * Copies a template into a request's own bytes and fills its holes. Returns the offset after it.
 *
 * Exploits that a request differs from the one before in 8 bytes a sample and the timestamps: no compressor runs. Copying first means that
 * nothing in flight is ever written to, for a tenth of the message's bytes. Measured: 7 ns a sample, and 3 to 8 for the memory of the body.
 *
 * Kept honest by batch-encoder.test.ts.
 */
export function copyPatched(target: Uint8Array<ArrayBuffer>, at: number, { template, columns, timestamp }: Patch): number {
  const { elements, timestampPlaces, timestampBytes } = template
  const bytes = target.subarray(at, at + elements.length)
  bytes.set(elements)
  for (let i = 0; i < timestampPlaces.length; i++) bytes[timestampPlaces[i]!] = timestamp.bytes[timestampBytes[i]!]!
  fillValues(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), template.valuePlaces, columns)
  return at + elements.length
}

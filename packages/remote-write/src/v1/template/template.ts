import type { SampleColumns } from '@promline/core'
import { fillSteps } from '../fill-values.js'
import { patchedTimestampBytes, type TimestampBytes } from '../timestamp-bytes.js'

/** The compressed entries of a list, with open places for values and timestamps. Never sent itself: each request gets a copy. */
export interface Template {
  readonly elements: Uint8Array
  /** Where values go in the elements: the first place, and from each to the next. */
  readonly valueSteps: Uint16Array
  /** Where timestamps go; most come by reference from one of these. */
  readonly timestampPlaces: Int32Array
  /** Bytes of the message that it stands for. */
  readonly messageBytes: number
}

/** What goes into the open places. */
export interface Patch {
  readonly columns: Pick<SampleColumns, 'values' | 'stale'>
  /** Of all rows, of 6 bytes. */
  readonly timestamp: TimestampBytes
}

/**
 * Fills the open places of a template's elements that were copied to `at`.
 *
 * Exploits that a request differs from the one before in 8 bytes a sample and the timestamps: no compressor runs. Filling a copy means that
 * nothing in flight is ever written to, for a fifth of the message's bytes. Measured: 2 to 3 ns a sample.
 *
 * Kept honest by batch-encoder.test.ts.
 */
export function fillTemplate(view: DataView, at: number, filling: { readonly template: Template; readonly patch: Patch }): void {
  const { valueSteps, timestampPlaces } = filling.template
  const { timestamp, columns } = filling.patch
  for (let i = 0; i < timestampPlaces.length; i++) {
    const place = at + timestampPlaces[i]!
    for (let k = 0; k < patchedTimestampBytes; k++) view.setUint8(place + k, timestamp.bytes[k]!)
  }
  fillSteps(view, { at, steps: valueSteps }, columns)
}

import type { SeriesList } from '@promline/core'
import type { EntryWriter } from '../entry-writer.js'
import { TimestampBytes } from '../timestamp-bytes.js'

/** The entries of a list, one sample each, without their values and with timestamps of 6 bytes: what changes is filled in. */
export interface HoledMessage {
  readonly bytes: Uint8Array
  /** Where the 8 bytes of each value go, in order. The timestamp comes one byte after them. */
  readonly valuePlaces: Int32Array
}

/** A list of 1,024 series, the longest but for a histogram, with 1 KB of labels each. What is above is encoded anew for each request. */
const maxMessageBytes = 1024 * 1024

/** Any timestamp of 6 bytes: its place counts. */
const anyTimestamp = new TimestampBytes()
anyTimestamp.set(Date.UTC(2025, 0))

/** The message of a list, in the writer's own bytes, good until its next write; undefined where it is too large to keep. */
export function writeHoledMessage(list: SeriesList, writer: EntryWriter): HoledMessage | undefined {
  const valuePlaces = new Int32Array(list.length)
  writer.reset()
  for (let i = 0; i < list.length; i++) {
    valuePlaces[i] = writer.writeEntry(list.at(i).labels.bytes, anyTimestamp)
    if (writer.length > maxMessageBytes) return undefined
  }
  return { bytes: writer.bytes, valuePlaces }
}

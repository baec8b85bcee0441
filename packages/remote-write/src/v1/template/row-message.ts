import { type PackedSeriesList, varintSize, writeVarint } from '@promline/core'
import { inSeries, timestampError } from '../../message/encode-error.js'
import { textEnd } from '../../message/label-fields.js'
import { TimestampBytes } from '../timestamp-bytes.js'

const seriesTag = (1 << 3) | 2
const labelsTag = (1 << 3) | 2
const labelNameTag = (1 << 3) | 2
const labelValueTag = (2 << 3) | 2
const samplesTag = (2 << 3) | 2
const valueTag = (1 << 3) | 1
const timestampTag = 2 << 3

export const valueBytes = 8
/** From a value to the timestamp after it. */
export const timestampOffset: number = valueBytes + 1
/** Labels of up to so many bytes make an entry whose size takes one byte, most often; others take two. */
const smallLabels = 80
/** Bytes are copied by four; up to three more than are asked for are written. */
const wordBytes = 4
/** A list of 256 series of 8 labels. */
const initialBytes = 64 * 1024
/** Larger memory is let go when the next list begins. */
const maxKeptBytes = 1024 * 1024

/**
 * A byte that stands for those of values, and bytes for those of a timestamp, while places are left open for them. UTF-8 has none of them,
 * and where a length has one of them it stands between other bytes than these do: so nothing else in a message is like four bytes of which one is of
 * an open place, and a reference to such a place comes from another one of the same kind alone.
 */
const openValueWord = -1
const openTimestamp = Uint8Array.of(0xc0, 0xc1, 0xf5, 0xf6, 0xf7, 0xf8)

/**
 * The entries of a list, one sample each, one after the other in memory that serves list after list: no object, string or closure for a series.
 *
 *     0a size { labels = 1 ...   12 size { 09 value (8 bytes)   10 timestamp (a varint of 1 to 10 bytes) } }
 *
 * Value and timestamp are written whether zero or not, so that each has its place.
 *
 * Exploits that labels have the same parts in their canonical encoding: what changes is a tag here and there. Measured: 100 (node_exporter) to 190
 * ns (kube-state-metrics) a row. Taking over what a row has in common with the row before was slower by a third.
 *
 * `kernel/encode-rows.ts` of the package does the same in WebAssembly, byte for byte: what changes here changes there.
 */
export class RowMessage {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(initialBytes)
  view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer)
  length = 0
  rows = 0
  /** Where the value of each row goes. The timestamp comes one byte after it. */
  valuePlaces: Int32Array = new Int32Array(0)
  readonly #timestamp = new TimestampBytes()
  #source: Uint8Array = new Uint8Array(0)
  #sourceView: DataView = new DataView(new ArrayBuffer(0))

  /**
   * Writes the entries without their values, which come into their places before anything is read. @param timestampMs of all rows, or of each.
   * Throws a PromlineError (`encode`) for a timestamp that is not an integer.
   */
  write(list: PackedSeriesList, timestampMs: number | Float64Array): void {
    this.#begin(list)
    const { ends } = list
    for (let i = 0; i < ends.length; i++) {
      const ms = typeof timestampMs === 'number' ? timestampMs : timestampMs[i]!
      if (!Number.isSafeInteger(ms)) throw inSeries(list.at(i).labels, timestampError(ms))
      this.#timestamp.set(ms)
      this.valuePlaces[i] = this.#writeRow(list.startOf(i), ends[i]!, this.#timestamp)
    }
  }

  /** Writes the entries with places left open for values and for timestamps of 6 bytes. */
  writeOpen(list: PackedSeriesList): void {
    this.#begin(list)
    const { ends } = list
    const timestamp = { bytes: openTimestamp, length: openTimestamp.length }
    for (let i = 0; i < ends.length; i++) {
      const place = this.#writeRow(list.startOf(i), ends[i]!, timestamp)
      this.view.setInt32(place, openValueWord)
      this.view.setInt32(place + wordBytes, openValueWord)
      this.valuePlaces[i] = place
    }
  }

  #begin({ bytes, ends }: PackedSeriesList): void {
    if (this.bytes.length > maxKeptBytes) this.#resize(initialBytes)
    if (this.valuePlaces.length < ends.length) this.valuePlaces = new Int32Array(ends.length)
    this.#source = bytes
    this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.rows = ends.length
    this.length = 0
  }

  /** Returns where the value goes. */
  #writeRow(start: number, end: number, timestamp: { readonly bytes: Uint8Array; readonly length: number }): number {
    // A field takes less than three times the bytes of its label; the rest is for what comes around the labels.
    this.#reserve(3 * (end - start) + 64)
    const { bytes } = this
    const sampleSize = timestampOffset + 1 + timestamp.length
    const guess = end - start < smallLabels ? 1 : 2
    const labelsAt = this.length + 1 + guess
    let at = this.#writeLabels(start, end, labelsAt)
    const size = at - labelsAt + 2 + sampleSize
    const shift = varintSize(size) - guess
    if (shift !== 0) bytes.copyWithin(labelsAt + shift, labelsAt, at)
    at += shift
    bytes[this.length] = seriesTag
    writeVarint(bytes, this.length + 1, size)
    bytes[at++] = samplesTag
    bytes[at++] = sampleSize
    bytes[at++] = valueTag
    const place = at
    at += valueBytes
    bytes[at++] = timestampTag
    for (let k = 0; k < timestamp.length; k++) bytes[at++] = timestamp.bytes[k]!
    this.length = at
    return place
  }

  #writeLabels(start: number, end: number, at: number): number {
    const { bytes } = this
    const source = this.#source
    for (let from = start; from < end; ) {
      const value = textEnd(source, from)
      const next = textEnd(source, value)
      bytes[at++] = labelsTag
      at = writeVarint(bytes, at, 2 + next - from)
      bytes[at++] = labelNameTag
      at = this.#copy(from, value, at)
      bytes[at++] = labelValueTag
      at = this.#copy(value, next, at)
      from = next
    }
    return at
  }

  #copy(from: number, to: number, at: number): number {
    const { view } = this
    const source = this.#sourceView
    const end = at + to - from
    if (to + wordBytes <= source.byteLength) {
      for (; at < end; at += wordBytes, from += wordBytes) view.setInt32(at, source.getInt32(from, true), true)
    } else while (at < end) view.setUint8(at++, source.getUint8(from++))
    return end
  }

  #reserve(more: number): void {
    if (this.length + more > this.bytes.length) this.#resize(2 * (this.length + more))
  }

  #resize(size: number): void {
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes.subarray(0, Math.min(this.length, size)))
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }
}

import { decodeUtf8, type Labels, labelsFromBytes, varintSize, writeVarint } from '@promline/core'
import type { ByteRange, WireReader } from './wire-reader.js'

/** How large a series' labels may be. */
export interface LabelLimits {
  /** Labels of one series. */
  readonly maxLabels: number
  /** Bytes of the names and values of one series' labels together. */
  readonly maxLabelBytes: number
}

/** A label's name and value in the message's bytes. */
export interface WireLabel {
  readonly name: ByteRange
  readonly value: ByteRange
}

const metricName = Buffer.from('__name__')
const noBytes: ByteRange = { start: 0, end: 0 }

/** Reads one field that holds a Label: `name = 1 string; value = 2 string`. */
export function decodeLabel(wire: WireReader): WireLabel {
  let name = noBytes
  let value = noBytes
  const outer = wire.enter()
  for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
    if (field === 1) name = wire.text('a label name')
    else if (field === 2) value = wire.text('a label value')
    else wire.skip()
  }
  wire.leave(outer)
  if (name.start === name.end) throw wire.error('a label has an empty name')
  return { name, value }
}

/**
 * Labels of what was read, without making strings: sorted where the sender did not, labels with an empty value left out (they are the
 * same as none). Refused are names that come twice, and more than the limits allow.
 */
export function packWireLabels(wire: WireReader, found: readonly WireLabel[], limits: LabelLimits): Labels {
  const { bytes } = wire
  if (found.length > limits.maxLabels) throw wire.error(`a series has ${found.length} labels, more than the limit of ${limits.maxLabels}`)
  const labels = isSorted(bytes, found) ? found : [...found].sort((a, b) => compareRanges(bytes, a.name, b.name))
  let size = 0
  for (let i = 0; i < labels.length; i++) {
    const { name, value } = labels[i]!
    if (i > 0 && compareRanges(bytes, labels[i - 1]!.name, name) === 0) {
      throw wire.error(`label ${JSON.stringify(textOf(bytes, name))} is given twice`)
    }
    if (value.end > value.start) size += packedSize(name) + packedSize(value)
  }
  if (size > limits.maxLabelBytes)
    throw wire.error(`the labels of a series take ${size} bytes, more than the limit of ${limits.maxLabelBytes}`)
  const packed = new Uint8Array(size)
  let at = 0
  for (const { name, value } of labels) {
    if (value.end === value.start) continue
    at = packText(packed, at, bytes.subarray(name.start, name.end))
    at = packText(packed, at, bytes.subarray(value.start, value.end))
  }
  return labelsFromBytes(packed)
}

/** Whether a metric's name is among the labels, and not empty. */
export function hasMetricName(bytes: Uint8Array, labels: readonly WireLabel[]): boolean {
  return labels.some(
    ({ name, value }) =>
      value.end > value.start && name.end - name.start === metricName.length && metricName.equals(bytes.subarray(name.start, name.end)),
  )
}

function isSorted(bytes: Uint8Array, labels: readonly WireLabel[]): boolean {
  for (let i = 1; i < labels.length; i++) if (compareRanges(bytes, labels[i - 1]!.name, labels[i]!.name) >= 0) return false
  return true
}

/** Orders by bytes, which in UTF-8 is the order of code points. */
function compareRanges(bytes: Uint8Array, a: ByteRange, b: ByteRange): number {
  const shorter = Math.min(a.end - a.start, b.end - b.start)
  for (let i = 0; i < shorter; i++) {
    const difference = bytes[a.start + i]! - bytes[b.start + i]!
    if (difference !== 0) return difference
  }
  return a.end - a.start - (b.end - b.start)
}

function packedSize({ start, end }: ByteRange): number {
  return varintSize(end - start) + end - start
}

function packText(target: Uint8Array, at: number, text: Uint8Array): number {
  const after = writeVarint(target, at, text.length)
  target.set(text, after)
  return after + text.length
}

function textOf(bytes: Uint8Array, { start, end }: ByteRange): string {
  return decodeUtf8(bytes, start, end)
}

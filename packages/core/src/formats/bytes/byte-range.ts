import { encodeUtf8 } from '../../model/bytes.js'

/** Text in UTF-8 that stands somewhere in `bytes`, from `start` to `end`, exclusive. */
export interface ByteRange {
  bytes: Uint8Array
  /** Of the same bytes, for those who read four at a time. */
  view: DataView
  start: number
  end: number
}

export function rangeOf(text: string): ByteRange {
  const bytes = encodeUtf8(text)
  return { bytes, view: viewOf(bytes), start: 0, end: bytes.length }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

export function equalRanges(a: ByteRange, b: ByteRange): boolean {
  const length = a.end - a.start
  if (b.end - b.start !== length) return false
  for (let i = 0; i < length; i++) if (a.bytes[a.start + i] !== b.bytes[b.start + i]) return false
  return true
}

/** Orders texts by their bytes: by code point. */
export function compareRanges(a: ByteRange, b: ByteRange): number {
  const shorter = Math.min(a.end - a.start, b.end - b.start)
  for (let i = 0; i < shorter; i++) {
    const difference = a.bytes[a.start + i]! - b.bytes[b.start + i]!
    if (difference !== 0) return difference
  }
  return a.end - a.start - (b.end - b.start)
}

/** Whether a text begins with another. */
export function startsWith(text: ByteRange, prefix: Uint8Array): boolean {
  if (text.end - text.start < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (text.bytes[text.start + i] !== prefix[i]) return false
  return true
}

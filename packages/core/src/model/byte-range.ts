import { encodeUtf8, viewOf } from './bytes.js'

/** What stands somewhere in `bytes`, from `start` to `end`, exclusive. */
export interface ByteRange {
  bytes: Uint8Array
  /** Of the same bytes, for those who read four at a time. */
  view: DataView
  start: number
  end: number
}

/** A range for those who read it only so. */
export type ViewRange = Readonly<Omit<ByteRange, 'bytes'>>

/** A text in UTF-8, in bytes of its own. */
export function rangeOf(text: string): ByteRange {
  const bytes = encodeUtf8(text)
  return { bytes, view: viewOf(bytes), start: 0, end: bytes.length }
}

/**
 * A hash of the bytes from `start` to `end`, exclusive: two lanes of multiplications over four bytes each, some five times as fast as one
 * multiplication a byte. The last four may be taken twice.
 */
export function hashRange(view: DataView, start: number, end: number): number {
  let low = (end - start) | 0
  let high = 0x9e3779b9 | 0
  const last = end - 4
  if (last < start) {
    for (let at = start; at < end; at++) low = Math.imul(low ^ view.getUint8(at), 0x01000193)
  } else {
    let at = start
    for (; at + 4 < last; at += 8) {
      low = Math.imul(low ^ view.getInt32(at, true), 0x85ebca6b)
      low ^= low >>> 15
      high = Math.imul(high ^ view.getInt32(at + 4, true), 0xc2b2ae35)
      high ^= high >>> 13
    }
    if (at < last) {
      low = Math.imul(low ^ view.getInt32(at, true), 0x85ebca6b)
      low ^= low >>> 15
    }
    high ^= view.getInt32(last, true)
  }
  low ^= Math.imul(high, 0x27d4eb2f)
  low ^= low >>> 15
  low = Math.imul(low, 0x85ebca6b)
  return low ^ (low >>> 16)
}

export function equalRanges(a: Readonly<ByteRange>, b: Readonly<ByteRange>): boolean {
  return a.end - a.start === b.end - b.start && rangeIsAt(b.view, b.start, a)
}

/** Whether the bytes of a range stand in `view` at an offset, too; they must fit there. The last four may be compared twice. */
export function rangeIsAt(view: DataView, at: number, { view: other, start, end }: ViewRange): boolean {
  const shift = at - start
  const last = end - 4
  if (last < start) {
    for (let next = start; next < end; next++) if (other.getUint8(next) !== view.getUint8(next + shift)) return false
    return true
  }
  // As integers: a comparison of doubles would take two zeros for one.
  for (let next = start; next < last; next += 4) if (other.getInt32(next, true) !== view.getInt32(next + shift, true)) return false
  return other.getInt32(last, true) === view.getInt32(last + shift, true)
}

/**
 * Copies the bytes of a range to an offset of `view`, four a step; they must fit there. Returns where they end. For what is short, as labels
 * and lines are, a call that copies memory costs more, and so does the part of an array that it has to be given.
 */
export function copyRange({ view: from, start, end }: ViewRange, view: DataView, at: number): number {
  let next = start
  let to = at
  for (; next + 4 <= end; next += 4, to += 4) view.setInt32(to, from.getInt32(next, true), true)
  for (; next < end; next++, to++) view.setUint8(to, from.getUint8(next))
  return to
}

/** Orders texts by their bytes, which is by code point. As `Buffer.compare`, but a call into the engine costs more than a name is long. */
export function compareRanges(a: Readonly<Omit<ByteRange, 'view'>>, b: Readonly<Omit<ByteRange, 'view'>>): number {
  const { bytes: bytesA, start: startA, end: endA } = a
  const { bytes: bytesB, start: startB, end: endB } = b
  const shorter = Math.min(endA - startA, endB - startB)
  for (let i = 0; i < shorter; i++) {
    const difference = bytesA[startA + i]! - bytesB[startB + i]!
    if (difference !== 0) return difference
  }
  return endA - startA - (endB - startB)
}

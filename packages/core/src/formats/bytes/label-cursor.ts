import type { ByteRange } from '../../model/byte-range.js'
import { afterVarint, varintAt, viewOf } from '../../model/bytes.js'
import type { ByteTag } from './byte-tags.js'

/** Walks labels in their canonical encoding, one at a time. */
export class LabelCursor implements ByteTag {
  /** Of the label that `next` turned to. */
  readonly name: ByteRange
  readonly value: ByteRange
  /** The whole label, with its lengths. */
  readonly encoding: ByteRange
  #end = 0

  constructor(bytes: Uint8Array) {
    const view = viewOf(bytes)
    this.name = { bytes, view, start: 0, end: 0 }
    this.value = { bytes, view, start: 0, end: 0 }
    this.encoding = { bytes, view, start: 0, end: 0 }
  }

  /** Turns to a set of labels, before its first. */
  turnTo(start: number, end: number): void {
    this.value.end = start
    this.#end = end
  }

  /** Turns to the next label; false where there is none. */
  next(): boolean {
    const { name, value, encoding } = this
    const { bytes } = name
    const at = value.end
    if (at >= this.#end) return false
    encoding.start = at
    // Most lengths take one byte.
    const nameLength = bytes[at]! < 0x80 ? bytes[at]! : varintAt(bytes, at)
    name.start = nameLength < 0x80 ? at + 1 : afterVarint(bytes, at)
    const valueAt = name.start + nameLength
    name.end = valueAt
    const valueLength = bytes[valueAt]! < 0x80 ? bytes[valueAt]! : varintAt(bytes, valueAt)
    value.start = valueLength < 0x80 ? valueAt + 1 : afterVarint(bytes, valueAt)
    value.end = value.start + valueLength
    encoding.end = value.end
    return true
  }
}

import { afterVarint, varintAt } from '../../model/bytes.js'
import type { ByteRange } from './byte-range.js'
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
    this.name = { bytes, start: 0, end: 0 }
    this.value = { bytes, start: 0, end: 0 }
    this.encoding = { bytes, start: 0, end: 0 }
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
    name.start = afterVarint(bytes, at)
    name.end = name.start + varintAt(bytes, at)
    value.start = afterVarint(bytes, name.end)
    value.end = value.start + varintAt(bytes, name.end)
    encoding.start = at
    encoding.end = value.end
    return true
  }
}

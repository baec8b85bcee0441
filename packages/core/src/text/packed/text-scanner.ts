import { rangeIsAt } from '../../model/byte-range.js'
import { viewOf } from '../../model/bytes.js'
import { byte } from '../cursor.js'
import { isLabelNameByte, isNameByte, isNameStart } from '../names.js'
import { findInvalidUtf8 } from '../utf8.js'

/** Bytes that are read at once. */
const wordBytes = 4
/** What may end a value is below it, but for the backslash. */
const firstInValues = 0x23
/** Digits are below. */
const firstLetter = 0x41

/** What a byte may be a part of, in bits: looking it up costs less than finding out. */
const labelNameBit = 1
const metricNameBit = 2
const classes = Uint8Array.from(
  { length: 256 },
  (_, value) => (isLabelNameByte(value) ? labelNameBit : 0) | (isNameByte(value) ? metricNameBit : 0),
)

/** Finds where names and values of a borrowed body end. */
export class TextScanner {
  #body: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(this.#body.buffer)

  get body(): Uint8Array {
    return this.#body
  }

  /** Over `body`. */
  get view(): DataView {
    return this.#view
  }

  /** Reads in this body from now on. */
  borrow(body: Uint8Array): void {
    if (body === this.#body) return
    this.#body = body
    this.#view = viewOf(body)
  }

  /** Where the metric's name that begins at `at` ends; `at` where none does. */
  metricNameEnd(at: number, end: number): number {
    const body = this.#body
    if (at >= end || !isNameStart(body[at]!)) return at
    let next = at + 1
    while (next < end && (classes[body[next]!]! & metricNameBit) !== 0) next++
    return next
  }

  /** Where the label's name that begins at `at` ends; `at` where none does. */
  labelNameEnd(at: number, end: number): number {
    const body = this.#body
    // Digits are in the names, but not in front.
    if (at >= end || (classes[body[at]!]! & labelNameBit) === 0 || body[at]! < firstLetter) return at
    let next = at + 1
    while (next < end && (classes[body[next]!]! & labelNameBit) !== 0) next++
    return next
  }

  /** Whether the same stands at two places; `end`, behind the first, is in the body, and so is what is as far behind the second. */
  isSame(at: number, end: number, other: number): boolean {
    const view = this.#view
    return rangeIsAt(view, other, { view, start: at, end })
  }

  /**
   * The offset of the double quote that ends the value which begins at `at`; -1 where a backslash, a line feed, a NUL, invalid UTF-8 or
   * the end comes first.
   */
  valueEnd(at: number, end: number): number {
    const body = this.#body
    let isAscii = true
    for (let next = this.#nextSpecial(at, end, firstInValues); next < end; next = this.#nextSpecial(next + 1, end, firstInValues)) {
      const value = body[next]!
      if (value === byte.quote) return isAscii || findInvalidUtf8(body, at, next) < 0 ? next : -1
      if (value === byte.backslash || value === byte.lineFeed || value === 0) return -1
      if (value >= 0x80) isAscii = false
    }
    return -1
  }

  /** The offset of the line feed that ends the text which begins at `at`; -1 where a backslash, invalid UTF-8 or the end comes first. */
  lineEnd(at: number, end: number): number {
    const body = this.#body
    let isAscii = true
    for (let next = this.#nextSpecial(at, end, byte.space); next < end; next = this.#nextSpecial(next + 1, end, byte.space)) {
      const value = body[next]!
      if (value === byte.lineFeed) return isAscii || findInvalidUtf8(body, at, next) < 0 ? next : -1
      if (value === byte.backslash) return -1
      if (value >= 0x80) isAscii = false
    }
    return -1
  }

  /**
   * Where the first byte stands that is below `limit`, a backslash or beyond ASCII; `end` where none does. Four bytes are looked at in one
   * step, since texts are long and such bytes rare.
   */
  #nextSpecial(at: number, end: number, limit: number): number {
    const view = this.#view
    const limits = Math.imul(limit, 0x01010101)
    let next = at
    for (; next + wordBytes <= end; next += wordBytes) {
      const word = view.getInt32(next, true)
      const slash = word ^ 0x5c5c5c5c
      // The highest bit of each such byte; wrong hits stand only behind right ones.
      const hits = (((word - limits) & ~word) | ((slash - 0x01010101) & ~slash) | word) & -0x7f7f7f80
      if (hits !== 0) return next + ((31 - Math.clz32(hits & -hits)) >> 3)
    }
    const body = this.#body
    for (; next < end; next++) if (body[next]! < limit || body[next] === byte.backslash || body[next]! >= 0x80) return next
    return end
  }
}

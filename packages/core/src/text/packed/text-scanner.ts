import { rangeIsAt } from '../../model/byte-range.js'
import { viewOf } from '../../model/bytes.js'
import { byte } from '../cursor.js'
import { isLabelNameByte, isNameByte, isNameStart } from '../names.js'
import { findInvalidUtf8 } from '../utf8.js'

/** Bytes that are read at once. */
const wordBytes = 4
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
   * the end comes first. Four bytes are looked at in one step, since values are long and what ends them is rare.
   */
  valueEnd(at: number, end: number): number {
    const body = this.#body
    const view = this.#view
    const lastWord = end - wordBytes
    let isAscii = true
    for (let next = at; next < end; ) {
      if (next <= lastWord) {
        const word = view.getInt32(next, true)
        const slash = word ^ 0x5c5c5c5c
        // The highest bit of each byte below 0x23, of each backslash and of each byte beyond ASCII; wrong hits stand only behind right ones.
        const hits = (((word - 0x23232323) & ~word) | ((slash - 0x01010101) & ~slash) | word) & -0x7f7f7f80
        if (hits === 0) {
          next += wordBytes
          continue
        }
        next += (31 - Math.clz32(hits & -hits)) >> 3
      }
      const value = body[next]!
      if (value === byte.quote) return isAscii || findInvalidUtf8(body, at, next) < 0 ? next : -1
      if (value === byte.backslash || value === byte.lineFeed || value === 0) return -1
      if (value >= 0x80) isAscii = false
      next++
    }
    return -1
  }

  /**
   * The offset of the line feed that ends the text which begins at `at`; -1 where a backslash, invalid UTF-8 or the end comes first. As
   * `valueEnd`, it looks at four bytes in one step.
   */
  lineEnd(at: number, end: number): number {
    const body = this.#body
    const view = this.#view
    const lastWord = end - wordBytes
    let isAscii = true
    for (let next = at; next < end; ) {
      if (next <= lastWord) {
        const word = view.getInt32(next, true)
        const slash = word ^ 0x5c5c5c5c
        // As above, with bytes below 0x20.
        const hits = (((word - 0x20202020) & ~word) | ((slash - 0x01010101) & ~slash) | word) & -0x7f7f7f80
        if (hits === 0) {
          next += wordBytes
          continue
        }
        next += (31 - Math.clz32(hits & -hits)) >> 3
      }
      const value = body[next]!
      if (value === byte.lineFeed) return isAscii || findInvalidUtf8(body, at, next) < 0 ? next : -1
      if (value === byte.backslash) return -1
      if (value >= 0x80) isAscii = false
      next++
    }
    return -1
  }
}

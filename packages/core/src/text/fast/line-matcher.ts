/**
 * Reads a page that repeats lines of the page before: compares their bytes up to the value, and reads the value.
 *
 * Exploits: from one scrape to the next nothing but numbers changes. Bytes are compared eight at a time, as doubles of a DataView, which
 * is the widest comparison that plain JavaScript has; numbers of up to nine digits, with a point or without, are read in place.
 * Comparing doubles is safe: a NaN equals nothing, so that it is only a miss, and the two zeros differ by their sign alone, which takes
 * seven NUL bytes: lines with a NUL must not be made known.
 *
 * Measured (Node 20): 47 to 70 ns a line of 105 to 190 bytes, 15 to 21 million lines a second. `pnpm bench parse`
 *
 * Kept honest by line-matcher.test.ts, and by the differential test of the whole scrape (scrape/warm/differential.test.ts).
 */
import { viewOf } from '../../model/bytes.js'
import { endOfLine, type KnownLines, startOfLine } from './known-lines.js'
import { NumberReader } from './number-reader.js'
import { exactPowers } from './powers-of-ten.js'

const zero = 0x30
const point = 0x2e
const lineFeed = 0x0a
const tab = 0x09
const space = 0x20

/** Digits that fit an int32 whatever they are. */
const maxIntDigits = 9
/** As many digits are exact in a double. */
const maxTimestampDigits = 15
/** Neither an integer nor a decimal of that many digits. */
const none = -1

/** Values, with room behind the last row. */
export interface Column {
  readonly values: Float64Array
  /** Number of rows. */
  readonly length: number
}

const noBytes = new Uint8Array(0)
const noView = new DataView(noBytes.buffer)

/** Reads one window of a body after the other. */
export class LineMatcher {
  /** Behind the last line feed of the window: what comes after it is no line to be matched. */
  end = 0
  /** After a match: where the next line begins. Set it before. */
  at = 0
  /** Of the line that `matchLine` found. */
  value = 0
  #body: Uint8Array = noBytes
  #view: DataView = noView
  readonly #numbers = new NumberReader()

  /** Goes on in another window. @param body a plain Uint8Array, never a Buffer: the loops below are compiled for one class of array */
  read(body: Uint8Array): void {
    this.#body = body
    this.#view = viewOf(body)
    this.end = body.lastIndexOf(lineFeed) + 1
  }

  /**
   * How many lines from line `i` on the body goes on with, each with a number and nothing else behind it. The values that are kept are
   * written behind the column's last row; there must be room for one more than these. `at` is then behind the last line that matches.
   */
  matchLines(lines: KnownLines, i: number, column: Column): number {
    const { count, marks, view: known } = lines
    const { end } = this
    const body = this.#body
    const { values } = column
    const first = i
    let row = column.length
    let knownAt = startOfLine(lines, i)
    for (; i < count; i++) {
      const mark = marks[i]! | 0
      const knownEnd = mark >>> 2
      const valueAt = (this.at + knownEnd - knownAt) | 0
      if (valueAt >= end || !this.#goesOn(known, knownAt, valueAt)) break
      knownAt = knownEnd
      // An integer, or a decimal, of up to nine digits: read here, because a call costs as much as reading it.
      let next = valueAt
      let digit = body[next]! - zero
      let number = 0
      const stop = valueAt + maxIntDigits
      while (digit >= 0 && digit <= 9 && next < stop) {
        number = (Math.imul(number, 10) + digit) | 0
        digit = body[++next]! - zero
      }
      let fraction = digit === lineFeed - zero ? 0 : none
      if (digit === point - zero) {
        const pointAt = next
        digit = body[++next]! - zero
        while (digit >= 0 && digit <= 9 && next <= stop) {
          number = (Math.imul(number, 10) + digit) | 0
          digit = body[++next]! - zero
        }
        if (digit === lineFeed - zero) fraction = next - pointAt - 1
      }
      digit = body[valueAt]! - zero
      if (fraction >= 0 && digit >= 0 && digit <= 9) {
        values[row] = fraction === 0 ? number : number / exactPowers[fraction]!
      } else {
        values[row] = this.#numbers.read(body, valueAt)
        next = this.#numbers.end
        if (next < 0 || body[next] !== lineFeed) break
      }
      row += mark & 1
      this.at = next + 1
    }
    return i - first
  }

  /**
   * Whether the body goes on with line `i` and a number, which is then the value. `at` is then behind the number, wherever that is in
   * the line.
   */
  matchLine(lines: KnownLines, i: number): boolean {
    const start = startOfLine(lines, i)
    const valueAt = this.at + endOfLine(lines, i) - start
    return valueAt < this.end && this.#goesOn(lines.view, start, valueAt) && this.matchValue(valueAt)
  }

  /** Whether a number stands at `valueAt`, in front of `end`. `at` is then behind it. */
  matchValue(valueAt: number): boolean {
    this.value = this.#numbers.read(this.#body, valueAt)
    if (this.#numbers.end < 0) return false
    this.at = this.#numbers.end
    return true
  }

  /**
   * Moves behind the blanks and the digits that stand at `at`, behind a value. Returns the timestamp that these are; undefined where there
   * is none, or one of so many digits that the plain parser must see to it: then `at` stays.
   */
  matchTimestamp(): number | undefined {
    const body = this.#body
    const start = this.#afterBlanks(this.at)
    let next = start
    let timestampMs = 0
    if (start > this.at) {
      for (let digit = body[next]! - zero; digit >= 0 && digit <= 9; digit = body[++next]! - zero) timestampMs = timestampMs * 10 + digit
    }
    if (next - start > maxTimestampDigits) return undefined
    this.at = this.#afterBlanks(next)
    return next === start ? undefined : timestampMs
  }

  #afterBlanks(at: number): number {
    let next = at
    while (this.#body[next] === space || this.#body[next] === tab) next++
    return next
  }

  /** Whether the window, up to `end`, ends within line `i` before its value, and is as known that far. */
  endsWithin(lines: KnownLines, i: number): boolean {
    const start = startOfLine(lines, i)
    return this.at + endOfLine(lines, i) - start >= this.end && this.#goesOn(lines.view, start, this.end)
  }

  /** Whether the bytes of the body from `at` up to `end` are the known ones from `from` on. */
  #goesOn(known: DataView, from: number, end: number): boolean {
    const body = this.#view
    let { at } = this
    if (end - at < 8) {
      for (; at < end; at++, from++) if (body.getUint8(at) !== known.getUint8(from)) return false
      return true
    }
    const last = end - 8
    for (; at <= last - 24; at += 32, from += 32) {
      if (
        body.getFloat64(at, true) !== known.getFloat64(from, true) ||
        body.getFloat64(at + 8, true) !== known.getFloat64(from + 8, true) ||
        body.getFloat64(at + 16, true) !== known.getFloat64(from + 16, true) ||
        body.getFloat64(at + 24, true) !== known.getFloat64(from + 24, true)
      )
        return false
    }
    for (; at < last; at += 8, from += 8) if (body.getFloat64(at, true) !== known.getFloat64(from, true)) return false
    // The last eight bytes, some of them for the second time.
    return body.getFloat64(last, true) === known.getFloat64(from + last - at, true)
  }
}

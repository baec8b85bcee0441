import { isUtf8 } from 'node:buffer'
import { decodeUtf8 } from '../model/bytes.js'
import { ParseError, type TextPlace } from './parse-error.js'
import { findInvalidUtf8 } from './utf8.js'

/** The bytes that structure a text exposition. */
export const byte = {
  tab: 0x09,
  lineFeed: 0x0a,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  comma: 0x2c,
  colon: 0x3a,
  equals: 0x3d,
  backslash: 0x5c,
  underscore: 0x5f,
  letterN: 0x6e,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

/** Code points of offending text that a message quotes: enough to find it, short enough for a log line. */
const maxQuoted = 32

/** A place in a body that moves forward, and the errors that point into it. */
export class Cursor {
  readonly body: Uint8Array
  /** The body's length. */
  readonly end: number
  /** Offset of the next byte to read. */
  at = 0
  /** Number of the line that is being read, from 1. */
  line = 1
  /** Checked once for the whole body, which is fast; what matters is looked at again only in a body that fails. */
  readonly #validUtf8: boolean

  constructor(body: Uint8Array) {
    this.body = body
    this.end = body.length
    this.#validUtf8 = isUtf8(body)
  }

  /** The next byte, or -1 at the end of the body. */
  peek(): number {
    return this.at < this.end ? this.body[this.at]! : -1
  }

  /** Whether a line ends here, by a line feed or by the end of the body. */
  atLineEnd(): boolean {
    return this.at >= this.end || this.body[this.at] === byte.lineFeed
  }

  skipBlanks(): void {
    const { body, end } = this
    let at = this.at
    while (at < end && (body[at] === byte.space || body[at] === byte.tab)) at++
    this.at = at
  }

  /** Moves to the next blank or to the end of the line; returns where it was. */
  skipToken(): number {
    const { body, end, at: start } = this
    let at = start
    while (at < end && body[at] !== byte.space && body[at] !== byte.tab && body[at] !== byte.lineFeed) at++
    this.at = at
    return start
  }

  /** Moves to the end of the line; returns where it was. */
  skipLine(): number {
    const start = this.at
    const lineFeed = this.body.indexOf(byte.lineFeed, start)
    this.at = lineFeed < 0 ? this.end : lineFeed
    return start
  }

  /** The string of a range that was checked, or of a message. */
  text(start: number, end: number): string {
    return decodeUtf8(this.body, start, end)
  }

  /** Refuses a range that is not valid UTF-8. */
  assertUtf8(start: number, end: number): void {
    if (this.#validUtf8) return
    const invalid = findInvalidUtf8(this.body, start, end)
    if (invalid >= 0) throw this.error(invalid, `byte 0x${this.body[invalid]!.toString(16)} is not valid UTF-8 here`)
  }

  /** An error about the byte at `at`. */
  error(at: number, problem: string): ParseError {
    return new ParseError(this.#placeOf(at), problem)
  }

  /** An error about what stands at `at`, up to the next blank. */
  unexpected(at: number, expected: string): ParseError {
    return this.error(at, `expected ${expected}, found ${this.#describe(at)}`)
  }

  /** Text for a message: quoted, control characters escaped, shortened. */
  quote(start: number, end: number): string {
    return quoteText(this.text(start, end))
  }

  #describe(at: number): string {
    if (at >= this.end) return 'the end of the body'
    const first = this.body[at]
    if (first === byte.lineFeed) return 'the end of the line'
    if (first === byte.space || first === byte.tab) return 'a blank'
    let end = at
    while (end < this.end && !isBlankOrLineFeed(this.body[end]!)) end++
    return this.quote(at, end)
  }

  #placeOf(at: number): TextPlace {
    const { body } = this
    let line = 1
    let lineStart = 0
    for (let next = body.indexOf(byte.lineFeed); next >= 0 && next < at; next = body.indexOf(byte.lineFeed, lineStart)) {
      line++
      lineStart = next + 1
    }
    let column = 1
    for (let i = lineStart; i < at; i++) if ((body[i]! & 0xc0) !== 0x80) column++
    return { line, column }
  }
}

/** Text in quotes for a message: shortened, and what cannot be seen (control characters, other spaces, joiners) escaped. */
export function quoteText(text: string): string {
  // A code point has at most two units, so nothing beyond twice the limit is looked at.
  const points = Array.from(text.slice(0, maxQuoted * 2))
  const short = points.length > maxQuoted ? `${points.slice(0, maxQuoted).join('')}...` : text
  return JSON.stringify(short).replaceAll(/(?! )[\p{Z}\p{Cf}]/gu, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function isBlankOrLineFeed(value: number): boolean {
  return value === byte.space || value === byte.tab || value === byte.lineFeed
}

import { byte } from './cursor.js'
import type { ParserState } from './parser-state.js'

/**
 * Reads a text in double quotes and leaves the cursor behind it. Returns its number among the scratch's texts. Strictly, a line feed
 * must be written `\n` and other escape sequences than `\\`, `\"` and `\n` are errors; the scraper keeps both as they stand.
 */
export function readQuoted(state: ParserState): number {
  const { cursor, labels, strict } = state
  const { body, end } = cursor
  const open = cursor.at
  let escaped = false
  let at = open + 1
  for (; at < end && body[at] !== byte.quote; at++) {
    const value = body[at]!
    if (value === byte.backslash) {
      const next = at + 1 < end ? body[at + 1]! : byte.lineFeed
      if (next === byte.lineFeed) break
      if (strict) assertEscape(state, at)
      escaped = true
      at++
    } else if (value === byte.lineFeed) {
      if (strict) break
      cursor.line++
    }
  }
  if (at >= end || body[at] !== byte.quote) throw cursor.error(open, `double quote is not closed, found ${describeEnd(state, at)}`)
  cursor.assertUtf8(open, at)
  cursor.at = at + 1
  return escaped ? labels.addUnescaped(body, open + 1, at) : labels.addText(body, open + 1, at)
}

/** Strictly, three escape sequences exist. */
export function assertEscape(state: ParserState, at: number): void {
  const { cursor } = state
  const next = cursor.body[at + 1]
  if (next === byte.backslash || next === byte.quote || next === byte.letterN) return
  const length = next === undefined || next === byte.lineFeed ? 1 : 2
  throw cursor.error(at, `expected one of the escape sequences \\\\, \\" and \\n, found ${cursor.quote(at, at + length)}`)
}

function describeEnd(state: ParserState, at: number): string {
  const { body, end } = state.cursor
  return at < end && (body[at] === byte.lineFeed || body[at] === byte.backslash) ? 'the end of the line' : 'the end of the body'
}

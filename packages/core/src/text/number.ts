import { readGoFloat } from '../model/go-float.js'
import { type Cursor, quoteText } from './cursor.js'

const zero = 0x30
const plus = 0x2b
const minus = 0x2d
const point = 0x2e

/** Up to 15 digits are exact in a double, and so are powers of ten up to 10^22: their quotient is correctly rounded. */
const maxFastDigits = 15
const powersOfTen: readonly number[] = Array.from({ length: maxFastDigits + 1 }, (_, exponent) => 10 ** exponent)

/** The value of a sample: the token between two offsets. Throws a ParseError. */
export function parseValue(cursor: Cursor, start: number, end: number): number {
  const fast = parseShortDecimal(cursor.body, start, end)
  if (fast !== undefined) return fast
  const text = cursor.text(start, end)
  const value = readGoFloat(text)
  if (value === 'range') throw cursor.error(start, `value ${quoteText(text)} is beyond the range of a 64-bit float`)
  if (value === 'syntax') throw cursor.error(start, `expected a number as value, found ${quoteText(text)}`)
  return value
}

/** A sign, up to 15 digits and perhaps a point: most values by far. Undefined for everything else, valid or not. */
function parseShortDecimal(body: Uint8Array, start: number, end: number): number | undefined {
  const negative = body[start] === minus
  let mantissa = 0
  let digits = 0
  let pointAt = -1
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const digit = body[at]! - zero
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      digits++
    } else if (body[at] === point && pointAt < 0) {
      pointAt = at
    } else {
      return undefined
    }
  }
  if (digits === 0 || digits > maxFastDigits) return undefined
  const value = pointAt < 0 ? mantissa : mantissa / powersOfTen[end - pointAt - 1]!
  return negative ? -value : value
}

/** A timestamp in milliseconds: the token between two offsets. Throws a ParseError. */
export function parseTimestamp(cursor: Cursor, start: number, options: { end: number; signed: boolean }): number {
  const { body } = cursor
  const hasSign = options.signed && (body[start] === minus || body[start] === plus)
  let value = 0
  let at = hasSign ? start + 1 : start
  const firstDigit = at
  for (; at < options.end; at++) {
    const digit = body[at]! - zero
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (at < options.end || at === firstDigit) {
    throw cursor.unexpected(
      start,
      options.signed ? 'an integer timestamp in milliseconds' : 'an unsigned integer timestamp in milliseconds',
    )
  }
  // Beyond 2^53 a JavaScript number would round it silently; that is the year 287396.
  if (value > Number.MAX_SAFE_INTEGER)
    throw cursor.error(start, `timestamp ${cursor.quote(start, options.end)} is beyond 2^53 milliseconds`)
  // Not `-value` for zero: a timestamp has no sign then.
  return hasSign && body[start] === minus && value > 0 ? -value : value
}

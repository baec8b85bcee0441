/**
 * Reads the number of a sample from bytes, without a string.
 *
 * Exploits: nearly all values are integers of up to 9 digits (exact in int32), decimals of up to 15 digits (one exact multiplication or
 * division, after Clinger), or the shortest form of some double (16 to 19 digits: a product of two double-doubles whose error is bounded,
 * so that it is either known to be rounded correctly or known to be in doubt). What is in doubt or spelled otherwise goes to `Number()`.
 *
 * Measured (Node 20, against `Number()` of a latin1 slice): 17 digits 2.5 times as fast, a decimal of three digits after the point 4.8
 * times. 2 in 1,000 numbers of 16 to 19 digits are in doubt.
 *
 * Kept honest by number-reader.test.ts: bit for bit what `Number()` says.
 */
import { decodeUtf8 } from '../../model/bytes.js'
import { readGoFloat } from '../../model/go-float.js'
import { exactPowers, maxDoublePower, maxExactPower, scaleExactly } from './powers-of-ten.js'

const zero = 0x30
const plus = 0x2b
const minus = 0x2d
const point = 0x2e
const lowerE = 0x65
const upperE = 0x45
const lineFeed = 0x0a
const space = 0x20
const tab = 0x09

/** A double holds every integer of 15 digits. */
const maxExactDigits = 15
/** 10 digits in `head` and 9 in `tail`: more do not fit the double-doubles. */
const maxHeadDigits = 10
const maxDigits = 19
/** Far outside of what a double holds, and no overflow to fear. */
const maxExponent = 9999

export class NumberReader {
  /** Offset of the byte after the number that was read last; -1 where there was none that a double can hold. */
  end = -1

  /**
   * The number that begins at `at`, up to the first byte that cannot be part of it: whether that byte may stand there is for the caller
   * to say. A line feed must follow somewhere in `bytes`.
   */
  read(bytes: Uint8Array, at: number): number {
    let next = at
    let value = bytes[at]!
    const negative = value === minus
    if (negative || value === plus) value = bytes[++next]!
    let digit = value - zero
    if (digit < 0 || digit > 9) return this.#readText(bytes, at)
    // `head` and `tail` are the first ten and the next nine digits, `mantissa` all of them, exact up to 15.
    const first = next
    let head = digit
    for (digit = bytes[++next]! - zero; digit >= 0 && digit <= 9 && next - first < 9; digit = bytes[++next]! - zero) {
      head = (Math.imul(head, 10) + digit) | 0
    }
    let tail = 0
    let tailDigits = 0
    let digits = next - first
    let mantissa = head
    let exponent = 0
    let inPoint = false
    for (; ; digit = bytes[++next]! - zero) {
      if (digit < 0 || digit > 9) {
        if (inPoint || digit !== point - zero) break
        inPoint = true
        continue
      }
      if (digits === maxDigits) return this.#readText(bytes, at)
      mantissa = mantissa * 10 + digit
      if (digits < maxHeadDigits) head = head * 10 + digit
      else {
        tail = tail * 10 + digit
        tailDigits++
      }
      // Zeros in front of the first digit that counts are none.
      if (mantissa !== 0) digits++
      if (inPoint) exponent--
    }
    if (digit === lowerE - zero || digit === upperE - zero) {
      exponent += this.#readExponent(bytes, next + 1)
      if (this.end < 0) return this.#readText(bytes, at)
    } else this.end = next
    const magnitude = toDouble({ mantissa, head, tail, tailDigits, digits, exponent })
    if (Number.isNaN(magnitude)) return this.#readText(bytes, at)
    return negative ? -magnitude : magnitude
  }

  #readExponent(bytes: Uint8Array, at: number): number {
    let next = at
    const negative = bytes[next] === minus
    if (negative || bytes[next] === plus) next++
    const first = next
    let exponent = 0
    for (let digit = bytes[next]! - zero; digit >= 0 && digit <= 9; digit = bytes[++next]! - zero) {
      exponent = Math.min(exponent * 10 + digit, maxExponent)
    }
    this.end = next === first ? -1 : next
    return negative ? -exponent : exponent
  }

  /** Everything else, as the plain parser reads it: `NaN`, `+Inf`, `.5`, more digits than 19, and what is no number at all. */
  #readText(bytes: Uint8Array, at: number): number {
    let end = at
    while (bytes[end] !== lineFeed && bytes[end] !== space && bytes[end] !== tab) end++
    const value = readGoFloat(decodeUtf8(bytes, at, end))
    this.end = typeof value === 'number' ? end : -1
    return typeof value === 'number' ? value : Number.NaN
  }
}

interface Decimal {
  readonly mantissa: number
  readonly head: number
  readonly tail: number
  readonly tailDigits: number
  readonly digits: number
  readonly exponent: number
}

/** The double nearest to a decimal; NaN where that is not certain. */
function toDouble({ mantissa, head, tail, tailDigits, digits, exponent }: Decimal): number {
  if (digits <= maxExactDigits && exponent >= -maxExactPower && exponent <= maxExactPower) {
    return exponent < 0 ? mantissa / exactPowers[-exponent]! : mantissa * exactPowers[exponent]!
  }
  // The tail is filled up to nine digits, so the whole number grows by as many powers of ten.
  const missing = 9 - tailDigits
  const scale = exponent - missing
  if (scale < -maxDoublePower || scale > maxDoublePower) return Number.NaN
  return scaleExactly(head, tail * exactPowers[missing]!, scale)
}

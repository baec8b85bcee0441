// Reads lines of a page that repeat known ones: the loop of LineMatcher.matchLines (src/text/fast/line-matcher.ts) in AssemblyScript, which
// compares sixteen bytes at a time and keeps sixteen digits and more in an integer. Same arguments, same results, bit for bit; numbers
// that it does not cover are left to JavaScript. `node scripts/build-kernel.js` compiles it.

/** What a call is given and gives: JavaScript writes and reads it in place. */
const body: StaticArray<u8> = new StaticArray<u8>(524288)
/** The bytes of the lines that are expected, one after the other. */
const known: StaticArray<u8> = new StaticArray<u8>(131072)
/** Where each of them ends, shifted left by two; the lowest bit: its value is a row. */
const marks: StaticArray<u32> = new StaticArray<u32>(512)
const values: StaticArray<f64> = new StaticArray<f64>(512)
/**
 * Before a call what the marks say of the beginning of `known`, and the first line to be read; after it where the body goes on, the number of
 * values, and the reason.
 */
const state: StaticArray<u32> = new StaticArray<u32>(3)

export const bodyAt: usize = changetype<usize>(body)
export const knownAt: usize = changetype<usize>(known)
export const marksAt: usize = changetype<usize>(marks)
export const valuesAt: usize = changetype<usize>(values)
export const stateAt: usize = changetype<usize>(state)

/** All lines were read, or the next one is another. */
const done: u32 = 0
/** The next line is as known, but its number is for JavaScript. */
const oddNumber: u32 = 1
/** The window ends before the next line's value does. */
const windowEnd: u32 = 2

const lineFeed: u32 = 0x0a
const plus: u32 = 0x2b
const minus: u32 = 0x2d
const point: u32 = 0x2e
const zero: u32 = 0x30
const lowerE: u32 = 0x65

/** 10^0 to 10^22, which doubles hold exactly. */
const exactPowers: StaticArray<f64> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]
const maxExactPower: i32 = 22
/** Every integer up to this is a double. */
const maxExactInteger: u64 = 1 << 53
/** More do not fit the double-doubles below. */
const maxDigits: i32 = 19
/** Ten digits in the higher part, nine in the lower. */
const maxMantissa: u64 = 10000000000000000000

/** 10^-45 to 10^45 as sums of two doubles: JavaScript fills them in (src/text/fast/powers-of-ten.ts). */
const maxDoublePower: i32 = 45
const high: StaticArray<f64> = new StaticArray<f64>(91)
const low: StaticArray<f64> = new StaticArray<f64>(91)

export const highAt: usize = changetype<usize>(high)
export const lowAt: usize = changetype<usize>(low)

/**
 * Reads the body from offset `start` on, as far as it repeats the known lines from the one that the state names up to `last`, exclusive. `end`
 * is an offset behind a line feed of the body. Returns the number of lines that were read.
 */
export function matchLines(start: u32, end: u32, last: u32): u32 {
  const bodyEnd = <u32>bodyAt + end
  const base = load<u32>(stateAt)
  const first = load<u32>(stateAt, 4)
  let next = <u32>bodyAt + start
  let from = <u32>knownAt
  if (first > 0) from += (load<u32>(marksAt + ((first - 1) << 2)) >>> 2) - base
  let row = <u32>valuesAt
  let line = first
  let reason = done
  for (; line < last; line++) {
    const mark = load<u32>(marksAt + (line << 2))
    const to = <u32>knownAt + (mark >>> 2) - base
    const valueAt = next + (to - from)
    if (valueAt >= bodyEnd) {
      reason = windowEnd
      break
    }
    if (!isEqual(next, valueAt, from)) break
    let digitAt = valueAt
    const isNegative = load<u8>(digitAt) === minus
    if (isNegative) digitAt++
    let digit = <u32>load<u8>(digitAt) - zero
    if (digit > 9) {
      reason = oddNumber
      break
    }
    let mantissa: u64 = digit
    const firstAt = digitAt
    while ((digit = <u32>load<u8>(++digitAt) - zero) <= 9) mantissa = mantissa * 10 + digit
    let digits: i32 = digitAt - firstAt
    let exponent: i32 = 0
    if (digit === point - zero) {
      const pointAt = digitAt
      while ((digit = <u32>load<u8>(++digitAt) - zero) <= 9) mantissa = mantissa * 10 + digit
      exponent = pointAt + 1 - digitAt
      digits -= exponent
    }
    if (digit === lowerE - zero) {
      const sign = <u32>load<u8>(digitAt + 1)
      if (sign === minus || sign === plus) digitAt++
      const exponentAt = digitAt
      let written: i32 = 0
      // Three digits say all that doubles hold; a fourth ends the loop, and is no line feed.
      while ((digit = <u32>load<u8>(++digitAt) - zero) <= 9 && digitAt - exponentAt <= 3) written = written * 10 + digit
      if (digitAt === exponentAt + 1) digit = 0
      exponent += sign === minus ? -written : written
    }
    if (digit !== lineFeed - zero || digits > maxDigits) {
      reason = oddNumber
      break
    }
    const value = toDouble(mantissa, exponent)
    if (isNaN(value)) {
      reason = oddNumber
      break
    }
    store<f64>(row, isNegative ? -value : value)
    row += (mark & 1) << 3
    next = digitAt + 1
    from = to
  }
  store<u32>(stateAt, next - <u32>bodyAt)
  store<u32>(stateAt, (row - <u32>valuesAt) >>> 3, 4)
  store<u32>(stateAt, reason, 8)
  return line - first
}

/** Whether the bytes from `a` up to `end` are those from `b` on. */
function isEqual(a: u32, end: u32, b: u32): bool {
  if (end - a < 16) {
    for (; a < end; a++, b++) if (load<u8>(a) !== load<u8>(b)) return false
    return true
  }
  let difference = i64x2.splat(0)
  const last = end - 16
  for (; a < last; a += 16, b += 16) difference = v128.or(difference, v128.xor(v128.load(a), v128.load(b)))
  // The last sixteen bytes, some of them for the second time.
  difference = v128.or(difference, v128.xor(v128.load(last), v128.load(b - (a - last))))
  return !v128.any_true(difference)
}

/** The double nearest to a decimal; NaN where that is not certain. As toDouble in number-reader.ts, after Clinger. */
function toDouble(mantissa: u64, exponent: i32): f64 {
  if (mantissa <= maxExactInteger && exponent >= -maxExactPower && exponent <= maxExactPower) {
    const value = <f64>mantissa
    return exponent < 0 ? value / unchecked(exactPowers[-exponent]) : value * unchecked(exactPowers[exponent])
  }
  if (mantissa >= maxMantissa || exponent < -maxDoublePower || exponent > maxDoublePower) return NaN
  return scaleExactly(<f64>(mantissa / 1000000000), <f64>(mantissa % 1000000000), exponent)
}

/** `(a * 10^9 + b) * 10^exponent`, correctly rounded, or NaN: as scaleExactly in powers-of-ten.ts, step by step. */
function scaleExactly(a: f64, b: f64, exponent: i32): f64 {
  const splitter: f64 = 134217729
  const relativeError: f64 = 3.1554436208840472e-30
  const product = a * 1e9
  const splitA = splitter * a
  const highA = splitA - (splitA - a)
  const productError = highA * 1e9 - product + (a - highA) * 1e9
  const sum = product + b
  const added = sum - product
  const sumError = product - (sum - added) + (b - added) + productError
  const mantissa = sum + sumError
  const mantissaLow = sumError - (mantissa - sum)
  const power = unchecked(high[exponent + maxDoublePower])
  const scaled = mantissa * power
  const splitM = splitter * mantissa
  const highM = splitM - (splitM - mantissa)
  const lowM = mantissa - highM
  const splitP = splitter * power
  const highP = splitP - (splitP - power)
  const lowP = power - highP
  let error = highM * highP - scaled + highM * lowP + lowM * highP + lowM * lowP
  error += mantissa * unchecked(low[exponent + maxDoublePower]) + mantissaLow * power
  const result = scaled + error
  const rest = error - (result - scaled)
  const doubt = Math.abs(result) * relativeError
  return result + (rest + doubt) === result && result + (rest - doubt) === result ? result : NaN
}

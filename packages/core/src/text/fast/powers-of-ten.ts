/**
 * Powers of ten for reading decimals exactly: as doubles where they are exact, else as the sum of two doubles.
 */

/** 10^22 is the largest power of ten that a double holds exactly. */
export const maxExactPower = 22

/** 10^0 to 10^22, exact. */
export const exactPowers: Float64Array = Float64Array.from({ length: maxExactPower + 1 }, (_, exponent) => 10 ** exponent)

/**
 * Exponents of the double-double table. Values of metrics lie far within it, and no product of a 19-digit number with one of its powers
 * comes near the range where doubles lose digits.
 */
export const maxDoublePower = 45

const high = new Float64Array(2 * maxDoublePower + 1)
const low = new Float64Array(2 * maxDoublePower + 1)
for (let exponent = -maxDoublePower; exponent <= maxDoublePower; exponent++) {
  high[exponent + maxDoublePower] = Number(`1e${exponent}`)
  low[exponent + maxDoublePower] = remainderOf(exponent)
}

/** 10^-45 to 10^45, each the sum of two doubles: the nearest, and the nearest to the rest. */
export const doublePowers: { readonly high: Float64Array; readonly low: Float64Array } = { high, low }

/** Veltkamp's constant: splits a double of 53 bits into two of 26. */
const splitter = 2 ** 27 + 1

/** The product is off by less than 2^-98 of itself: eight bits more than the sum of what the steps below neglect or round. */
const relativeError = 2 ** -98

/**
 * `(a * 10^9 + b) * 10^exponent`, correctly rounded; NaN where the product lies too near the middle between two doubles to say (two in a
 * thousand numbers of 16 digits and more). `a` and `b` are integers, 0 <= a < 10^10, 0 <= b < 10^9; the exponent is in the table.
 */
export function scaleExactly(a: number, b: number, exponent: number): number {
  // a * 10^9, exactly, as product + productError: 10^9 has 21 bits without its zeros, so both halves of `a` times it are exact.
  const product = a * 1e9
  const splitA = splitter * a
  const highA = splitA - (splitA - a)
  const productError = highA * 1e9 - product + (a - highA) * 1e9
  // + b, exactly
  const sum = product + b
  const added = sum - product
  const sumError = product - (sum - added) + (b - added) + productError
  const mantissa = sum + sumError
  const mantissaLow = sumError - (mantissa - sum)
  // times the power
  const power = high[exponent + maxDoublePower]!
  const scaled = mantissa * power
  const splitM = splitter * mantissa
  const highM = splitM - (splitM - mantissa)
  const lowM = mantissa - highM
  const splitP = splitter * power
  const highP = splitP - (splitP - power)
  const lowP = power - highP
  let error = highM * highP - scaled + highM * lowP + lowM * highP + lowM * lowP
  error += mantissa * low[exponent + maxDoublePower]! + mantissaLow * power
  const result = scaled + error
  const rest = error - (result - scaled)
  const doubt = Math.abs(result) * relativeError
  return result + (rest + doubt) === result && result + (rest - doubt) === result ? result : Number.NaN
}

/** `10^exponent - Number('1e<exponent>')`, as a double: from the exact integers, scaled by 2^`scale`. */
function remainderOf(exponent: number): number {
  const scale = 1200n
  const bits = new BigUint64Array(Float64Array.of(Number(`1e${exponent}`)).buffer)[0]!
  const binaryExponent = (bits >> 52n) - 1075n
  const mantissa = (bits & ((1n << 52n) - 1n)) | (1n << 52n)
  const exact = exponent >= 0 ? (10n ** BigInt(exponent)) << scale : (1n << scale) / 10n ** BigInt(-exponent)
  const remainder = exact - (mantissa << (scale + binaryExponent))
  // Only its first 64 bits matter, and a double can be scaled by no more than 2^1023 at once.
  const magnitude = remainder < 0n ? -remainder : remainder
  const surplus = Math.max(0, magnitude.toString(2).length - 64)
  const value = Number(magnitude >> BigInt(surplus)) * 2 ** -600 * 2 ** (surplus - 600)
  return remainder < 0n ? -value : value
}

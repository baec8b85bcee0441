/**
 * Floats as Go writes and reads them: the values of `le` and `quantile`, of Telegraf's field names and of line protocol are text that
 * others compare byte by byte. V8 and Go pick the same shortest digits; only the layout around them differs.
 */

/** What `strconv.ParseFloat` accepts, without the hexadecimal form and underscores, which Prometheus refuses. */
const goFloatSyntax = /^(?:[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)|nan)$/i

/** Below this, and from `exponentFrom` on, Go's shortest 'g' form has an exponent (strconv/ftoa.go: exponent < -4 or >= 6). */
const plainFrom = 1e-4
const exponentFrom = 1e6

/** A value in Go's shortest form, `FormatFloat(value, 'g', -1, 64)`: `1e+06`, `0.25`, `-0`, `NaN`, `+Inf`. */
export function formatGoFloat(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const magnitude = Math.abs(value)
  if (magnitude >= plainFrom && magnitude < exponentFrom) return String(value)
  const [mantissa, exponent] = splitExponent(value.toExponential())
  const digits = String(Math.abs(exponent)).padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
}

/** A value without an exponent, `FormatFloat(value, 'f', -1, 64)`: what Telegraf writes into line protocol. */
export function formatPlainFloat(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value)
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  if (!text.includes('e')) return text
  const [mantissa, exponent] = splitExponent(text)
  const sign = value < 0 ? '-' : ''
  const digits = mantissa.replace('-', '').replace('.', '')
  // String() has an exponent only from 1e21 on and below 1e-6: there are always more zeros to add than digits after the point.
  if (exponent > 0) return sign + digits.padEnd(exponent + 1, '0')
  return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
}

/**
 * A value in the normal form of OpenMetrics for `le` and `quantile`: Go's shortest, with `.0` where it would look like an integer, so
 * that `1` and `1.0` name the same bucket. Minus zero is `0.0`.
 */
export function formatOpenMetricsFloat(value: number): string {
  if (value === 0) return '0.0'
  const text = formatGoFloat(value)
  return Number.isFinite(value) && !text.includes('.') && !text.includes('e') ? `${text}.0` : text
}

/** The value of a float in Go's syntax; undefined where the text is none, or where no 64-bit float can hold it (`1e999`). */
export function parseGoFloat(text: string): number | undefined {
  const value = readGoFloat(text)
  return typeof value === 'number' ? value : undefined
}

/** As `parseGoFloat`, but tells what is wrong with the text. */
export function readGoFloat(text: string): number | 'syntax' | 'range' {
  if (!goFloatSyntax.test(text)) return 'syntax'
  const value = Number(text)
  // `Number` knows neither `inf` nor `nan`, so what is finite here was written with digits.
  if (Number.isFinite(value)) return value
  if (/nan/i.test(text)) return Number.NaN
  if (!/inf/i.test(text)) return 'range'
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

function splitExponent(text: string): [mantissa: string, exponent: number] {
  const at = text.indexOf('e')
  return [text.slice(0, at), Number(text.slice(at + 1))]
}

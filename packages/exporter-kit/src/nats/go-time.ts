/** Go's times and durations in NATS' JSON, in nanoseconds: a bigint, because a year of them is more than a number holds exactly. */

const nanosecondsPer: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, the micro sign
  μs: 1_000n, // U+03BC, the Greek letter
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const dayNs = 24n * 3_600_000_000_000n
/** NATS' year. */
const yearNs = 365n * dayNs
/** A duration of Go has 64 bits: 292 years have 19 digits in nanoseconds. */
const maxChars = 100

const durationSyntax = /^(?<sign>[+-])?(?<parts>(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const durationPart = /(?<whole>\d*)\.?(?<fraction>\d*)(?<unit>ns|us|µs|μs|ms|s|m|h)/g

/** A duration as Go prints it: `1.12457ms`, `1h2m3s`, `0`. Undefined where the text is none. https://pkg.go.dev/time#ParseDuration */
export function parseGoDuration(text: string): bigint | undefined {
  if (text === '0') return 0n
  const groups = text.length > maxChars ? undefined : durationSyntax.exec(text)?.groups
  if (groups === undefined) return undefined
  let total = 0n
  for (const { groups: part } of (groups['parts'] ?? '').matchAll(durationPart)) {
    const unit = nanosecondsPer[part?.['unit'] ?? ''] ?? 0n
    const fraction = part?.['fraction'] ?? ''
    total += BigInt(part?.['whole'] ?? '') * unit + (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
  }
  return groups['sign'] === '-' ? -total : total
}

/** An uptime as NATS prints it, with days and years of 365 days before Go's form: `1y2d3h4m5s`, `6s`. Undefined where the text is none. */
export function parseNatsUptime(text: string): bigint | undefined {
  const groups = text.length > maxChars ? undefined : /^(?:(?<years>\d+)y)?(?:(?<days>\d+)d)?(?<rest>.*)$/.exec(text)?.groups
  if (groups === undefined) return undefined
  const { years, days, rest } = groups
  const long = BigInt(years ?? 0) * yearNs + BigInt(days ?? 0) * dayNs
  if (rest === '') return years === undefined && days === undefined ? undefined : long
  const short = parseGoDuration(rest ?? '')
  return short === undefined ? undefined : long + short
}

const timeSyntax = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3])(:[0-5]\d:[0-5]\d)(?:[.,](\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/

/** A time of RFC 3339 in nanoseconds since the epoch; digits beyond them are cut off. Undefined where the text is none. */
export function parseGoTime(text: string): bigint | undefined {
  const match = text.length > maxChars ? null : timeSyntax.exec(text)
  if (match === null) return undefined
  const [, date = '', hour = '', minute = '', fraction = '', sign = '+', offsetHour = '0', offsetMinute = '0'] = match
  const ms = Date.parse(`${date}T${hour}${minute}Z`)
  // V8 takes the 31st of a month that has 30 days for the 1st of the next.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, date.length) !== date) return undefined
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000
  const nanoseconds = BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return BigInt(sign === '+' ? ms - offsetMs : ms + offsetMs) * 1_000_000n + nanoseconds
}

/** Nanoseconds as seconds, rounded once as Go's `Duration.Seconds` rounds. */
export function toSeconds(ns: bigint): number {
  return Number(ns / 1_000_000_000n) + Number(ns % 1_000_000_000n) / 1e9
}

/** Nanoseconds since the epoch as milliseconds, cut off towards the past as Go's `Time.UnixMilli` does. */
export function toUnixMs(ns: bigint): number {
  return Number((ns - modulo(ns, 1_000_000n)) / 1_000_000n)
}

/** Nanoseconds since the epoch as seconds, cut off likewise. */
export function toUnixSeconds(ns: bigint): number {
  return Number((ns - modulo(ns, 1_000_000_000n)) / 1_000_000_000n)
}

function modulo(value: bigint, divisor: bigint): bigint {
  return ((value % divisor) + divisor) % divisor
}

/** Numbers and times for people. */
import type { Counts } from '@promline/core'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** Samples of all kinds. */
export function total(counts: Counts): number {
  return counts.samples + counts.histograms + counts.exemplars
}

/** A count, with thousands. */
export function count(value: number): string {
  return whole.format(value)
}

/** A count with its noun: `1 segment`, `2 segments`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

const longer = new Intl.NumberFormat('en', { maximumSignificantDigits: 5 })

/** A figure to be compared with others: up to a million in five digits, 26,235; beyond in three, 1.2 M. */
export function digits(value: number): string {
  return Math.abs(value) < 1e6 ? longer.format(value) : shortCount(value)
}

const scales: readonly (readonly [from: number, unit: string])[] = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
]

/** A number in three digits: 1.2 M. */
export function shortCount(value: number): string {
  const scale = scales.find(([from]) => Math.abs(value) >= from)
  return scale === undefined ? short.format(value) : short.format(value / scale[0]) + scale[1]
}

/** A rate of samples: 2.3 samples/s. */
export function perSecond(value: number): string {
  return `${shortCount(value)} samples/s`
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** A size: 3.4 MiB. */
export function bytes(value: number): string {
  const unit = byteUnits.findIndex((_, i) => value < 1024 ** (i + 1) || i === byteUnits.length - 1)
  return `${short.format(value / 1024 ** unit)} ${byteUnits[unit]}`
}

/** How long something took: 250 ms, 1.25 s, 3 min, 2.5 h. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${whole.format(ms)} ms`
  if (ms < 120_000) return `${short.format(ms / 1_000)} s`
  if (ms < 7_200_000) return `${whole.format(ms / 60_000)} min`
  if (ms < 172_800_000) return `${short.format(ms / 3_600_000)} h`
  return `${whole.format(ms / 86_400_000)} d`
}

/** A length of time in whole seconds, for what changes every second: 0 s, 12 s, 3 min. */
export function seconds(ms: number): string {
  return ms < 1_000 ? '0 s' : duration(Math.floor(ms / 1_000) * 1_000)
}

/** How long ago, for a text whose title holds the time itself. */
export function ago(atMs: number, nowMs: number): string {
  return nowMs - atMs < 1_000 ? 'now' : `${seconds(nowMs - atMs)} ago`
}

/** A value of a series, with as many digits as are worth reading. */
export function value(number: number): string {
  return String(Number(number.toPrecision(9)))
}

/** A series as PromQL writes it. */
export function seriesName(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__')
  const inner = pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')
  return `${labels['__name__'] ?? ''}${inner === '' ? '' : `{${inner}}`}`
}

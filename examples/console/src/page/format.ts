/** Numbers and times for people. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** A count, with thousands. */
export function count(value: number): string {
  return whole.format(value)
}

const scales: readonly (readonly [from: number, unit: string])[] = [
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
]

/** A count in three digits: 1.2 M. */
export function shortCount(value: number): string {
  const scale = scales.find(([from]) => Math.abs(value) >= from)
  return scale === undefined ? short.format(value) : short.format(value / scale[0]) + scale[1]
}

export function perSecond(value: number): string {
  return `${shortCount(value)} samples/s`
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${short.format(value)} ${units[unit]}`
}

/** A length of time: 250 ms, 12 s, 3 min, 2.5 h. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${whole.format(ms)} ms`
  if (ms < 120_000) return `${short.format(ms / 1_000)} s`
  if (ms < 7_200_000) return `${whole.format(ms / 60_000)} min`
  return `${short.format(ms / 3_600_000)} h`
}

/** How long ago, for a text whose title holds the time itself. */
export function ago(atMs: number, nowMs: number): string {
  return nowMs - atMs < 1_000 ? 'now' : `${duration(Math.floor((nowMs - atMs) / 1_000) * 1_000)} ago`
}

export function clockTime(atMs: number): string {
  return new Date(atMs).toLocaleString()
}

/** A series as PromQL writes it. */
export function seriesName(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__')
  const inner = pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')
  return `${labels['__name__'] ?? ''}${inner === '' ? '' : `{${inner}}`}`
}

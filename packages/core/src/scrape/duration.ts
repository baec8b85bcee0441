/** Milliseconds of each unit of a Prometheus duration, longest first; a year has 365 days. */
const units: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

const durationPattern = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/**
 * The milliseconds of a Prometheus duration: `1h30m`, `15s`, `100ms`, `0`. Undefined for what is none: units in another order, fractions,
 * nothing. https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0
  const match = text === '' ? null : durationPattern.exec(text)
  if (match === null) return undefined
  const total = units.reduce((sum, [, ms], i) => sum + Number(match[i + 1] ?? 0) * ms, 0)
  return Number.isSafeInteger(total) ? total : undefined
}

/** A duration as Prometheus writes it: `1m30s`, `500ms`, `0s`; years and weeks only where nothing is left over. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s'
  let rest = durationMs
  let text = ''
  for (const [unit, ms] of units) {
    const exactOnly = unit === 'y' || unit === 'w'
    const count = Math.floor(rest / ms)
    if (count === 0 || (exactOnly && rest % ms !== 0)) continue
    text += `${count}${unit}`
    rest -= count * ms
  }
  return text
}

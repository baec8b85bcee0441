/** Milliseconds of each unit of a Prometheus duration, longest first, as they must follow each other; a year has 365 days. */
const unitsMs: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

const pattern = new RegExp(`^${unitsMs.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`)

/** What Go's int64 of nanoseconds holds: 292 years. */
const maxMs = 9_223_372_036_854

/** The longest delay that a timer of Node takes: 2^31 - 1 ms, almost 25 days. What is waited for must not be longer. */
export const maxTimerMs = 2_147_483_647

/**
 * Milliseconds of a duration as Prometheus writes it: `15s`, `1h30m`, `500ms`, `0`. Undefined for anything else: units in another order,
 * fractions, nothing. https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (`<duration>`)
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0
  const found = text === '' ? null : pattern.exec(text)
  if (found === null) return undefined
  const ms = unitsMs.reduce((sum, [, unitMs], i) => sum + Number(found[i + 1] ?? 0) * unitMs, 0)
  return ms <= maxMs ? ms : undefined
}

/** A whole number of milliseconds as Prometheus writes it: `1m30s`, `500ms`, `0s`; years and weeks only where nothing is left over. */
export function formatDuration(ms: number): string {
  let left = ms
  let text = ''
  for (const [unit, unitMs] of unitsMs) {
    const exactOnly = unit === 'y' || unit === 'w'
    if (left < unitMs || (exactOnly && left % unitMs !== 0)) continue
    text += `${Math.floor(left / unitMs)}${unit}`
    left %= unitMs
  }
  return text === '' ? '0s' : text
}

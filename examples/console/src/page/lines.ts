import type { SeriesPoints } from '../window/sample-window.js'
import { seriesName } from './format.js'

/** What is drawn of a series: rates where it counts, its values, or rates whatever it is. */
export const lineModes = ['auto', 'raw', 'rate'] as const
export type LineMode = (typeof lineModes)[number]

/** One line of the chart. */
export interface Line {
  readonly name: string
  /** Behind its values. */
  readonly unit: '' | '/s'
  /** By time in milliseconds, ascending; null is a gap. */
  readonly points: ReadonlyMap<number, number | null>
}

/**
 * The lines for the series of an answer. What several pipelines saw (scraped here, received there) is one series and one line; where they
 * differ at a time, the one that comes first counts.
 */
export function toLines(series: readonly SeriesPoints[], mode: LineMode): Line[] {
  const groups = new Map<string, SeriesPoints[]>()
  for (const one of series) {
    const key = JSON.stringify(one.labels)
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].map((group) => toLine(group, mode))
}

function toLine(group: readonly SeriesPoints[], mode: LineMode): Line {
  const [first] = group
  const values = pointsOf(group)
  const pipelines = group.map(({ pipeline }) => pipeline).join(', ')
  const name = `${first === undefined ? '' : seriesName(first.labels)} (${pipelines})`
  const asRate = mode === 'rate' || (mode === 'auto' && first !== undefined && isCounter(first))
  return asRate ? { name: `rate of ${name}`, unit: '/s', points: rates(values) } : { name, unit: '', points: values }
}

function isCounter({ type, labels }: SeriesPoints): boolean {
  return type === 'counter' || (type === 'histogram' && /_(bucket|count|sum)$/.test(labels['__name__'] ?? ''))
}

/** Points of all, once for each time; a repeated delivery is no second point. */
function pointsOf(group: readonly SeriesPoints[]): Map<number, number | null> {
  const points = new Map<number, number | null>()
  for (const { timestampsMs, values } of group) {
    for (const [i, atMs] of timestampsMs.entries()) if (!points.has(atMs)) points.set(atMs, values[i] ?? null)
  }
  return new Map([...points].sort(([a], [b]) => a - b))
}

/** The rate per second between neighbours; a counter that falls began anew at zero. */
function rates(points: ReadonlyMap<number, number | null>): Map<number, number | null> {
  const found = new Map<number, number | null>()
  let before: readonly [atMs: number, value: number | null] | undefined
  for (const [atMs, value] of points) {
    const earlier = before?.[1] ?? null
    const rise = value === null || earlier === null ? null : value >= earlier ? value - earlier : value
    found.set(atMs, rise === null || before === undefined ? null : (rise * 1_000) / (atMs - before[0]))
    before = [atMs, value]
  }
  return found
}

/** The golden angle: colours that follow each other lie far apart, however many there are. */
const hueStep = 137.5

/** The colour of a line. On white every one has a contrast of at least 3, on the dark page of at least 4.8; neighbours differ in lightness too. */
export function lineColour(index: number, isDark: boolean): string {
  const hue = (index * hueStep + 215) % 360
  const lightness = isDark ? 66 + (index % 3) * 6 : 38 - (index % 3) * 6
  return `hsl(${hue} ${index % 2 === 0 ? 60 : 75}% ${lightness}%)`
}

import type { SeriesPoints } from '../window/sample-window.js'
import { seriesName, shortCount } from './format.js'
import uPlot from './uplot.js'

/** Twenty colours that differ in lightness as well as in hue; the legend names each line. */
const colours = Array.from({ length: 20 }, (_, i) => `hsl(${(i * 137.5 + 215) % 360} ${i % 2 === 0 ? 60 : 75}% ${i % 3 === 0 ? 42 : 52}%)`)

/** One line of the chart. */
export interface Line {
  readonly name: string
  readonly colour: string
  readonly points: ReadonlyMap<number, number | null>
}

/** Values as they are, or the rate per second between neighbours (a counter that falls began anew). */
export function toLine(series: SeriesPoints, index: number, asRate: boolean): Line {
  const points = new Map<number, number | null>()
  for (let i = 0; i < series.values.length; i++) {
    const atMs = series.timestampsMs[i]!
    points.set(atMs, asRate ? rateAt(series, i) : series.values[i]!)
  }
  return {
    name: `${asRate ? 'rate of ' : ''}${seriesName(series.labels)} (${series.pipeline})`,
    colour: colours[index % colours.length]!,
    points,
  }
}

function rateAt(series: SeriesPoints, i: number): number | null {
  const value = series.values[i]
  const before = series.values[i - 1]
  const seconds = ((series.timestampsMs[i] ?? 0) - (series.timestampsMs[i - 1] ?? 0)) / 1_000
  if (value === null || value === undefined || before === null || before === undefined || seconds <= 0) return null
  return (value >= before ? value - before : value) / seconds
}

/** The chart on the page; it holds listeners, so it is destroyed before the next is drawn. */
let shown: uPlot | undefined

/** Draws lines over a common time axis. Zoom by dragging, double-click to go back; the values under the pointer are shown in the legend. */
export function drawChart(parent: HTMLElement, lines: readonly Line[], onHover: (values: (number | null)[] | undefined) => void): void {
  const times = [...new Set(lines.flatMap((line) => [...line.points.keys()]))].sort((a, b) => a - b)
  const data: uPlot.AlignedData = [times.map((ms) => ms / 1_000), ...lines.map((line) => times.map((ms) => line.points.get(ms)))]
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--quiet')
  const rule = getComputedStyle(document.documentElement).getPropertyValue('--rule')
  const axis: uPlot.Axis = { stroke: colour, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1 } }
  shown?.destroy()
  shown = new uPlot(
    {
      width: parent.clientWidth,
      height: 280,
      legend: { show: false },
      series: [{}, ...lines.map((line) => ({ label: line.name, stroke: line.colour, width: 1.5, spanGaps: true }))],
      axes: [axis, { ...axis, size: 70, values: (_, ticks) => ticks.map(shortCount) }],
      hooks: {
        ready: [(plot) => plot.over.addEventListener('dblclick', () => delete parent.dataset['zoomed'])],
        setSelect: [
          (plot) => {
            if (plot.select.width > 0) parent.dataset['zoomed'] = 'yes'
          },
        ],
        setCursor: [
          (plot) => {
            const at = plot.cursor.idx
            onHover(at === null || at === undefined ? undefined : lines.map((line) => line.points.get(times[at] ?? 0) ?? null))
          },
        ],
      },
    },
    data,
    parent,
  )
}

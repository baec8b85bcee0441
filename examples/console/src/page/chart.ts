import { shortCount } from './format.js'
import { type Line, lineColour } from './lines.js'
import uPlot from './uplot.js'

const heightPx = 280
/** Room for numbers such as `1.25 M`. */
const axisWidthPx = 70

/** Times in milliseconds. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

export interface ChartListeners {
  /** The time under the pointer; undefined where there is none. */
  readonly onHover: (atMs: number | undefined) => void
  /** The times that were dragged over; undefined after a double-click, which goes back to all of them. */
  readonly onZoom: (range: TimeRange | undefined) => void
}

/** Lines over a common time axis, as wide as its parent, in the colours of the system's setting. */
export class Chart {
  readonly #parent: HTMLElement
  readonly #listeners: ChartListeners
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')
  /** It holds listeners of its own, so it is destroyed before the next is made. */
  #plot: uPlot | undefined
  #redraw: () => void = () => {}

  constructor(parent: HTMLElement, listeners: ChartListeners) {
    this.#parent = parent
    this.#listeners = listeners
    this.#dark.addEventListener('change', () => this.#redraw())
    new ResizeObserver(() => this.#plot?.setSize({ width: parent.clientWidth, height: heightPx })).observe(parent)
  }

  colourOf(index: number): string {
    return lineColour(index, this.#dark.matches)
  }

  clear(): void {
    this.#plot?.destroy()
    this.#plot = undefined
    this.#redraw = () => {}
  }

  draw(lines: readonly Line[], range: TimeRange | undefined): void {
    this.clear()
    if (lines.length === 0) return
    const times = [...new Set(lines.flatMap((line) => [...line.points.keys()]))].sort((a, b) => a - b)
    // undefined is a time of another line, over which this one is drawn on; null is a gap.
    const data: uPlot.AlignedData = [times.map((ms) => ms / 1_000), ...lines.map((line) => times.map((ms) => line.points.get(ms)))]
    const plot = new uPlot(this.#options(lines, times), data, this.#parent)
    if (range !== undefined) plot.setScale('x', { min: range.from / 1_000, max: range.to / 1_000 })
    this.#plot = plot
    this.#redraw = () => this.draw(lines, range)
  }

  #options(lines: readonly Line[], times: readonly number[]): uPlot.Options {
    const style = getComputedStyle(this.#parent)
    const rule = style.getPropertyValue('--rule')
    const axis: uPlot.Axis = {
      stroke: style.getPropertyValue('--quiet'),
      font: `12px ${style.fontFamily}`,
      grid: { stroke: rule, width: 1 },
      ticks: { stroke: rule, width: 1 },
    }
    const { onHover, onZoom } = this.#listeners
    return {
      width: this.#parent.clientWidth,
      height: heightPx,
      legend: { show: false },
      series: [{}, ...lines.map((line, i) => ({ label: line.name, stroke: this.colourOf(i), width: 1.5 }))],
      axes: [axis, { ...axis, size: axisWidthPx, values: (_, ticks) => ticks.map(shortCount) }],
      hooks: {
        ready: [(plot) => plot.over.addEventListener('dblclick', () => onZoom(undefined))],
        setSelect: [
          (plot) => {
            const { select } = plot
            const at = (px: number): number => Math.round(plot.posToVal(px, 'x') * 1_000)
            if (select.width > 0) onZoom({ from: at(select.left), to: at(select.left + select.width) })
          },
        ],
        setCursor: [({ cursor }) => onHover(typeof cursor.idx === 'number' ? times[cursor.idx] : undefined)],
      },
    }
  }
}

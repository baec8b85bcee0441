import type { SeriesPoints, WindowAnswer } from '../window/sample-window.js'
import { drawChart, type Line, toLine } from './chart.js'
import { byId, element } from './dom.js'
import { count } from './format.js'
import { getJson } from './live.js'

/** A chart that is on the page is drawn anew this often. */
const refreshMs = 10_000

/** Part 5: a chart of any series of the window. The URL holds what is drawn. */
export function startExplore(): void {
  const match = inputById('match')
  const mode = selectById('mode')
  const state = new URLSearchParams(location.hash.slice(1))
  match.value = state.get('match') ?? ''
  mode.value = state.get('mode') ?? 'auto'
  const draw = (): void => {
    history.replaceState(null, '', match.value === '' ? ' ' : `#${new URLSearchParams({ match: match.value, mode: mode.value })}`)
    void drawSeries(match.value, mode.value)
  }
  byId('explore').addEventListener('submit', (event) => {
    event.preventDefault()
    draw()
  })
  mode.addEventListener('change', draw)
  match.addEventListener('focus', () => void suggest())
  setInterval(() => {
    // A zoomed chart is being looked at: leave it alone.
    if (match.value !== '' && !document.hidden && byId('chart').dataset['zoomed'] === undefined) void drawSeries(match.value, mode.value)
  }, refreshMs)
  if (match.value !== '') draw()
}

function inputById(id: string): HTMLInputElement {
  const found = byId(id)
  if (!(found instanceof HTMLInputElement)) throw new Error(`#${id} is not an input`)
  return found
}

function selectById(id: string): HTMLSelectElement {
  const found = byId(id)
  if (!(found instanceof HTMLSelectElement)) throw new Error(`#${id} is not a select`)
  return found
}

async function suggest(): Promise<void> {
  const names = await getJson<string[]>('/api/names').catch((): string[] => [])
  byId('names').replaceChildren(...names.map((name) => element('option', { value: name })))
}

async function drawSeries(match: string, mode: string): Promise<void> {
  const note = byId('explore-note')
  try {
    const answer = await getJson<WindowAnswer>(`/api/query?${new URLSearchParams({ match })}`)
    const lines = answer.series.map((series, i) => toLine(series, i, mode === 'rate' || (mode === 'auto' && isCounter(series))))
    note.textContent = describe(answer)
    note.className = 'quiet'
    drawChart(byId('chart'), lines, (values) => drawLegend(lines, values))
    drawLegend(lines, undefined)
  } catch (error) {
    note.textContent = error instanceof Error ? error.message : String(error)
    note.className = 'bad'
  }
}

function isCounter(series: SeriesPoints): boolean {
  return series.type === 'counter' || (series.type === 'histogram' && /_(bucket|count|sum)$/.test(series.labels['__name__'] ?? ''))
}

function describe(answer: WindowAnswer): string {
  if (answer.matched === 0) return 'No series in the window matches.'
  const left = answer.matched - answer.series.length
  return `${count(answer.series.length)} series${left > 0 ? `, ${count(left)} more match: add a label to the selector` : ''}. Drag to zoom, double-click to go back.`
}

/** The names of the lines with their values under the pointer, or their last ones. */
function drawLegend(lines: readonly Line[], values: readonly (number | null)[] | undefined): void {
  const items = lines.map((line, i) => {
    const value = values === undefined ? [...line.points.values()].at(-1) : values[i]
    const swatch = element('span', { class: 'swatch' })
    swatch.style.background = line.colour
    return element(
      'li',
      {},
      swatch,
      `${line.name}  `,
      element('b', {}, value === null || value === undefined ? 'no value' : String(Number(value.toPrecision(9)))),
    )
  })
  byId('legend').replaceChildren(...items)
}

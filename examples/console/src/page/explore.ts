import type { WindowAnswer } from '../window/sample-window.js'
import { Chart, type TimeRange } from './chart.js'
import { byId, element } from './dom.js'
import { count, value } from './format.js'
import { type Line, type LineMode, lineModes, toLines } from './lines.js'
import { getJson } from './live.js'

/** A chart that is on the page is drawn anew this often. */
const refreshMs = 10_000

/** What is drawn; the URL holds it. */
interface View {
  readonly match: string
  readonly mode: LineMode
  readonly zoom?: TimeRange
}

/** Part 5: a chart of any series of the window. */
export function startExplore(): void {
  const explore = new Explore()
  explore.show(readView())
  addEventListener('hashchange', () => explore.show(readView()))
  // A zoomed chart is being looked at: leave it alone.
  setInterval(() => {
    if (!document.hidden && explore.view.zoom === undefined) explore.refresh()
  }, refreshMs)
}

class Explore {
  readonly #match = byId('match', HTMLInputElement)
  readonly #mode = byId('mode', HTMLSelectElement)
  readonly #note = byId('explore-note')
  readonly #chart: Chart
  #view: View = { match: '', mode: 'auto' }
  #lines: readonly Line[] = []
  /** Answers may overtake each other; only the last question counts. */
  #questions = 0

  constructor() {
    this.#chart = new Chart(byId('chart'), {
      onHover: (atMs) => this.#drawLegend(atMs),
      onZoom: (zoom) => this.#keep({ match: this.#view.match, mode: this.#view.mode, ...(zoom !== undefined && { zoom }) }),
    })
    byId('explore').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#ask()
    })
    this.#mode.addEventListener('change', () => this.#ask())
    this.#match.addEventListener('focus', () => void suggestNames())
  }

  get view(): View {
    return this.#view
  }

  show(view: View): void {
    this.#view = view
    this.#match.value = view.match
    this.#mode.value = view.mode
    this.refresh()
  }

  refresh(): void {
    if (this.#view.match !== '') void this.#draw(this.#view)
  }

  /** What the fields say. */
  #ask(): void {
    this.#keep({ match: this.#match.value.trim(), mode: modeOf(this.#mode.value) })
    void this.#draw(this.#view)
  }

  #keep(view: View): void {
    this.#view = view
    history.replaceState(null, '', urlOf(view))
  }

  async #draw({ match, mode, zoom }: View): Promise<void> {
    const question = ++this.#questions
    try {
      const answer = await getJson<WindowAnswer>(`/api/query?${new URLSearchParams({ match })}`)
      if (question !== this.#questions) return
      this.#lines = toLines(answer.series, mode)
      this.#say(describe(answer.matched, this.#lines.length), 'quiet')
    } catch (error) {
      if (question !== this.#questions) return
      this.#lines = []
      this.#say(error instanceof Error ? error.message : String(error), 'bad')
    }
    this.#chart.draw(this.#lines, zoom)
    this.#drawLegend(undefined)
  }

  #say(text: string, mood: 'quiet' | 'bad'): void {
    this.#note.textContent = text
    this.#note.className = mood
  }

  /** The names of the lines with their values at a time, or their last ones. */
  #drawLegend(atMs: number | undefined): void {
    const items = this.#lines.map(({ name, unit, points }, i) => {
      const swatch = element('span', { class: 'swatch' })
      swatch.style.background = this.#chart.colourOf(i)
      const shown = (atMs === undefined ? [...points.values()].at(-1) : points.get(atMs)) ?? null
      const text = shown === null ? 'no value' : `${value(shown)}${unit}`
      return element('li', {}, swatch, element('span', {}, `${name} `, element('b', {}, text)))
    })
    byId('legend').replaceChildren(...items)
  }
}

function describe(matched: number, drawn: number): string {
  if (matched === 0) return 'No series in the window matches.'
  return `${count(drawn)} series${matched > drawn ? ` of ${count(matched)} that match: add a label to the selector` : ''}. Drag to zoom, double-click to go back.`
}

async function suggestNames(): Promise<void> {
  // Without suggestions a name can be typed all the same.
  const names = await getJson<string[]>('/api/names').catch((): string[] => [])
  byId('names').replaceChildren(...names.map((name) => element('option', { value: name })))
}

function readView(): View {
  const state = new URLSearchParams(location.hash.slice(1))
  const view = { match: state.get('match') ?? '', mode: modeOf(state.get('mode')) }
  const [from, to] = [Number(state.get('from')), Number(state.get('to'))]
  return from > 0 && to > from ? { ...view, zoom: { from, to } } : view
}

function urlOf({ match, mode, zoom }: View): string {
  if (match === '') return location.pathname
  return `#${new URLSearchParams({ match, mode, ...(zoom !== undefined && { from: String(zoom.from), to: String(zoom.to) }) })}`
}

function modeOf(text: string | null): LineMode {
  return lineModes.find((mode) => mode === text) ?? 'auto'
}

import { metricNameLabel, PromlineError, type SeriesList, staleAt, timestampAt, toError } from '@promline/core'
import type { HeldColumns, SampleWindow } from '../window/sample-window.js'
import { parseSelector, type Selector } from '../window/selector.js'
import { keyOf } from './cluster-book.js'

/** Two scrapes of any usual interval and more, so that a rate has points to go by. */
const lookBackMs = 150_000
/** Series that are added up, at most: beyond them somebody has chosen what is no figure of a cluster. */
const maxSeries = 10_000

/** One of the figures to compare. */
interface Query {
  readonly text: string
  /** Without `rate(...)` around it. */
  readonly match: string
  readonly selector: Selector
  /** The name that it begins with: nearly all series are passed over by it alone. */
  readonly name: string | undefined
  readonly isRate: boolean
}

/** A row of a list that a query means. */
interface MeantRow {
  readonly row: number
  readonly query: number
  readonly cluster: string
  /** Stands for its labels. */
  readonly series: string
}

/** The points of one series in the time looked back on. */
interface Track {
  readonly query: number
  readonly cluster: string
  readonly firstMs: number
  lastMs: number
  value: number
  /** Since the first point; a counter that falls began anew at zero. */
  increase: number
}

/** What a query comes to for one cluster; null where it has no series, or too few points for a rate. */
export type Figures = readonly (number | null)[]

/** What the figures come to. */
export interface Compared {
  /** By `keyOf` pipeline and cluster; nothing for a cluster of which nothing is to be said. */
  readonly figures: ReadonlyMap<string, Figures>
  /** There are more series than are added up. */
  readonly isCut: boolean
}

/**
 * A few figures of each cluster, side by side. Looks into the window when somebody asks, and into each list once; with nobody looking it
 * costs nothing.
 */
export class Comparison {
  readonly #label: string
  readonly #queries: readonly Query[]
  readonly #window: SampleWindow
  readonly #rows = new WeakMap<SeriesList, readonly MeantRow[]>()

  /** Throws as `assertFigure`. */
  constructor(options: { readonly label: string; readonly compare: readonly string[]; readonly window: SampleWindow }) {
    this.#label = options.label
    this.#queries = options.compare.map(parseQuery)
    this.#window = options.window
  }

  /** In the order in which they were given. */
  get queries(): readonly Pick<Query, 'text' | 'match' | 'isRate'>[] {
    return this.#queries.map(({ text, match, isRate }) => ({ text, match, isRate }))
  }

  compare(nowMs: number): Compared {
    const found = new Map<string, (number | null)[]>()
    let isCut = false
    for (const [pipeline, tracks] of this.#trackAll(nowMs)) {
      isCut ||= tracks.size > maxSeries
      for (const { query, cluster, ...track } of tracks.values()) {
        const figure = figureOf(track, this.#queries[query]!)
        if (figure === undefined) continue
        const key = keyOf(pipeline, cluster)
        const figures = found.get(key) ?? this.#queries.map(() => null)
        found.set(key, figures)
        figures[query] = (figures[query] ?? 0) + figure
      }
    }
    return { figures: found, isCut }
  }

  /** The series of each pipeline that are there now. */
  #trackAll(nowMs: number): ReadonlyMap<string, ReadonlyMap<string, Track>> {
    const byPipeline = new Map<string, Map<string, Track>>()
    if (this.#queries.length === 0) return byPipeline
    for (const held of this.#window.since(nowMs - lookBackMs)) {
      const tracks = byPipeline.get(held.pipeline) ?? new Map<string, Track>()
      byPipeline.set(held.pipeline, tracks)
      for (const meant of this.#rowsOf(held.columns.series)) track(tracks, held, meant)
    }
    return byPipeline
  }

  #rowsOf(list: SeriesList): readonly MeantRow[] {
    const known = this.#rows.get(list)
    if (known !== undefined) return known
    const rows: MeantRow[] = []
    for (let row = 0; row < list.length; row++) {
      const { labels } = list.at(row)
      const own = labels.get(metricNameLabel)
      for (const [query, { selector, name }] of this.#queries.entries()) {
        if ((name !== undefined && name !== own) || !selector(labels)) continue
        rows.push({ row, query, cluster: labels.get(this.#label) ?? '', series: `${query} ${JSON.stringify(labels.toObject())}` })
      }
    }
    this.#rows.set(list, rows)
    return rows
  }
}

function track(tracks: Map<string, Track>, { columns }: HeldColumns, { row, query, cluster, series }: MeantRow): void {
  const known = tracks.get(series)
  const value = columns.values[row]!
  const atMs = timestampAt(columns, row)
  if (staleAt(columns, row)) tracks.delete(series)
  else if (known === undefined) {
    // One more than are added up says that there are more.
    if (tracks.size <= maxSeries) tracks.set(series, { query, cluster, firstMs: atMs, lastMs: atMs, value, increase: 0 })
  } else if (atMs > known.lastMs) {
    known.increase += value >= known.value ? value - known.value : value
    known.value = value
    known.lastMs = atMs
  }
}

function figureOf({ firstMs, lastMs, value, increase }: Omit<Track, 'query' | 'cluster'>, { isRate }: Query): number | undefined {
  const figure = isRate ? (increase * 1_000) / (lastMs - firstMs) : value
  return Number.isFinite(figure) ? figure : undefined
}

/** Throws a PromlineError (`parse`) for what is none of the figures that can be compared. */
export function assertFigure(text: string): void {
  parseQuery(text)
}

/** A name alone is a whole one here: what is added up is meant, not looked for. */
function parseQuery(text: string): Query {
  const inner = /^\s*rate\((.*)\)\s*$/s.exec(text)?.[1]
  const match = (inner ?? text).trim()
  try {
    const [name, rest] = /^([A-Za-z_:][A-Za-z0-9_:]*)\s*(\{.*)?$/s.exec(match)?.slice(1) ?? []
    const whole = name !== undefined && rest === undefined ? `${name}{}` : match
    return { text: text.trim(), match: whole, selector: parseSelector(whole), name, isRate: inner !== undefined }
  } catch (error) {
    throw new PromlineError('parse', `figure to compare ${JSON.stringify(text)}: ${toError(error).message}`, { cause: error })
  }
}

import type { Batch, Labels, MetricType, SampleColumns, SeriesList } from '@promline/core'
import { staleAt, timestampAt } from '@promline/core'
import type { Selector } from './selector.js'

/** The points of one series. A gap (a staleness marker) is a null value. */
export interface SeriesPoints {
  readonly labels: Record<string, string>
  readonly type: MetricType
  readonly pipeline: string
  readonly timestampsMs: number[]
  readonly values: (number | null)[]
}

export interface WindowQuery {
  readonly selector: Selector
  readonly fromMs: number
  readonly toMs: number
  /** Series in the answer, at most; the rest is only counted. */
  readonly maxSeries: number
}

export interface WindowAnswer {
  /** Series that match, in the order of their labels. */
  readonly matched: number
  readonly series: readonly SeriesPoints[]
}

export interface SampleWindowOptions {
  readonly durationMs: number
  readonly maxBytes: number
  readonly now?: () => number
}

interface Held {
  readonly pipeline: string
  readonly columns: SampleColumns
  readonly bytes: number
  readonly atMs: number
}

/** What holding a set of columns costs beside its numbers: a few objects. */
const columnsOverheadBytes = 200

/**
 * What went through lately. It keeps the columns themselves, which are immutable, and looks into them only when somebody asks: taking a
 * batch costs a push, whatever its size. Bounded in time and bytes; the oldest goes first.
 */
export class SampleWindow {
  readonly #durationMs: number
  readonly #maxBytes: number
  readonly #now: () => number
  #held: Held[] = []
  /** Entries before this one are gone; the array is cut when half of it is. */
  #start = 0
  #bytes = 0

  constructor(options: SampleWindowOptions) {
    this.#durationMs = options.durationMs
    this.#maxBytes = options.maxBytes
    this.#now = options.now ?? Date.now
  }

  get bytes(): number {
    return this.#bytes
  }

  get durationMs(): number {
    return this.#durationMs
  }

  add(pipeline: string, batch: Batch): void {
    const atMs = this.#now()
    for (const columns of batch.columns) {
      if (columns.kind !== 'samples') continue
      const bytes = bytesOf(columns)
      this.#held.push({ pipeline, columns, bytes, atMs })
      this.#bytes += bytes
    }
    this.#trim(atMs)
  }

  query(query: WindowQuery): WindowAnswer {
    this.#trim(this.#now())
    const rowsOf = new Map<SeriesList, number[]>()
    const found = new Map<string, SeriesPoints>()
    for (const held of this.#held.slice(this.#start)) {
      const rows = rowsOf.get(held.columns.series) ?? matchingRows(held.columns.series, query.selector)
      rowsOf.set(held.columns.series, rows)
      for (const row of rows) addPoint(found, held, row, query)
    }
    const keys = [...found.keys()].sort()
    return { matched: keys.length, series: keys.slice(0, query.maxSeries).flatMap((key) => found.get(key) ?? []) }
  }

  /** Names of metrics in the window, for suggestions. */
  names(): string[] {
    const names = new Set<string>()
    const seen = new Set<SeriesList>()
    for (const { columns } of this.#held.slice(this.#start)) {
      if (seen.has(columns.series)) continue
      seen.add(columns.series)
      for (let i = 0; i < columns.series.length; i++) names.add(nameOf(columns.series.at(i).labels))
    }
    return [...names].sort()
  }

  #trim(nowMs: number): void {
    const oldestMs = nowMs - this.#durationMs
    while (this.#start < this.#held.length) {
      const first = this.#held[this.#start]!
      if (first.atMs >= oldestMs && this.#bytes <= this.#maxBytes) break
      this.#bytes -= first.bytes
      this.#start++
    }
    if (this.#start > this.#held.length / 2) {
      this.#held = this.#held.slice(this.#start)
      this.#start = 0
    }
  }
}

function bytesOf(columns: SampleColumns): number {
  const times = typeof columns.timestampMs === 'number' ? 0 : columns.timestampMs.byteLength
  return columnsOverheadBytes + columns.values.byteLength + times + (columns.stale?.byteLength ?? 0)
}

function matchingRows(list: SeriesList, selector: Selector): number[] {
  const rows: number[] = []
  for (let i = 0; i < list.length; i++) if (selector(list.at(i).labels)) rows.push(i)
  return rows
}

function addPoint(found: Map<string, SeriesPoints>, held: Held, row: number, query: WindowQuery): void {
  const timestampMs = timestampAt(held.columns, row)
  if (timestampMs < query.fromMs || timestampMs > query.toMs) return
  const series = held.columns.series.at(row)
  const key = `${nameOf(series.labels)} ${JSON.stringify(series.labels.toObject())} ${held.pipeline}`
  let points = found.get(key)
  if (points === undefined) {
    points = { labels: series.labels.toObject(), type: series.metadata.type, pipeline: held.pipeline, timestampsMs: [], values: [] }
    found.set(key, points)
  }
  points.timestampsMs.push(timestampMs)
  const value = held.columns.values[row]!
  points.values.push(staleAt(held.columns, row) || !Number.isFinite(value) ? null : value)
}

function nameOf(labels: Labels): string {
  return labels.get('__name__') ?? ''
}

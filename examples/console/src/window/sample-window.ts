import type { Batch, Labels, MetricType, SampleColumns, SeriesList } from '@promline/core'
import { staleAt, timestampAt } from '@promline/core'
import type { Selector } from './selector.js'

/** The points of one series as one pipeline saw them. A gap (a staleness marker) is a null value, and so is what is not finite. */
export interface SeriesPoints {
  readonly labels: Readonly<Record<string, string>>
  readonly type: MetricType
  readonly pipeline: string
  /** In the order of their arrival. */
  readonly timestampsMs: readonly number[]
  readonly values: readonly (number | null)[]
}

export interface WindowQuery {
  readonly selector: Selector
  readonly fromMs: number
  readonly toMs: number
  /** Label sets in the answer, at most; the rest is only counted. */
  readonly maxSeries: number
}

export interface WindowAnswer {
  /** Label sets that match. */
  readonly matched: number
  /** In the order of their names, then of their labels; one for each pipeline that saw it, in the order in which they did. */
  readonly series: readonly SeriesPoints[]
}

export interface SampleWindowOptions {
  readonly durationMs: number
  readonly maxBytes: number
  readonly now?: () => number
}

/** Columns as they came through a pipeline. */
export interface HeldColumns {
  readonly pipeline: string
  readonly columns: SampleColumns
  readonly atMs: number
}

interface Held extends HeldColumns {
  readonly bytes: number
}

/** A row of a list that a selector means; the key stands for its labels, and sorts by name. */
interface MatchingRow {
  readonly row: number
  readonly key: string
}

/** A series of the answer while its points come together. */
interface Collected extends SeriesPoints {
  readonly timestampsMs: number[]
  readonly values: (number | null)[]
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

  /** Looks twice: what matches is found before points are collected, so that a selector of everything costs no more than its answer. */
  query(query: WindowQuery): WindowAnswer {
    this.#trim(this.#now())
    const held = this.#held.slice(this.#start)
    const rowsOf = new Map<SeriesList, readonly MatchingRow[]>()
    const keys = new Set<string>()
    for (const { columns } of held) {
      const rows = rowsOf.get(columns.series) ?? matchingRows(columns.series, query.selector)
      rowsOf.set(columns.series, rows)
      for (const { row, key } of rows) if (isAsked(timestampAt(columns, row), query)) keys.add(key)
    }
    const shown = new Map(
      [...keys]
        .sort()
        .slice(0, query.maxSeries)
        .map((key) => [key, new Map<string, Collected>()]),
    )
    for (const one of held) {
      for (const { row, key } of rowsOf.get(one.columns.series) ?? []) {
        if (isAsked(timestampAt(one.columns, row), query)) collect(shown.get(key), one, row)
      }
    }
    return { matched: keys.size, series: [...shown.values()].flatMap((byPipeline) => [...byPipeline.values()]) }
  }

  /** What came at a time or after it, in the order of its arrival. */
  since(fromMs: number): readonly HeldColumns[] {
    let from = this.#held.length
    while (from > this.#start && this.#held[from - 1]!.atMs >= fromMs) from--
    return this.#held.slice(from)
  }

  /** Names of metrics in the window, in order, at most `max`. */
  names(max: number): string[] {
    const names = new Set<string>()
    const seen = new Set<SeriesList>()
    for (const { columns } of this.#held.slice(this.#start)) {
      if (seen.has(columns.series)) continue
      seen.add(columns.series)
      for (let i = 0; i < columns.series.length; i++) names.add(nameOf(columns.series.at(i).labels))
    }
    return [...names].sort().slice(0, max)
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

function matchingRows(list: SeriesList, selector: Selector): MatchingRow[] {
  const rows: MatchingRow[] = []
  for (let row = 0; row < list.length; row++) {
    const { labels } = list.at(row)
    if (selector(labels)) rows.push({ row, key: `${nameOf(labels)} ${JSON.stringify(labels.toObject())}` })
  }
  return rows
}

function isAsked(timestampMs: number, { fromMs, toMs }: WindowQuery): boolean {
  return timestampMs >= fromMs && timestampMs <= toMs
}

function collect(byPipeline: Map<string, Collected> | undefined, { columns, pipeline }: Held, row: number): void {
  if (byPipeline === undefined) return
  const { labels, metadata } = columns.series.at(row)
  const series = byPipeline.get(pipeline) ?? { labels: labels.toObject(), type: metadata.type, pipeline, timestampsMs: [], values: [] }
  byPipeline.set(pipeline, series)
  const value = columns.values[row]!
  series.timestampsMs.push(timestampAt(columns, row))
  series.values.push(staleAt(columns, row) || !Number.isFinite(value) ? null : value)
}

function nameOf(labels: Labels): string {
  return labels.get('__name__') ?? ''
}

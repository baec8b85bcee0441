import {
  type Columns,
  createLabels,
  type Labels,
  LabelsBuilder,
  type LabelsInput,
  MetadataTable,
  parseTextEntries,
  type SampleColumns,
  type Series,
  SeriesListTable,
  SeriesTable,
  type TextEntry,
} from '@promline/core'

/** How often series that are gone are let go of: a fraction of the ten minutes that they are kept. */
const sweepEveryMs = 60_000

/** What one gathering came to. */
export interface Gathered {
  readonly columns: readonly Columns[]
  /** Samples of a series that the same exposition had already: only the first of them counts. */
  readonly duplicates: number
}

/** The rows of one gathering, in the order of the exposition and then of what is gone. */
interface Rows {
  readonly series: Series[]
  readonly values: number[]
  readonly timestampsMs: number[]
  readonly stale: number[]
}

/** Turns one exposition after the other into columns, and remembers which series it has shown. */
export class RegistryGathering {
  readonly #labels: Labels
  readonly #series = new SeriesTable()
  readonly #metadata = new MetadataTable()
  readonly #lists = new SeriesListTable()
  /** Series of the last exposition; those with a timestamp of their own are not tracked, as in a scrape. */
  #shown = new Set<Series>()
  #sweptMs = 0

  /** @param labels added to every series that does not have them. */
  constructor(labels: LabelsInput) {
    this.#labels = createLabels(labels)
  }

  /** The samples of an exposition, and a staleness marker for each series that it no longer has. Throws a ParseError. */
  gather(body: Uint8Array, timestampMs: number): Gathered {
    this.#sweep(timestampMs)
    const rows: Rows = { series: [], values: [], timestampsMs: [], stale: [] }
    const seen = new Set<Series>()
    const shown = new Set<Series>()
    let duplicates = 0
    parseTextEntries(body, { mode: 'prometheus', metadata: this.#metadata }, (entry) => {
      const series = this.#intern(entry, timestampMs)
      if (seen.has(series)) {
        duplicates++
        return
      }
      seen.add(series)
      if (entry.timestampMs === undefined) shown.add(series)
      addRow(rows, { series, value: entry.value, timestampMs: entry.timestampMs ?? timestampMs })
    })
    for (const series of this.#shown) if (!seen.has(series)) addRow(rows, { series, timestampMs })
    this.#shown = shown
    return { columns: this.#toColumns(rows, timestampMs), duplicates }
  }

  /** A staleness marker for every series of the last exposition. */
  end(timestampMs: number): readonly Columns[] {
    const rows: Rows = { series: [], values: [], timestampsMs: [], stale: [] }
    for (const series of this.#shown) addRow(rows, { series, timestampMs })
    this.#shown = new Set()
    return this.#toColumns(rows, timestampMs)
  }

  #intern(entry: TextEntry, nowMs: number): Series {
    return this.#series.intern(this.#withLabels(entry.labels), entry.metadata, nowMs)
  }

  #withLabels(labels: Labels): Labels {
    if (this.#labels.length === 0) return labels
    const builder = new LabelsBuilder(labels)
    for (let i = 0; i < this.#labels.length; i++) {
      const name = this.#labels.nameAt(i)
      if (!builder.has(name)) builder.set(name, this.#labels.valueAt(i))
    }
    return builder.build()
  }

  #toColumns(rows: Rows, timestampMs: number): SampleColumns[] {
    return this.#lists.cut(rows.series, timestampMs).map(({ list, start, end }) => {
      const stale = rows.stale.slice(start, end)
      const timestampsMs = rows.timestampsMs.slice(start, end)
      return {
        kind: 'samples',
        series: list,
        values: Float64Array.from(rows.values.slice(start, end)),
        timestampMs: timestampsMs.every((one) => one === timestampMs) ? timestampMs : Float64Array.from(timestampsMs),
        ...(stale.includes(1) && { stale: Uint8Array.from(stale) }),
      }
    })
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < sweepEveryMs) return
    this.#sweptMs = nowMs
    this.#series.sweep(nowMs)
    this.#lists.sweep(nowMs)
  }
}

/** Without a value the row is a staleness marker. */
function addRow(rows: Rows, row: { series: Series; value?: number; timestampMs: number }): void {
  rows.series.push(row.series)
  rows.values.push(row.value ?? Number.NaN)
  rows.timestampsMs.push(row.timestampMs)
  rows.stale.push(row.value === undefined ? 1 : 0)
}

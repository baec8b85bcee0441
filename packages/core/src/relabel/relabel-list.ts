import { createLabels, emptyLabels, type Labels, type LabelsInput } from '../model/labels.js'
import { LabelsBuilder } from '../model/labels-builder.js'
import { MetadataTable } from '../model/metadata.js'
import type { Series } from '../model/series.js'
import { createSeriesList, type SeriesList } from '../model/series-list.js'
import { defaultMaxIdleMs, SeriesTable } from '../model/series-table.js'
import { renameMetadata } from './rename-metadata.js'
import type { Relabeler } from './relabeler.js'

/** What became of a list. */
export interface RelabeledList {
  /** The list after the rules: the list itself where nothing changed. */
  readonly series: SeriesList
  /** For each series of the list after, its row in the list before; undefined where every row stayed. */
  readonly rows?: Uint32Array
}

/** How series are relabelled when their list comes for the first time. */
export interface ListRelabelerOptions {
  readonly relabeler: Relabeler
  /** Added where absent, before the rules. */
  readonly externalLabels?: LabelsInput
  /** A clock that only goes forward, in milliseconds, for the sweep of interned series. */
  readonly nowMs: () => number
}

/** Relabels lists of series and remembers, as long as a list lives, what became of it. */
export class ListRelabeler {
  readonly #relabeler: Relabeler
  readonly #external: Labels
  readonly #builder = new LabelsBuilder()
  readonly #nowMs: () => number
  readonly #known = new WeakMap<SeriesList, RelabeledList>()
  readonly #table = new SeriesTable()
  readonly #metadata = new MetadataTable()
  #sweptMs: number

  constructor(options: ListRelabelerOptions) {
    this.#relabeler = options.relabeler
    this.#external = createLabels(options.externalLabels ?? emptyLabels)
    this.#nowMs = options.nowMs
    this.#sweptMs = options.nowMs()
  }

  relabel(list: SeriesList): RelabeledList {
    const known = this.#known.get(list)
    if (known !== undefined) return known
    this.#sweep()
    const relabeled = this.#relabelNew(list)
    this.#known.set(list, relabeled)
    return relabeled
  }

  #relabelNew(list: SeriesList): RelabeledList {
    const kept: Series[] = []
    const rows: number[] = []
    let changed = false
    for (let i = 0; i < list.length; i++) {
      const before = list.at(i)
      const after = this.#relabelSeries(before)
      if (after === undefined) continue
      if (after !== before) changed = true
      kept.push(after)
      rows.push(i)
    }
    if (rows.length < list.length) return { series: this.#listOf(kept, list), rows: Uint32Array.from(rows) }
    return { series: changed ? this.#listOf(kept, list) : list }
  }

  #listOf(series: readonly Series[], before: SeriesList): SeriesList {
    return createSeriesList(series, { automatic: before.automatic ?? false })
  }

  #relabelSeries(series: Series): Series | undefined {
    const labels = this.#relabeler.relabel(this.#addExternal(series.labels))
    if (labels === undefined || labels === series.labels) return labels && series
    const renamed = renameMetadata(series.metadata, series.labels, labels)
    // A family of which some series change keeps its one object.
    const metadata = renamed === series.metadata ? renamed : this.#metadata.intern(renamed)
    return this.#table.intern(labels, metadata, this.#nowMs())
  }

  #addExternal(labels: Labels): Labels {
    if (this.#external.length === 0) return labels
    this.#builder.reset(labels)
    for (let i = 0; i < this.#external.length; i++) {
      const name = this.#external.nameAt(i)
      if (!this.#builder.has(name)) this.#builder.set(name, this.#external.valueAt(i))
    }
    return this.#builder.build()
  }

  /** Once an idle time: what a sweep finds is at most two of them old. */
  #sweep(): void {
    const nowMs = this.#nowMs()
    if (nowMs - this.#sweptMs < defaultMaxIdleMs) return
    this.#sweptMs = nowMs
    this.#table.sweep(nowMs)
  }
}

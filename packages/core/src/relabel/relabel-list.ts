import { createLabels, emptyLabels, type LabelsInput, metricNameLabel } from '../model/labels.js'
import { type EncodedLabels, LabelsBuilder } from '../model/labels-builder.js'
import { type MetricMetadata, MetadataTable } from '../model/metadata.js'
import { PackedSeriesListBuilder, packedOf } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'
import { renameFamily } from './rename-metadata.js'
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
}

/** Relabels lists of series, from bytes to bytes, and remembers, as long as a list lives, what became of it. */
export class ListRelabeler {
  readonly #relabeler: Relabeler
  readonly #external: readonly (readonly [name: string, value: string])[]
  readonly #builder = new LabelsBuilder()
  /** The labels as they were. */
  readonly #before = new LabelsBuilder()
  /** Used again for the next list, with its memory. */
  readonly #after = new PackedSeriesListBuilder()
  readonly #known = new WeakMap<SeriesList, RelabeledList>()
  readonly #metadata = new MetadataTable()

  constructor(options: ListRelabelerOptions) {
    this.#relabeler = options.relabeler
    const external = createLabels(options.externalLabels ?? emptyLabels)
    this.#external = Array.from({ length: external.length }, (_, i) => [external.nameAt(i), external.valueAt(i)])
  }

  relabel(list: SeriesList): RelabeledList {
    const known = this.#known.get(list)
    if (known !== undefined) return known
    const relabeled = this.#relabelNew(list)
    this.#known.set(list, relabeled)
    return relabeled
  }

  #relabelNew(list: SeriesList): RelabeledList {
    const before = packedOf(list)
    const after = this.#after
    const rows: number[] = []
    let isChanged = false
    let start = 0
    let row = 0
    for (const { metadata, end } of before.families) {
      for (; row < end; row++) {
        const labels = { bytes: before.bytes, start, end: before.ends[row]! }
        start = labels.end
        const edited = this.#edit(labels)
        const isSame = edited !== undefined && isUnchanged(edited, labels)
        if (!isSame && !isChanged) {
          // Up to here the lists are the same, as most are to their end.
          after.addRows(before, 0, row)
          isChanged = true
        }
        if (edited === undefined) continue
        if (isChanged) after.add(isSame ? metadata : this.#rename(metadata, labels), edited)
        rows.push(row)
      }
    }
    if (!isChanged) return { series: list }
    const series = after.build({ automatic: list.automatic ?? false })
    return rows.length < before.length ? { series, rows: Uint32Array.from(rows) } : { series }
  }

  /** The labels after the rules; undefined where they are dropped, or none is left. */
  #edit(labels: EncodedLabels): EncodedLabels | undefined {
    const builder = this.#builder.resetTo(labels)
    for (const [name, value] of this.#external) if (!builder.has(name)) builder.set(name, value)
    if (!this.#relabeler.edit(builder)) return undefined
    const edited = builder.encode()
    return edited.start === edited.end ? undefined : edited
  }

  /** The metadata of labels that were edited just now. A family of which some series change keeps its one object. */
  #rename(metadata: MetricMetadata, before: EncodedLabels): MetricMetadata {
    const from = this.#before.resetTo(before).get(metricNameLabel)
    const renamed = renameFamily(metadata, { from, to: this.#builder.get(metricNameLabel) })
    return renamed === metadata ? metadata : this.#metadata.intern(renamed)
  }
}

function isUnchanged(after: EncodedLabels, before: EncodedLabels): boolean {
  if (after.bytes === before.bytes) return true
  const length = before.end - before.start
  if (after.end - after.start !== length) return false
  for (let i = 0; i < length; i++) if (after.bytes[after.start + i] !== before.bytes[before.start + i]) return false
  return true
}

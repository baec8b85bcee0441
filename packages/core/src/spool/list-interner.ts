import type { Labels } from '../model/labels.js'
import { type MetricMetadata, MetadataTable } from '../model/metadata.js'
import { type Series, seriesHash } from '../model/series.js'
import { createSeriesList, type SeriesList } from '../model/series-list.js'
import { SeriesTable } from '../model/series-table.js'

/** Series that readers did not meet in this many segments go: what they need of one, they meet again in each. */
const keptSegments = 4
/** Below this many lists, looking for those that are gone is not worth it. */
const minSweep = 1024

/**
 * Gives lists of equal content one identity, across segments, cursors and what is appended, so that what encoders keep per list serves
 * what comes from the disk as well. Lists are held weakly; series that only readers know are let go as they move on.
 */
export class ListInterner {
  readonly #lists = new Map<number, WeakRef<SeriesList>[]>()
  readonly #adopted = new WeakSet<SeriesList>()
  #metadata = new MetadataTable()
  #series = new SeriesTable({ maxIdleMs: keptSegments })
  #readers = 0
  #segments = 0
  #count = 0
  #sweepAt = minSweep

  /** A list that is appended: from now on it is the one of its content, unless another is already. */
  adopt(list: SeriesList): void {
    if (this.#adopted.has(list)) return
    this.#adopted.add(list)
    const hash = hashList(list)
    if (this.#find(hash, list) === undefined) this.#add(hash, list)
  }

  /** The list of this content: one that is known, or the one given. */
  intern(list: SeriesList): SeriesList {
    const hash = hashList(list)
    const known = this.#find(hash, list)
    if (known !== undefined) return known
    this.#add(hash, list)
    return list
  }

  /** A list of series, as `intern` gives it. */
  listOf(series: readonly Series[], automatic: boolean): SeriesList {
    return this.intern(createSeriesList(series, { automatic }))
  }

  series(labels: Labels, metadata: MetricMetadata): Series {
    return this.#series.intern(labels, metadata, this.#segments)
  }

  metadata(metadata: MetricMetadata): MetricMetadata {
    return this.#metadata.intern(metadata)
  }

  /** A reader begins a segment. */
  beginReading(): void {
    this.#readers++
    this.#segments++
    this.#series.sweep(this.#segments)
  }

  /** A reader is done with a segment. Without readers, series and metadata go with the lists that hold them. */
  endReading(): void {
    if (--this.#readers > 0) return
    this.#series = new SeriesTable({ maxIdleMs: keptSegments })
    this.#metadata = new MetadataTable()
  }

  #find(hash: number, list: SeriesList): SeriesList | undefined {
    for (const ref of this.#lists.get(hash) ?? []) {
      const known = ref.deref()
      if (known !== undefined && equalLists(known, list)) return known
    }
    return undefined
  }

  #add(hash: number, list: SeriesList): void {
    const refs = this.#lists.get(hash)
    if (refs === undefined) this.#lists.set(hash, [new WeakRef(list)])
    else refs.push(new WeakRef(list))
    if (++this.#count >= this.#sweepAt) this.#sweep()
  }

  #sweep(): void {
    this.#count = 0
    for (const [hash, refs] of this.#lists) {
      const alive = refs.filter((ref) => ref.deref() !== undefined)
      if (alive.length === 0) this.#lists.delete(hash)
      else this.#lists.set(hash, alive)
      this.#count += alive.length
    }
    this.#sweepAt = Math.max(minSweep, 2 * this.#count)
  }
}

function hashList(list: SeriesList): number {
  let hash = list.length
  for (let i = 0; i < list.length; i++) hash = Math.imul(hash ^ seriesHash(list.at(i)), 0x01000193)
  return hash >>> 0
}

function equalLists(a: SeriesList, b: SeriesList): boolean {
  if (a === b) return true
  if (a.length !== b.length || (a.automatic ?? false) !== (b.automatic ?? false)) return false
  for (let i = 0; i < a.length; i++) if (!equalSeries(a.at(i), b.at(i))) return false
  return true
}

function equalSeries(a: Series, b: Series): boolean {
  return a === b || (a.labels.equals(b.labels) && equalMetadata(a.metadata, b.metadata))
}

function equalMetadata(a: MetricMetadata, b: MetricMetadata): boolean {
  return a === b || (a.name === b.name && a.type === b.type && a.help === b.help && a.unit === b.unit)
}

import { crc32 } from 'node:zlib'
import { type MetricMetadata, MetadataTable } from '../model/metadata.js'
import { equalSeriesLists, type PackedSeriesList, packedOf } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'

/** Below this many lists, looking for those that are gone is not worth it. */
const minSweep = 1024

/**
 * Gives lists of equal content one identity, across segments, cursors and what is appended, so that what encoders keep per list serves
 * what comes from the disk as well. Lists are held weakly.
 */
export class ListInterner {
  readonly #lists = new Map<number, WeakRef<SeriesList>[]>()
  #metadata = new MetadataTable()
  #readers = 0
  #count = 0
  #sweepAt = minSweep

  /** A list that is appended, and its packed form: from now on it is the one of its content, unless another is already. */
  adopt(list: SeriesList, packed: PackedSeriesList): void {
    const hash = hashList(packed)
    if (this.#find(hash, packed) === undefined) this.#add(hash, list)
  }

  /** The list of this content: one that is known, or the one given. */
  intern(list: PackedSeriesList): SeriesList {
    const hash = hashList(list)
    const known = this.#find(hash, list)
    if (known !== undefined) return known
    this.#add(hash, list)
    return list
  }

  metadata(metadata: MetricMetadata): MetricMetadata {
    return this.#metadata.intern(metadata)
  }

  /** A reader begins a segment. */
  beginReading(): void {
    this.#readers++
  }

  /** A reader is done with a segment. Without readers, metadata goes with the lists that hold it. */
  endReading(): void {
    if (--this.#readers === 0) this.#metadata = new MetadataTable()
  }

  #find(hash: number, list: PackedSeriesList): SeriesList | undefined {
    for (const ref of this.#lists.get(hash) ?? []) {
      const known = ref.deref()
      if (known !== undefined && equalSeriesLists(packedOf(known), list)) return known
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

/** The system's own function, for it is ten times as fast as one of ours: what is found is compared in any case. */
function hashList(list: PackedSeriesList): number {
  return crc32(list.bytes)
}

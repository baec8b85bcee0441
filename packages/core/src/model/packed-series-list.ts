import { copyRange, rangeIsAt, type ViewRange } from './byte-range.js'
import { hashBytes, viewOf } from './bytes.js'
import { labelsFromBytes } from './labels.js'
import { LastView } from './last-view.js'
import { equalMetadata, type MetricMetadata } from './metadata.js'
import { groupHashOf, type Series } from './series.js'
import type { SeriesList } from './series-list.js'

/** Neighbours in a list with the same metadata: those from the end of the run before up to `end`, exclusive. */
export interface FamilyRun {
  readonly metadata: MetricMetadata
  readonly end: number
}

/**
 * A list whose series are kept as bytes: their label sets back to back, and their metadata once for each run of neighbours. Objects are
 * made when they are asked for, so that a series costs its labels and four bytes. Who reads many rows reads the bytes.
 */
export class PackedSeriesList implements SeriesList {
  /** The label sets, each as in `Labels.bytes`. Never write to it. */
  readonly bytes: Uint8Array
  /** Of the same bytes, for those who read four at a time. */
  readonly view: DataView
  /** Where the labels of series `i` end in `bytes`; those of the next begin there. */
  readonly ends: Uint32Array
  /** In order; the last one ends where the list ends. */
  readonly families: readonly FamilyRun[]
  declare readonly automatic?: true

  constructor(packed: Pick<PackedSeriesList, 'bytes' | 'ends' | 'families'>, automatic = false) {
    this.bytes = packed.bytes
    this.view = viewOf(packed.bytes)
    this.ends = packed.ends
    this.families = packed.families
    if (automatic) this.automatic = true
    Object.freeze(this)
  }

  get length(): number {
    return this.ends.length
  }

  /** Where the labels of series `i` begin in `bytes`; for the length of the list, where they end. */
  startOf(i: number): number {
    return i === 0 ? 0 : this.ends[i - 1]!
  }

  /** Whether the labels of series `i` are these. */
  holds(i: number, labels: ViewRange): boolean {
    const start = this.startOf(i)
    return this.ends[i]! - start === labels.end - labels.start && rangeIsAt(this.view, start, labels)
  }

  metadataAt(i: number): MetricMetadata {
    // A list seldom has more than a few families.
    for (const { metadata, end } of this.families) if (i < end) return metadata
    throw new RangeError(`series ${i} of ${this.length}`)
  }

  at(i: number): Series {
    if (!(i >= 0 && i < this.length)) throw new RangeError(`series ${i} of ${this.length}`)
    return { labels: labelsFromBytes(this.bytes.subarray(this.startOf(i), this.ends[i])), metadata: this.metadataAt(i) }
  }
}

const noBytes = new Uint8Array(0)
const noView = viewOf(noBytes)
const noEnds = new Uint32Array(0)
/** The least that a builder takes once it is used, in series, each of some hundred bytes. */
const minRoom = 16
const minBytes = 2048

/** Gathers series for a packed list. May be used again after `build`. */
export class PackedSeriesListBuilder {
  #bytes: Uint8Array = noBytes
  #view: DataView = noView
  #size = 0
  #ends: Uint32Array = noEnds
  #length = 0
  #families: FamilyRun[] = []
  /** Of the series that were added last. */
  #metadata: MetricMetadata | undefined
  /** Where series come from. */
  readonly #source = new LastView()

  /** Number of series so far. */
  get length(): number {
    return this.#length
  }

  /** Bytes that it has room for. */
  get room(): number {
    return this.#bytes.length
  }

  /** A series whose labels stand in `bytes` from `start` to `end`, exclusive, as in `Labels.bytes`. They are copied. */
  add(metadata: MetricMetadata, labels: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }): void {
    const { bytes, start, end } = labels
    this.#begin(metadata)
    this.#reserve(end - start, 1)
    this.#size = copyRange({ view: this.#source.of(bytes), start, end }, this.#view, this.#size)
    this.#ends[this.#length++] = this.#size
  }

  /** Whether the labels of series `i` are these. */
  holds(i: number, labels: ViewRange): boolean {
    const start = i === 0 ? 0 : this.#ends[i - 1]!
    return this.#ends[i]! - start === labels.end - labels.start && rangeIsAt(this.#view, start, labels)
  }

  /** Series `from` to `to`, exclusive, of another list. */
  addRows(list: PackedSeriesList, from: number, to: number): void {
    if (from === to) return
    const start = list.startOf(from)
    const end = list.startOf(to)
    const shift = this.#size - start
    this.#reserve(end - start, to - from)
    this.#bytes.set(list.bytes.subarray(start, end), this.#size)
    this.#size += end - start
    let i = from
    for (const family of list.families) {
      if (family.end <= i) continue
      this.#begin(family.metadata)
      for (const familyEnd = Math.min(family.end, to); i < familyEnd; i++) this.#ends[this.#length++] = list.ends[i]! + shift
      if (i === to) break
    }
  }

  /**
   * The list, at the size that it needs.
   *
   * @param options.intern gives families that are known already for equal ones
   */
  build(
    options: { readonly automatic?: boolean; readonly intern?: (families: readonly FamilyRun[]) => readonly FamilyRun[] } = {},
  ): PackedSeriesList {
    this.#begin(undefined)
    const families = options.intern?.(this.#families) ?? this.#families
    const packed = { bytes: this.#bytes.slice(0, this.#size), ends: this.#ends.slice(0, this.#length), families }
    this.#size = 0
    this.#length = 0
    this.#families = []
    this.#source.forget()
    return new PackedSeriesList(packed, options.automatic)
  }

  /** The next series have this metadata. */
  #begin(metadata: MetricMetadata | undefined): void {
    if (metadata === this.#metadata) return
    if (this.#metadata !== undefined) this.#families.push({ metadata: this.#metadata, end: this.#length })
    this.#metadata = metadata
  }

  #reserve(bytes: number, series: number): void {
    if (this.#size + bytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(minBytes, 2 * (this.#size + bytes)))
      grown.set(this.#bytes.subarray(0, this.#size))
      this.#bytes = grown
      this.#view = viewOf(grown)
    }
    if (this.#length + series > this.#ends.length) {
      const grown = new Uint32Array(Math.max(minRoom, 2 * (this.#length + series)))
      grown.set(this.#ends.subarray(0, this.#length))
      this.#ends = grown
    }
  }
}

/** The packed form of a list: itself where it is packed. Not kept: who needs it again and again keeps it. */
export function packedOf(list: SeriesList): PackedSeriesList {
  if (list instanceof PackedSeriesList) return list
  const builder = new PackedSeriesListBuilder()
  for (let i = 0; i < list.length; i++) {
    const { labels, metadata } = list.at(i)
    builder.add(metadata, { bytes: labels.bytes, start: 0, end: labels.bytes.length })
  }
  return builder.build({ automatic: list.automatic ?? false })
}

/** Hash of the labels of series `i`: equal to `seriesHash(list.at(i))`. */
export function labelsHashAt(list: PackedSeriesList, i: number): number {
  return hashBytes(list.bytes, { start: list.startOf(i), end: list.ends[i]! })
}

/** Equal to `groupHash(list.at(i))`. */
export function groupHashAt(list: PackedSeriesList, i: number): number {
  return groupHashOf({ bytes: list.bytes, start: list.startOf(i), end: list.ends[i]! }, list.metadataAt(i).name)
}

/** Whether two lists hold the same series, by content. Metadata is compared by content as well. */
export function equalSeriesLists(a: PackedSeriesList, b: PackedSeriesList): boolean {
  if (a === b) return true
  if (a.length !== b.length || a.bytes.length !== b.bytes.length || a.automatic !== b.automatic) return false
  if (Buffer.compare(a.bytes, b.bytes) !== 0) return false
  for (let i = 0; i < a.length; i++) if (a.ends[i] !== b.ends[i]) return false
  return equalFamilies(a, b)
}

function equalFamilies(a: PackedSeriesList, b: PackedSeriesList): boolean {
  let start = 0
  for (const { metadata, end } of a.families) {
    // A run of one list may be several of the other, where equal metadata is not one object.
    for (let i = start; i < end; ) {
      const other = b.families.find((run) => i < run.end)!
      if (!equalMetadata(metadata, other.metadata)) return false
      i = Math.min(end, other.end)
    }
    start = end
  }
  return true
}

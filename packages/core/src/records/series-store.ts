import { PromlineError } from '../model/errors.js'
import type { MetricMetadata } from '../model/metadata.js'
import { type FamilyRun, PackedSeriesList } from '../model/packed-series-list.js'

/** Numbers that are kept of a series: index of its record, where its labels begin there and end, index of its metadata. */
const stride = 4
/** Series for which there is room at the beginning. */
const initialSeries = 256

/** The series that a reader has met in a segment, as bytes of the records that they stood in. */
export class SeriesStore {
  /** By id: which one it is. */
  readonly #indexes = new Map<number, number>()
  readonly #records: Uint8Array[] = []
  readonly #metadata: MetricMetadata[] = []
  #places = new Int32Array(stride * initialSeries)

  has(id: number): boolean {
    return this.#indexes.has(id)
  }

  /** Keeps the bytes of a record, which must not change, for series that `add` finds in it. */
  addRecord(bytes: Uint8Array): void {
    this.#records.push(bytes)
  }

  /** Adds a series whose labels stand in the last record from `start` to `end`, exclusive. */
  add(id: number, metadata: MetricMetadata, { start, end }: { readonly start: number; readonly end: number }): void {
    const at = stride * this.#indexes.size
    if (at === this.#places.length) {
      const grown = new Int32Array(2 * at)
      grown.set(this.#places)
      this.#places = grown
    }
    this.#indexes.set(id, this.#indexes.size)
    // Series of a family stand together.
    if (this.#metadata.at(-1) !== metadata) this.#metadata.push(metadata)
    this.#places[at] = this.#records.length - 1
    this.#places[at + 1] = start
    this.#places[at + 2] = end
    this.#places[at + 3] = this.#metadata.length - 1
  }

  /** A list of series, by their ids. Throws a PromlineError (`decode`) where one is missing. */
  listOf(listId: number, ids: readonly number[], automatic: boolean): PackedSeriesList {
    const places = ids.map((id) => this.#placeOf(id, listId))
    let size = 0
    for (const at of places) size += this.#places[at + 2]! - this.#places[at + 1]!
    const bytes = new Uint8Array(size)
    const ends = new Uint32Array(ids.length)
    const families: FamilyRun[] = []
    let end = 0
    for (const [i, at] of places.entries()) {
      const record = this.#records[this.#places[at]!]!
      const to = this.#places[at + 2]!
      for (let from = this.#places[at + 1]!; from < to; from++) bytes[end++] = record[from]!
      ends[i] = end
      addToFamily(families, this.#metadata[this.#places[at + 3]!]!, i + 1)
    }
    return new PackedSeriesList({ bytes, ends, families }, automatic)
  }

  /** Where the numbers of a series begin. */
  #placeOf(id: number, listId: number): number {
    const index = this.#indexes.get(id)
    if (index === undefined) throw new PromlineError('decode', `series ${id} of list ${listId} is not in the dictionary`)
    return stride * index
  }
}

function addToFamily(families: FamilyRun[], metadata: MetricMetadata, end: number): void {
  if (families.at(-1)?.metadata === metadata) families.pop()
  families.push({ metadata, end })
}

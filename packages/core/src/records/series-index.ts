import { hashRange, rangeIsAt } from '../model/byte-range.js'
import { viewOf } from '../model/bytes.js'
import { equalMetadata } from '../model/metadata.js'
import { PackedSeriesList } from '../model/packed-series-list.js'
import { PlaceIndex } from '../model/place-index.js'
import type { SeriesList } from '../model/series-list.js'

/** With fewer lists, looking for those that are gone is not worth it. */
const minPrune = 1024
/** The ids of a list's series. The list itself is held weakly. */
export interface ListPlace {
  readonly list: WeakRef<SeriesList>
  /** Number of series 0. All series of all lists are numbered through, and no number is given out twice. */
  readonly firstNumber: number
  readonly length: number
  /** Id of series 0. New series have ids that follow it, so that most lists need no `ids`. */
  firstId: number
  ids: Int32Array | undefined
}

/** Id of series `i`. */
export function seriesIdAt(place: ListPlace, i: number): number {
  return place.ids === undefined ? place.firstId + i : place.ids[i]!
}

/**
 * Finds the id of a series by its content, at 10 to 20 bytes a series: a hash, and the number of a series in a list that holds the
 * content. What is found is always compared. Where the list is gone from the process its series count as unknown: they get new ids,
 * which costs their bytes.
 */
export class SeriesIndex {
  /** The numbers of series. */
  readonly #index = new PlaceIndex()
  /** In the order of their numbers. */
  #places: ListPlace[] = []
  #end = 0
  /** With so many lists, those that are gone are let go of. */
  #pruneAt = minPrune
  /** Whether the index has numbers of lists that were let go of. */
  #isStale = false
  /** The list whose series are being taken in. */
  #place: ListPlace | undefined
  #list: PackedSeriesList | undefined
  /** Where a series was looked at last, and its list: what stood beside it stands there as well, most often. */
  #seenPlace: ListPlace | undefined
  #seenList: SeriesList | undefined

  /** The number that comes next: a place to which `truncate` goes back. */
  get end(): number {
    return this.#end
  }

  /** Begins a list, whose packed form this is. `take` is then called for all its series, in order, and `finish`. */
  begin(list: SeriesList, packed: PackedSeriesList): ListPlace {
    if (this.#places.length >= this.#pruneAt) this.#prune()
    const place = { list: new WeakRef(list), firstNumber: this.#end, length: packed.length, firstId: 0, ids: undefined }
    this.#end += packed.length
    this.#places.push(place)
    this.#place = place
    this.#list = packed
    return place
  }

  /** The id of series `i` of the list that was begun: the one that it has, or else the one that is free. */
  take(i: number, freeId: number): number {
    const list = this.#list
    const place = this.#place
    if (list === undefined || place === undefined) throw new Error('take before begin')
    const hash = hashRange(list.view, list.startOf(i), list.ends[i]!)
    const number = place.firstNumber + i
    let id = 0
    for (let known = this.#index.first(hash); known >= 0; known = this.#index.next()) {
      id = this.#idAt(known, i)
      if (id !== 0) break
    }
    // The list that came last is the one that will live longest.
    if (id !== 0) this.#index.replace(number)
    else this.#add(hash, number)
    if (id <= 0) id = freeId
    setId(place, i, id)
    return id
  }

  /** The list is complete, or given up. */
  finish(): void {
    this.#place = undefined
    this.#list = undefined
    this.#seenPlace = undefined
    this.#seenList = undefined
  }

  /** Forgets the lists that came since `end` was this. Their numbers are not given out again: what still bears one is unknown. */
  truncate(end: number): void {
    this.finish()
    this.#isStale = true
    while ((this.#places.at(-1)?.firstNumber ?? -1) >= end) this.#places.pop()
  }

  /** The id of the series with a number where it is series `i` of the list that was begun; 0 where it is another, -1 where it is gone. */
  #idAt(number: number, i: number): number {
    let place = this.#seenPlace
    if (place === undefined || number < place.firstNumber || number >= place.firstNumber + place.length) {
      place = this.#placeOf(number)
      if (place === undefined) return -1
      const list = place === this.#place ? this.#list : place.list.deref()
      if (list === undefined) return -1
      this.#seenPlace = place
      this.#seenList = list
    }
    const row = number - place.firstNumber
    return holdsSeries(this.#seenList!, row, { list: this.#list!, row: i }) ? seriesIdAt(place, row) : 0
  }

  /** The list of a series; undefined where it was forgotten. */
  #placeOf(number: number): ListPlace | undefined {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#places[middle]!.firstNumber <= number) low = middle + 1
      else high = middle
    }
    const place = this.#places[low - 1]
    return place !== undefined && number - place.firstNumber < place.length ? place : undefined
  }

  #prune(): void {
    const alive = this.#places.filter((place) => place === this.#place || place.list.deref() !== undefined)
    if (alive.length < this.#places.length) this.#isStale = true
    this.#places = alive
    this.#pruneAt = Math.max(minPrune, 2 * this.#places.length)
  }

  #add(hash: number, number: number): void {
    if (this.#index.isFull) {
      this.#prune()
      if (this.#isStale) this.#index.retain((known) => this.#placeOf(known) !== undefined)
      this.#isStale = false
    }
    this.#index.add(hash, number)
  }
}

/** Ids are kept one by one from the first that does not follow the one before. */
function setId(place: ListPlace, i: number, id: number): void {
  if (i === 0) place.firstId = id
  else if (place.ids === undefined && id !== place.firstId + i) {
    place.ids = new Int32Array(place.length)
    for (let before = 0; before < i; before++) place.ids[before] = place.firstId + before
  }
  if (place.ids !== undefined) place.ids[i] = id
}

/** Whether a list has in one row what another has in one of its own. */
function holdsSeries(known: SeriesList, row: number, other: { readonly list: PackedSeriesList; readonly row: number }): boolean {
  const { list } = other
  const labels = { view: list.view, start: list.startOf(other.row), end: list.ends[other.row]! }
  if (known instanceof PackedSeriesList) return known.holds(row, labels) && equalMetadata(known.metadataAt(row), list.metadataAt(other.row))
  const series = known.at(row)
  const { bytes } = series.labels
  const isSame = bytes.length === labels.end - labels.start && rangeIsAt(viewOf(bytes), 0, labels)
  return isSame && equalMetadata(series.metadata, list.metadataAt(other.row))
}

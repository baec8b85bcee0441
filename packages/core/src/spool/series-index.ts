import { hashRange, rangeIsAt } from '../model/byte-range.js'
import { viewOf } from '../model/bytes.js'
import { equalMetadata } from '../model/metadata.js'
import { PackedSeriesList } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'

/** Slots at the beginning: enough for a small target, 8 KiB. */
const initialSlots = 1024
/** Slots that are taken, at most: beyond four fifths looking for what is not there takes more than ten steps. */
const maxLoad = 0.8
/** With fewer lists, looking for those that are gone is not worth it. */
const minPrune = 1024
/** A table is made anew for what lives, so that it is less than half full. */
const freshLoad = 0.45

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
  #hashes = new Int32Array(initialSlots)
  /** 1 + the number of a series; 0: free. */
  #numbers = new Int32Array(initialSlots)
  #taken = 0
  /** In the order of their numbers. */
  #places: ListPlace[] = []
  #end = 0
  /** With so many lists, those that are gone are let go of. */
  #pruneAt = minPrune
  /** Whether lists were let go of since the table was made. */
  #isStale = false
  /** The list whose series are being taken in. */
  #place: ListPlace | undefined
  #list: PackedSeriesList | undefined

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
    if (this.#taken >= this.#numbers.length * maxLoad) this.#renew()
    const hash = hashRange(list.view, list.startOf(i), list.ends[i]!)
    const mask = this.#numbers.length - 1
    let slot = hash & mask
    let id = 0
    for (; this.#numbers[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue
      const known = this.#idAt(this.#numbers[slot]! - 1, i)
      if (known === 0) continue
      id = known
      break
    }
    if (this.#numbers[slot] === 0) this.#taken++
    this.#hashes[slot] = hash
    // The list that came last is the one that will live longest.
    this.#numbers[slot] = 1 + place.firstNumber + i
    if (id <= 0) id = freeId
    setId(place, i, id)
    return id
  }

  /** The list is complete, or given up. */
  finish(): void {
    this.#place = undefined
    this.#list = undefined
  }

  /** Forgets the lists that came since `end` was this. Their numbers are not given out again: what still bears one is unknown. */
  truncate(end: number): void {
    this.finish()
    this.#isStale = true
    while ((this.#places.at(-1)?.firstNumber ?? -1) >= end) this.#places.pop()
  }

  /** The id of the series with a number where it is series `i` of the list that was begun; 0 where it is another, -1 where it is gone. */
  #idAt(number: number, i: number): number {
    const place = this.#placeOf(number)
    if (place === undefined) return -1
    const list = place === this.#place ? this.#list : place.list.deref()
    if (list === undefined) return -1
    const row = number - place.firstNumber
    return holdsSeries(list, row, { list: this.#list!, row: i }) ? seriesIdAt(place, row) : 0
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

  /** Makes a table for what lives, twice as large where that is nearly all. */
  #renew(): void {
    this.#prune()
    const hashes = this.#hashes
    const numbers = this.#numbers
    if (this.#isStale) this.#taken -= this.#dropStale(numbers)
    let slots = initialSlots
    while (this.#taken > slots * freshLoad) slots *= 2
    this.#hashes = new Int32Array(slots)
    this.#numbers = new Int32Array(slots)
    for (let slot = 0; slot < numbers.length; slot++) if (numbers[slot] !== 0) this.#put(hashes[slot]!, numbers[slot]!)
  }

  /** Drops what nobody has any more; returns how much that was. */
  #dropStale(numbers: Int32Array): number {
    let dropped = 0
    for (let slot = 0; slot < numbers.length; slot++) {
      if (numbers[slot] === 0 || this.#placeOf(numbers[slot]! - 1) !== undefined) continue
      numbers[slot] = 0
      dropped++
    }
    this.#isStale = false
    return dropped
  }

  #put(hash: number, number: number): void {
    const mask = this.#numbers.length - 1
    let slot = hash & mask
    while (this.#numbers[slot] !== 0) slot = (slot + 1) & mask
    this.#hashes[slot] = hash
    this.#numbers[slot] = number
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

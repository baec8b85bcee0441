import { hashRange } from './byte-range.js'
import { type PackedSeriesList, packedOf } from './packed-series-list.js'
import { PlaceIndex } from './place-index.js'
import type { SeriesList } from './series-list.js'

/** Stands for lists of which no two share a series. Lists never change, so this stays true. */
type Family = object

/** The last family of each list. Lists come again scrape after scrape, and go with their pages. */
const families = new WeakMap<SeriesList, Family>()

/** Remembers what the caller knows: that each series stands once in all of these lists, as it does in those of one page. */
export function markDisjoint(lists: readonly SeriesList[]): void {
  // Lists that went are not known to share nothing with those that came: what is there now is a family of its own.
  if (strangersOf(lists).size > 0) join(lists)
}

/**
 * Whether each series stands once in all of these lists, told by its labels. What was found is remembered: of lists that were asked for
 * together before nothing is read, and of new ones among them only these are compared with the others.
 */
export function areDisjoint(lists: ReadonlySet<SeriesList>): boolean {
  const strangers = strangersOf(lists)
  // Nearly always: a page is the one before.
  if (strangers.size === 0) return true
  const rows = new RowIndex()
  for (const list of strangers) if (!rows.add(packedOf(list))) return false
  for (const list of lists) if (!strangers.has(list) && rows.hasAnyOf(packedOf(list))) return false
  join(lists)
  return true
}

function join(lists: Iterable<SeriesList>): void {
  const family: Family = {}
  for (const list of lists) families.set(list, family)
}

/** The lists that are not of one family with the first that has one. */
function strangersOf(lists: Iterable<SeriesList>): Set<SeriesList> {
  const strangers = new Set<SeriesList>()
  let known: Family | undefined
  for (const list of lists) {
    const family = families.get(list)
    known ??= family
    if (family === undefined || family !== known) strangers.add(list)
  }
  return strangers
}

/** The series of some lists, by their labels. */
class RowIndex {
  readonly #places = new PlaceIndex()
  /** Each with the place of its first series. */
  readonly #lists: { readonly list: PackedSeriesList; readonly start: number }[] = []
  /** 1 for sizes of labels that are there, by their last eight bits: where a few series are, most others need not be read. */
  readonly #sizes = new Uint8Array(256)
  #length = 0

  /** Takes the series of a list; false where one is there already. */
  add(list: PackedSeriesList): boolean {
    this.#lists.push({ list, start: this.#length })
    for (let i = 0; i < list.length; i++) {
      const hash = labelsHash(list, i)
      if (this.#has(list, i, hash)) return false
      this.#places.add(hash, this.#length++)
      this.#sizes[labelsSize(list, i) & 0xff] = 1
    }
    return true
  }

  /** Whether a series of a list is there. */
  hasAnyOf(list: PackedSeriesList): boolean {
    for (let i = 0; i < list.length; i++) {
      if (this.#sizes[labelsSize(list, i) & 0xff] === 1 && this.#has(list, i, labelsHash(list, i))) return true
    }
    return false
  }

  #has(list: PackedSeriesList, row: number, hash: number): boolean {
    for (let place = this.#places.first(hash); place >= 0; place = this.#places.next()) {
      const holder = this.#lists.findLast(({ start }) => start <= place)!
      const labels = { view: list.view, start: list.startOf(row), end: list.ends[row]! }
      if (holder.list.holds(place - holder.start, labels)) return true
    }
    return false
  }
}

function labelsSize(list: PackedSeriesList, row: number): number {
  return list.ends[row]! - list.startOf(row)
}

function labelsHash(list: PackedSeriesList, row: number): number {
  return hashRange(list.view, list.startOf(row), list.ends[row]!)
}

import { hashRange } from '../model/byte-range.js'
import { type PackedSeriesList, packedOf } from '../model/packed-series-list.js'
import { PlaceIndex } from '../model/place-index.js'
import type { SeriesList } from '../model/series-list.js'

/** Stands for lists that were found to have each series once, all together. */
type Family = object

/** What is known of a list that was looked at. */
interface Known {
  /** Of the labels of each series. Four bytes a series, so that a list that is new is compared with the others at a look-up a series. */
  readonly hashes: Int32Array
  family: Family | undefined
}

/** Lists come again scrape after scrape, and go with their pages. */
const knownLists = new WeakMap<SeriesList, Known>()

/**
 * Whether each series stands once in all of these lists, told by its labels. What was found is remembered: of lists that were asked for
 * together before nothing is read, and of new ones among them only these are compared with the others.
 */
export function areDisjoint(lists: ReadonlySet<SeriesList>): boolean {
  const family = familyOf(lists)
  const strangers = new Set<SeriesList>()
  for (const list of lists) if (family === undefined || knownLists.get(list)?.family !== family) strangers.add(list)
  if (strangers.size === 0) return true
  const rows = new RowIndex()
  for (const list of strangers) if (!rows.add(list)) return false
  for (const list of lists) if (!strangers.has(list) && rows.hasAnyOf(list)) return false
  // Lists that went are not compared with the new ones: those that are left are a family of their own.
  const found: Family = {}
  for (const list of lists) knownOf(list).family = found
  return true
}

/** The family of the first list that has one. */
function familyOf(lists: Iterable<SeriesList>): Family | undefined {
  for (const list of lists) {
    const family = knownLists.get(list)?.family
    if (family !== undefined) return family
  }
  return undefined
}

function knownOf(list: SeriesList): Known {
  const known = knownLists.get(list)
  if (known !== undefined) return known
  const packed = packedOf(list)
  const hashes = new Int32Array(packed.length)
  for (let i = 0; i < hashes.length; i++) hashes[i] = hashRange(packed.view, packed.startOf(i), packed.ends[i]!)
  const created: Known = { hashes, family: undefined }
  knownLists.set(list, created)
  return created
}

/** The series of some lists, by their labels. */
class RowIndex {
  readonly #places = new PlaceIndex()
  /** Each with the place of its first series. */
  readonly #lists: { readonly list: PackedSeriesList; readonly start: number }[] = []
  #size = 0

  /** Takes the series of a list; false where one is there already. */
  add(list: SeriesList): boolean {
    const { hashes } = knownOf(list)
    const packed = packedOf(list)
    this.#lists.push({ list: packed, start: this.#size })
    for (let i = 0; i < hashes.length; i++) {
      if (this.#has(packed, i, hashes[i]!)) return false
      this.#places.add(hashes[i]!, this.#size++)
    }
    return true
  }

  /** Whether a series of a list is there. */
  hasAnyOf(list: SeriesList): boolean {
    const { hashes } = knownOf(list)
    for (let i = 0; i < hashes.length; i++) {
      if (this.#places.first(hashes[i]!) >= 0 && this.#has(packedOf(list), i, hashes[i]!)) return true
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

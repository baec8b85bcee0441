import { equalSeriesLists, type PackedSeriesList } from '../../model/packed-series-list.js'
import type { KnownSegment } from './known-segment.js'

/** What was not on a page for so many is forgotten: ten minutes at the default interval. */
const maxIdlePages = 10
/** Lists that went are kept while they have fewer series than the page, and these. */
const slackSeries = 1000

interface Entry {
  readonly list: PackedSeriesList
  page: number
}

/**
 * The lists of the last pages: a list that equals one of them is that object again, so that what others keep for it is of use once more
 * when series were away for a while.
 */
export class RecentLists {
  readonly #entries = new Map<number, Entry>()
  /** Series of all entries. */
  #series = 0

  /**
   * The list that is known already, or this one.
   *
   * @param hashes those of its series
   * @param page the page that shows it, by number
   */
  intern(list: PackedSeriesList, hashes: Int32Array, page: number): PackedSeriesList {
    let hash = list.length
    for (const one of hashes) hash = (Math.imul(hash, 31) + one) | 0
    const entry = this.#entries.get(hash)
    if (entry === undefined || !equalSeriesLists(entry.list, list)) {
      // What had the same hash is found no longer, which costs little and hardly happens.
      this.#series += list.length - (entry?.list.length ?? 0)
      this.#entries.set(hash, { list, page })
      return list
    }
    entry.page = page
    return entry.list
  }

  /**
   * A page has ended.
   *
   * @param segments what the last good one shows
   */
  sweep(page: number, segments: readonly KnownSegment[]): void {
    const shown = segments.reduce((sum, { rows }) => sum + rows, 0)
    const isOvergrown = this.#series > 2 * shown + slackSeries
    if (!isOvergrown && page % maxIdlePages !== 0) return
    const used = new Set(segments.map(({ list }) => list))
    for (const [hash, entry] of this.#entries) {
      if (used.has(entry.list)) entry.page = page
      else if (isOvergrown || entry.page <= page - maxIdlePages) {
        this.#entries.delete(hash)
        this.#series -= entry.list.length
      }
    }
  }
}

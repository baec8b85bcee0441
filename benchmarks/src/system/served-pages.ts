import { readPage, seriesKey } from '../corpus/read-page.js'

type Pair = readonly [name: string, value: string]

/** What a page shows, or what arrived of one target for one time: a column of values, a place for each series of all pages. */
export interface Scrape {
  /** NaN where there is nothing, or a staleness marker. */
  readonly values: Float64Array
  /** 0 nothing, 1 a value, 2 a staleness marker. */
  readonly seen: Uint8Array
  /** Values. */
  count: number
}

/** The versions of a page that a server gives in turn, read without any subject's help. Made once, for many agents. */
export class ServedPages {
  /** In the order in which they are served. */
  readonly versions: readonly Scrape[]
  readonly #places = new Map<string, number>()

  constructor(pages: readonly Uint8Array[]) {
    const read = pages.map(readPage)
    for (const page of read) for (const key of page.keys()) if (!this.#places.has(key)) this.#places.set(key, this.#places.size)
    this.versions = read.map((page) => {
      const scrape = this.emptyScrape()
      for (const [key, value] of page) putSample(scrape, this.#places.get(key) ?? -1, value)
      return scrape
    })
  }

  /** The place of a series in the columns; undefined for one that no page has. */
  placeOf(name: string, labels: readonly Pair[]): number | undefined {
    return this.#places.get(seriesKey(name, labels))
  }

  /** The series at a place, for messages. */
  keyAt(place: number): string {
    for (const [key, at] of this.#places) if (at === place) return key
    throw new RangeError(`no page has a series ${place}`)
  }

  /** A column of nothing. */
  emptyScrape(): Scrape {
    return { values: new Float64Array(this.#places.size).fill(Number.NaN), seen: new Uint8Array(this.#places.size), count: 0 }
  }
}

/** Writes a value; NaN, which no page of the corpus has, for a staleness marker. */
export function putSample(scrape: Scrape, place: number, value: number): void {
  scrape.seen[place] = Number.isNaN(value) ? 2 : 1
  scrape.values[place] = value
  if (!Number.isNaN(value)) scrape.count++
}

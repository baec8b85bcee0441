import type { SeriesList } from '@promline/core'

/** The rows of a list that are of one cluster; without `rows` all of them. */
export interface Share {
  /** The label's value; '' where it is absent. */
  readonly cluster: string
  /** Stands for the labels of the first row: a list that is renewed because a series came or went mostly begins as before. */
  readonly first: string
  readonly count: number
  readonly rows?: readonly number[]
}

/** What is remembered of a list. */
interface KnownList {
  shares: readonly Share[]
  /** Whether each row was looked at. */
  isExact: boolean
}

/**
 * How lists of series divide by cluster, remembered per list: nearly all come again. A list that comes for the first time is taken to be
 * of its first row's cluster, as lists of an agent are; each row is looked at when it comes again, so that those that never do, of pages
 * whose series come and go, cost next to nothing.
 */
export class ListShares {
  readonly #label: string
  readonly #known = new WeakMap<SeriesList, KnownList>()

  constructor(label: string) {
    this.#label = label
  }

  of(list: SeriesList): readonly Share[] {
    const known = this.#known.get(list)
    if (known === undefined) {
      const shares = list.length === 0 ? [] : [{ cluster: this.#clusterAt(list, 0), first: firstOf(list, 0), count: list.length }]
      this.#known.set(list, { shares, isExact: list.length < 2 })
      return shares
    }
    if (!known.isExact) {
      known.shares = this.#divide(list)
      known.isExact = true
    }
    return known.shares
  }

  #divide(list: SeriesList): readonly Share[] {
    const rowsOf = new Map<string, number[]>()
    for (let row = 0; row < list.length; row++) {
      const cluster = this.#clusterAt(list, row)
      const rows = rowsOf.get(cluster)
      if (rows === undefined) rowsOf.set(cluster, [row])
      else rows.push(row)
    }
    return [...rowsOf].map(([cluster, rows]) => {
      const share = { cluster, first: firstOf(list, rows[0]!), count: rows.length }
      return rowsOf.size === 1 ? share : { ...share, rows }
    })
  }

  #clusterAt(list: SeriesList, row: number): string {
    return list.at(row).labels.get(this.#label) ?? ''
  }
}

function firstOf(list: SeriesList, row: number): string {
  return Buffer.from(list.at(row).labels.bytes).toString('latin1')
}

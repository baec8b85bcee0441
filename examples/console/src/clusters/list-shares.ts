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

/** About ten milliseconds: of a larger batch the other lists are looked at when they come once more. */
const maxRowsABatch = 10_000

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
  #rowsLeft = maxRowsABatch

  constructor(label: string) {
    this.#label = label
  }

  /** A batch begins: so many rows of it may be looked at as there are left then. */
  begin(): void {
    this.#rowsLeft = maxRowsABatch
  }

  of(list: SeriesList): readonly Share[] {
    const known = this.#known.get(list)
    if (known === undefined) {
      const shares = list.length === 0 ? [] : [{ cluster: this.#clusterAt(list, 0), first: firstOf(list, 0), count: list.length }]
      this.#known.set(list, { shares, isExact: list.length < 2 })
      return shares
    }
    if (!known.isExact && this.#rowsLeft > 0) {
      this.#rowsLeft -= list.length
      if (!this.#isOfOne(list, known.shares[0]!.cluster)) known.shares = this.#divide(list)
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
    return [...rowsOf].map(([cluster, rows]) => ({ cluster, first: firstOf(list, rows[0]!), count: rows.length, rows }))
  }

  #isOfOne(list: SeriesList, cluster: string): boolean {
    for (let row = 1; row < list.length; row++) if (this.#clusterAt(list, row) !== cluster) return false
    return true
  }

  #clusterAt(list: SeriesList, row: number): string {
    return list.at(row).labels.get(this.#label) ?? ''
  }
}

function firstOf(list: SeriesList, row: number): string {
  return Buffer.from(list.at(row).labels.bytes).toString('latin1')
}

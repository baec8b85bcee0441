import { groupHash, type Series, seriesHash } from './series.js'
import { defaultMaxIdleMs } from './series-table.js'

/**
 * A frozen, ordered run of series, about 256 and at most 1,024 of them (more only for a histogram or summary that is larger). The same
 * object comes again, scrape after scrape, while its series stay the same, so what is costly can be kept per list in a WeakMap.
 */
export interface SeriesList {
  readonly length: number
  /** The series at `i`, 0 <= i < length. May be made on demand: equal by content, not always by identity. */
  at(i: number): Series
  /** Set on lists of automatic series (`up`, `scrape_*`): they stand in lists of their own. */
  readonly automatic?: true
}

/** A list ends, on average, after this many groups of series. */
const averageListLength = 256
/** A list ends here at the latest, unless a histogram or summary is still running. */
export const maxListLength = 1024

class ArraySeriesList implements SeriesList {
  readonly #series: readonly Series[]
  declare readonly automatic?: true

  constructor(series: readonly Series[], automatic: boolean) {
    this.#series = series
    if (automatic) this.automatic = true
    Object.freeze(this)
  }

  get length(): number {
    return this.#series.length
  }

  at(i: number): Series {
    const series = this.#series[i]
    if (series === undefined) throw new RangeError(`series ${i} of ${this.#series.length}`)
    return series
  }
}

/** A list of these series. The array must not change afterwards. */
export function createSeriesList(series: readonly Series[], options: { automatic?: boolean } = {}): SeriesList {
  return new ArraySeriesList(series, options.automatic ?? false)
}

/** A run of a longer sequence of series, with its list. */
export interface SeriesRun {
  readonly list: SeriesList
  /** Where the run begins in the sequence. */
  readonly start: number
  /** Where it ends, exclusive. */
  readonly end: number
}

interface ListEntry {
  readonly list: SeriesList
  seenMs: number
}

/** Interns lists by content and cuts sequences at content-defined boundaries, so that a series that comes or goes renews one list. */
export class SeriesListTable {
  readonly #buckets = new Map<number, ListEntry[]>()
  readonly #maxIdleMs: number

  constructor(options: { maxIdleMs?: number } = {}) {
    this.#maxIdleMs = options.maxIdleMs ?? defaultMaxIdleMs
  }

  /** The list of exactly these series: the one known already, or a new one. Series are compared by identity. */
  intern(series: readonly Series[], nowMs: number, options: { automatic?: boolean } = {}): SeriesList {
    const automatic = options.automatic ?? false
    const hash = hashSequence(series)
    const bucket = this.#buckets.get(hash) ?? []
    for (const entry of bucket) {
      if ((entry.list.automatic ?? false) === automatic && holds(entry.list, series)) {
        entry.seenMs = nowMs
        return entry.list
      }
    }
    const list = createSeriesList(series, { automatic })
    bucket.push({ list, seenMs: nowMs })
    this.#buckets.set(hash, bucket)
    return list
  }

  /**
   * Cuts a sequence into lists. A boundary depends on the series beside it alone, never on where the sequence began.
   *
   * @param share `labelsShare` of labels that do not count, those of a target: what differs in nothing else is cut alike
   */
  cut(series: readonly Series[], nowMs: number, share = 0): SeriesRun[] {
    const runs: SeriesRun[] = []
    let start = 0
    for (let i = 1; i <= series.length; i++) {
      if (i < series.length && !isListBoundary([series[i - 1]!, series[i]!], i - start, share)) continue
      if (i > start) runs.push({ list: this.intern(series.slice(start, i), nowMs), start, end: i })
      start = i
    }
    return runs
  }

  /** Lets go of lists that were not used for the idle time. */
  sweep(nowMs: number): void {
    for (const [hash, bucket] of this.#buckets) {
      const kept = bucket.filter((entry) => nowMs - entry.seenMs < this.#maxIdleMs)
      if (kept.length === 0) this.#buckets.delete(hash)
      else this.#buckets.set(hash, kept)
    }
  }
}

/**
 * Whether a list ends between two neighbours, the first of which is its `length`th series: where a new group begins whose hash says so,
 * or the list is long enough.
 */
function isListBoundary([before, next]: readonly [Series, Series], length: number, share: number): boolean {
  const group = groupHash(next)
  const sameGroup = group === groupHash(before) && next.metadata === before.metadata
  return !sameGroup && endsList(group, length, share)
}

/** Whether a list of `length` series ends in front of a group with this hash, of which `share` does not count. */
export function endsList(group: number, length: number, share: number): boolean {
  return (group - share) % averageListLength === 0 || length >= maxListLength
}

function hashSequence(series: readonly Series[]): number {
  let hash = series.length
  for (const one of series) hash = Math.imul(hash ^ seriesHash(one), 0x01000193)
  return hash >>> 0
}

function holds(list: SeriesList, series: readonly Series[]): boolean {
  if (list.length !== series.length) return false
  for (let i = 0; i < series.length; i++) if (list.at(i) !== series[i]) return false
  return true
}

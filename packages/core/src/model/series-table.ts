import { hashBytes } from './bytes.js'
import { type Labels, ownLabels } from './labels.js'
import type { MetricMetadata } from './metadata.js'
import { InternedSeries, type Series } from './series.js'

/** Ten minutes: ten scrapes of a slow target, after which a series that comes back is cheap enough to make anew. */
export const defaultMaxIdleMs: number = 10 * 60_000

/**
 * Interns series by labels and metadata. One table per owner (a target, a receiver, a spool's reader): there is no global one, so a
 * table goes with its owner. `metadata` is compared by identity: intern it first.
 */
export class SeriesTable {
  readonly #buckets = new Map<number, InternedSeries[]>()
  readonly #maxIdleMs: number
  #size = 0

  constructor(options: { maxIdleMs?: number } = {}) {
    this.#maxIdleMs = options.maxIdleMs ?? defaultMaxIdleMs
  }

  /** Number of series held. */
  get size(): number {
    return this.#size
  }

  /** @param nowMs any clock that only goes forward; the same one as for `sweep`. */
  intern(labels: Labels, metadata: MetricMetadata, nowMs: number): Series {
    const hash = hashBytes(labels.bytes)
    const bucket = this.#buckets.get(hash)
    if (bucket !== undefined) {
      for (const series of bucket) {
        if (series.metadata === metadata && series.labels.equals(labels)) {
          series.seenMs = nowMs
          return series
        }
      }
    }
    const series = new InternedSeries(ownLabels(labels), metadata, hash)
    series.seenMs = nowMs
    if (bucket === undefined) this.#buckets.set(hash, [series])
    else bucket.push(series)
    this.#size++
    return series
  }

  /** Sees a series of this table again, without looking for it. */
  touch(series: Series, nowMs: number): void {
    if (series instanceof InternedSeries) series.seenMs = nowMs
  }

  /** Whether the table holds this very series. */
  has(series: Series): boolean {
    return series instanceof InternedSeries && (this.#buckets.get(series.hash)?.includes(series) ?? false)
  }

  /** Lets go of what was not seen for the idle time. Returns how many went. */
  sweep(nowMs: number): number {
    const before = this.#size
    for (const [hash, bucket] of this.#buckets) {
      const kept = bucket.filter((series) => nowMs - series.seenMs < this.#maxIdleMs)
      if (kept.length === bucket.length) continue
      this.#size -= bucket.length - kept.length
      if (kept.length === 0) this.#buckets.delete(hash)
      else this.#buckets.set(hash, kept)
    }
    return before - this.#size
  }
}

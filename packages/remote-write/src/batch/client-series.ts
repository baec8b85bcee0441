import { type Labels, metricNameLabel, type Series, SeriesListTable, type SeriesRun, SeriesTable } from '@promline/core'
import { ClientMetadata } from './client-metadata.js'
import type { EnforcedLabels } from './enforced-labels.js'

/** Series of one client that are kept apart from the ten minutes' sweep: about 1 KB each, so 1 GiB at the very most. */
const maxSeries = 1_000_000
/** A sweep looks at every series, so it runs once in this time. */
const sweepEveryMs = 60_000

/**
 * What is remembered of one client: its series and lists, so that a request that repeats them gives the same objects, and the metadata
 * of its families. Forgetting is harmless: identity saves work and means nothing.
 */
export class ClientSeries {
  readonly metadata: ClientMetadata = new ClientMetadata()
  readonly #enforced: EnforcedLabels | undefined
  #series = new SeriesTable()
  #lists = new SeriesListTable()
  #sweptMs: number
  /** When the client was heard last; any clock that only goes forward. */
  seenMs: number
  /** Series, as often as they were interned, in which an enforced label took the place of another value. */
  replaced = 0

  /** @param enforced labels that all of its series get. */
  constructor(nowMs: number, enforced?: EnforcedLabels) {
    this.#enforced = enforced
    this.#sweptMs = nowMs
    this.seenMs = nowMs
  }

  get size(): number {
    return this.#series.size
  }

  intern(sent: Labels): Series {
    const labels = this.#enforced?.join(sent) ?? sent
    if (this.#enforced?.replaced === true) this.replaced++
    return this.#series.intern(labels, this.metadata.find(labels.get(metricNameLabel) ?? ''), this.seenMs)
  }

  /** Cuts a sequence into lists, the known ones where they repeat. */
  cut(series: readonly Series[]): SeriesRun[] {
    return this.#lists.cut(series, this.seenMs)
  }

  /** A list of exactly these. */
  list(series: readonly Series[]): SeriesRun['list'] {
    return this.#lists.intern(series, this.seenMs)
  }

  /** Lets go of what was not seen lately, or of everything where it is too much. */
  sweep(nowMs: number): void {
    this.seenMs = nowMs
    if (this.#series.size > maxSeries) {
      this.#series = new SeriesTable()
      this.#lists = new SeriesListTable()
    } else if (nowMs - this.#sweptMs >= sweepEveryMs) {
      this.#series.sweep(nowMs)
      this.#lists.sweep(nowMs)
    } else return
    this.#sweptMs = nowMs
  }
}

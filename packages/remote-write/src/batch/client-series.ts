import {
  type Labels,
  type MetricMetadata,
  metricNameLabel,
  type Series,
  SeriesListTable,
  type SeriesRun,
  SeriesTable,
} from '@promline/core'
import type { TimeSeries } from '../message/write-request.js'
import { ClientMetadata } from './client-metadata.js'
import type { EnforcedLabels } from './enforced-labels.js'
import { KnownSeries } from './known-series.js'

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
  #known = new KnownSeries()
  /** Whether what is known holds for the request at hand: it does not where that changes metadata. */
  #knownHolds = true
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

  /** Its series by the bytes of their labels, for the decoder. */
  get known(): KnownSeries {
    return this.#known
  }

  /** Takes what a request says of its families. */
  learn(metadata: readonly MetricMetadata[]): void {
    this.#knownHolds = !this.metadata.learn(metadata)
    if (!this.#knownHolds) this.#known = new KnownSeries()
  }

  /** The series of an entry of the request that was learned from last; by its bytes where they are known, else they are from now on. */
  seriesOf({ known, labels, labelBytes }: TimeSeries): Series {
    if (known !== undefined && this.#knownHolds) {
      this.#series.touch(known, this.seenMs)
      return known
    }
    const { replaced } = this
    const series = this.intern(labels)
    // Who says what is not its own is counted every time.
    if (labelBytes !== undefined && this.replaced === replaced) this.#known.add(labelBytes, series)
    return series
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
      this.#known = new KnownSeries()
    } else if (nowMs - this.#sweptMs >= sweepEveryMs) {
      if (this.#series.sweep(nowMs) > 0) this.#known = this.#known.retained((series) => this.#series.has(series))
      this.#lists.sweep(nowMs)
    } else return
    this.#sweptMs = nowMs
  }
}

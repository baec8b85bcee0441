import type { KnownSeries } from './known-series.js'
import type { ScrapeConfig } from './scrape-config.js'
import type { TargetCache } from './target-cache.js'

/** Prometheus' maxAheadTime: a sample that claims to be this much later than now is of a broken clock. */
const maxAheadMs = 10 * 60_000

export type PageConfig = Pick<ScrapeConfig, 'honorTimestamps' | 'trackTimestampsStaleness' | 'sampleLimit'>

export interface PageOptions {
  readonly cache: TargetCache
  readonly config: PageConfig
  /** The scrape's own. */
  readonly timestampMs: number
}

/** Decides, line by line, what becomes of the samples of a page, and counts as Prometheus counts. */
export class PageIntake {
  /** Sample lines. */
  scraped = 0
  /** Of them, those that relabelling left; duplicates and what is over a limit count as well. */
  afterRelabeling = 0
  seriesAdded = 0
  /** Left out of a scrape that succeeds, by reason. */
  readonly dropped = { relabel: 0, duplicate: 0, 'out-of-bounds': 0 }
  /** Of the page. */
  readonly timestampMs: number
  readonly #cache: TargetCache
  readonly #config: PageConfig
  readonly #number: number
  readonly #occurrences = new Map<KnownSeries, number>()
  #appended = 0

  constructor({ cache, config, timestampMs }: PageOptions) {
    this.#cache = cache
    this.#config = config
    this.timestampMs = timestampMs
    this.#number = cache.beginPage()
  }

  /** Above `sample_limit` the scrape has failed, but the page is counted to its end. */
  get isOverLimit(): boolean {
    const { sampleLimit } = this.#config
    return sampleLimit > 0 && this.#appended > sampleLimit
  }

  /** Whether as many samples more are within `sample_limit`. */
  hasRoomFor(samples: number): boolean {
    const { sampleLimit } = this.#config
    return sampleLimit === 0 || this.#appended + samples <= sampleLimit
  }

  /** The timestamp of a line that counts: `undefined` means the scrape's own. */
  explicitOf(timestampMs: number | undefined): number | undefined {
    return this.#config.honorTimestamps ? timestampMs : undefined
  }

  /**
   * Takes the sample of a line, of a series or dropped by relabelling. Returns how many samples of its series the page had before, where
   * it is to be stored; else undefined.
   */
  admit(known: KnownSeries | undefined, explicitMs: number | undefined): number | undefined {
    if (known === undefined) {
      this.dropped.relabel++
      return undefined
    }
    this.afterRelabeling++
    const timestampMs = explicitMs ?? this.timestampMs
    const isRepeated = !this.isFirst(known)
    // Only a later sample of its own time is worth keeping; Prometheus' storage refuses the others one by one.
    if (isRepeated && (explicitMs === undefined || explicitMs <= this.#lastTimestampOf(known))) {
      this.dropped.duplicate++
      return undefined
    }
    this.#appended++
    if (this.isOverLimit) return undefined
    if (timestampMs > this.timestampMs + maxAheadMs) {
      this.dropped['out-of-bounds']++
      return undefined
    }
    if (!isRepeated && this.#cache.isNew(known)) this.seriesAdded++
    const before = isRepeated ? (this.#occurrences.get(known) ?? 1) : 0
    if (isRepeated) this.#occurrences.set(known, before + 1)
    known.page = this.#number
    known.timestampMs = timestampMs
    return before
  }

  /**
   * Takes samples of series that were on the page before, each the first and only one of its own so far, and lines that are known to be
   * dropped.
   */
  admitAll(samples: number, dropped: number): void {
    this.scraped += samples + dropped
    this.afterRelabeling += samples
    this.dropped.relabel += dropped
    this.#appended += samples
  }

  /** Whether the page has shown no sample of a series yet. */
  isFirst(known: KnownSeries): boolean {
    return known.page !== this.#number && known.home?.page !== this.#number
  }

  /** Marks a series, whose sample was taken by `admitAll`, as shown and tracked. */
  mark(known: KnownSeries): void {
    known.page = this.#number
    known.trackedPage = this.#number
    known.timestampMs = this.timestampMs
  }

  /** Of a series that is on the page; in a whole segment it has the page's. */
  #lastTimestampOf(known: KnownSeries): number {
    return known.page === this.#number ? known.timestampMs : this.timestampMs
  }

  /** Whether the sample that was admitted last makes its series one whose end must be marked, and did not before. */
  track(known: KnownSeries, isExplicit: boolean): boolean {
    if ((isExplicit && !this.#config.trackTimestampsStaleness) || known.trackedPage === this.#number) return false
    known.trackedPage = this.#number
    return true
  }
}

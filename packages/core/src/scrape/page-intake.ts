import type { ScrapeConfig } from './scrape-config.js'

/** Prometheus' maxAheadTime: a sample that claims to be this much later than now is of a broken clock. */
const maxAheadMs = 10 * 60_000

export type PageConfig = Pick<ScrapeConfig, 'honorTimestamps' | 'trackTimestampsStaleness' | 'sampleLimit'>

export interface PageOptions {
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
  readonly #config: PageConfig
  #appended = 0

  constructor({ config, timestampMs }: PageOptions) {
    this.#config = config
    this.timestampMs = timestampMs
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

  /** Whether a sample makes its series one whose end must be marked: with an explicit timestamp it usually does not. */
  tracks(explicitMs: number | undefined): boolean {
    return explicitMs === undefined || this.#config.trackTimestampsStaleness
  }

  /**
   * Takes the sample of a line that relabelling left, and returns whether it is to be stored.
   *
   * @param lastMs timestamp of the last sample that its series has on the page; undefined where this is the first
   * @param isNew whether the series counts as added
   */
  admit(explicitMs: number | undefined, lastMs: number | undefined, isNew: boolean): boolean {
    this.afterRelabeling++
    // Only a later sample of its own time is worth keeping; Prometheus' storage refuses the others one by one.
    if (lastMs !== undefined && (explicitMs === undefined || explicitMs <= lastMs)) {
      this.dropped.duplicate++
      return false
    }
    this.#appended++
    if (this.isOverLimit) return false
    if ((explicitMs ?? this.timestampMs) > this.timestampMs + maxAheadMs) {
      this.dropped['out-of-bounds']++
      return false
    }
    if (isNew && lastMs === undefined) this.seriesAdded++
    return true
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
}

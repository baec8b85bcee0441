import type { SampleColumns } from '../model/batch.js'
import { PromlineError } from '../model/errors.js'
import type { Series } from '../model/series.js'
import type { SeriesRun } from '../model/series-list.js'
import { parseTextEntries } from '../text/parse-text.js'
import type { TextEntry } from '../text/text-entry.js'
import type { ScrapeConfig } from './scrape-config.js'
import type { KnownSeries, TargetCache } from './target-cache.js'

/** Prometheus' maxAheadTime: a sample that claims to be this much later than now is of a broken clock. */
const maxAheadMs = 10 * 60_000

type PageConfig = Pick<ScrapeConfig, 'honorTimestamps' | 'trackTimestampsStaleness' | 'sampleLimit'>

export interface PageOptions {
  readonly cache: TargetCache
  readonly config: PageConfig
  /** The scrape's own. */
  readonly timestampMs: number
}

/** Samples of different series, in page order. */
interface Rows {
  readonly series: Series[]
  readonly values: number[]
  /** One a row, from the first explicit timestamp on; undefined while there is none. */
  timestampsMs: number[] | undefined
}

/** What a scrape found, line by line: counted as Prometheus counts, and gathered into columns. */
export class Page {
  /** Sample lines. */
  scraped = 0
  /** Of them, those that relabelling left; duplicates and what is over a limit count as well. */
  afterRelabeling = 0
  seriesAdded = 0
  /** Left out of a scrape that succeeds, by reason. */
  readonly dropped = { relabel: 0, duplicate: 0, 'out-of-bounds': 0 }
  readonly #cache: TargetCache
  readonly #config: PageConfig
  readonly #timestampMs: number
  readonly #number: number
  /** A series' first sample is in the first rows, its second (with a later explicit timestamp) in the second, and so on. */
  readonly #rounds: Rows[] = []
  readonly #occurrences = new Map<KnownSeries, number>()
  readonly #tracked: KnownSeries[] = []
  #appended = 0

  constructor({ cache, config, timestampMs }: PageOptions) {
    this.#cache = cache
    this.#config = config
    this.#timestampMs = timestampMs
    this.#number = cache.beginPage()
  }

  /** Series whose end must be marked when they go. */
  get tracked(): readonly KnownSeries[] {
    return this.#tracked
  }

  /**
   * Reads a body. Throws a PromlineError whose facts `line` and `column` are the place, where there is one: `parse`, or `limit` for a limit
   * of labels or samples. What was gathered is void then, but the counts stand.
   */
  read(body: Uint8Array): void {
    parseTextEntries(body, { mode: 'prometheus', metadata: this.#cache.metadata }, (entry) => this.#add(entry))
    if (this.#isOverLimit()) throw this.#sampleLimitError()
  }

  /** The samples of the page. */
  columns(): SampleColumns[] {
    return this.#rounds.flatMap((rows, round) => {
      const values = new Float64Array(rows.values)
      const runs = round === 0 ? this.#cache.cut(rows.series) : this.#cache.cutOnce(rows.series)
      return runs.map(
        (run): SampleColumns => ({
          kind: 'samples',
          series: run.list,
          values: values.subarray(run.start, run.end),
          timestampMs: this.#timestampsOf(rows, run),
        }),
      )
    })
  }

  /** Markers for what was stored and is not on the page. */
  staleColumns(): SampleColumns[] {
    const gone = this.#cache.stored.filter((known) => known.trackedPage !== this.#number)
    return staleColumns(this.#cache, gone, this.#timestampMs)
  }

  #add(entry: TextEntry): void {
    this.scraped++
    try {
      // A page over the limit is counted to its end.
      if (this.#isOverLimit()) this.#countOverLimit(entry)
      else this.#append(entry)
    } catch (error) {
      if (!(error instanceof PromlineError)) throw error
      const facts = { ...error.facts, line: entry.line }
      throw new PromlineError(error.code, `line ${entry.line}: ${error.message}`, { cause: error.cause, facts })
    }
  }

  #sampleLimitError(): PromlineError {
    const facts = { sampleLimit: this.#config.sampleLimit, samples: this.afterRelabeling }
    const what = `${facts.samples} samples after relabelling, limit ${facts.sampleLimit}`
    return new PromlineError('limit', `sample_limit exceeded: ${what}`, { facts })
  }

  #isOverLimit(): boolean {
    const { sampleLimit } = this.#config
    return sampleLimit > 0 && this.#appended > sampleLimit
  }

  #countOverLimit(entry: TextEntry): void {
    if (this.#cache.keeps(entry)) this.afterRelabeling++
  }

  #append(entry: TextEntry): void {
    const known = this.#cache.resolve(entry)
    if (known === undefined) {
      this.dropped.relabel++
      return
    }
    this.afterRelabeling++
    const explicitMs = this.#config.honorTimestamps ? entry.timestampMs : undefined
    const timestampMs = explicitMs ?? this.#timestampMs
    const isRepeated = known.page === this.#number
    // Only a later sample of its own time is worth keeping; Prometheus' storage refuses the others one by one.
    if (isRepeated && (explicitMs === undefined || explicitMs <= known.timestampMs)) {
      this.dropped.duplicate++
      return
    }
    if (++this.#appended > this.#config.sampleLimit && this.#config.sampleLimit > 0) return
    if (timestampMs > this.#timestampMs + maxAheadMs) {
      this.dropped['out-of-bounds']++
      return
    }
    if (!isRepeated && this.#cache.isNew(known)) this.seriesAdded++
    this.#addRow(known, { value: entry.value, timestampMs, isExplicit: explicitMs !== undefined, isRepeated })
  }

  #addRow(known: KnownSeries, sample: { value: number; timestampMs: number; isExplicit: boolean; isRepeated: boolean }): void {
    const round = sample.isRepeated ? (this.#occurrences.get(known) ?? 1) : 0
    if (sample.isRepeated) this.#occurrences.set(known, round + 1)
    this.#rounds[round] ??= { series: [], values: [], timestampsMs: undefined }
    const rows = this.#rounds[round]
    if (sample.isExplicit) rows.timestampsMs ??= rows.series.map(() => this.#timestampMs)
    rows.series.push(known.series)
    rows.values.push(sample.value)
    rows.timestampsMs?.push(sample.timestampMs)
    known.page = this.#number
    known.timestampMs = sample.timestampMs
    const isTracked = !sample.isExplicit || this.#config.trackTimestampsStaleness
    if (!isTracked || known.trackedPage === this.#number) return
    known.trackedPage = this.#number
    this.#tracked.push(known)
  }

  #timestampsOf(rows: Rows, run: SeriesRun): number | Float64Array {
    const timestampsMs = rows.timestampsMs?.slice(run.start, run.end)
    const first = timestampsMs?.[0] ?? this.#timestampMs
    if (timestampsMs === undefined || timestampsMs.every((timestampMs) => timestampMs === first)) return first
    return new Float64Array(timestampsMs)
  }
}

/** A staleness marker for each of these series. */
export function staleColumns(cache: TargetCache, gone: readonly KnownSeries[], timestampMs: number): SampleColumns[] {
  const series = gone.map((known) => known.series)
  return cache.cutOnce(series).map(({ list }) => ({
    kind: 'samples',
    series: list,
    values: new Float64Array(list.length).fill(Number.NaN),
    stale: new Uint8Array(list.length).fill(1),
    timestampMs,
  }))
}

import type { SampleColumns } from '../model/batch.js'
import { parseTextEntries } from '../text/parse-text.js'
import type { TextEntry } from '../text/text-entry.js'
import { type FailedBody, type FaultPlace, keepFailedBody } from './failed-body.js'
import { GatheredBody } from './gathered-body.js'
import type { KnownSeries } from './known-series.js'
import { atLine, sampleLimitError } from './page-error.js'
import { PageIntake, type PageOptions } from './page-intake.js'
import { SampleRows } from './sample-rows.js'
import type { TargetCache, Tracked } from './target-cache.js'

/** What a scrape found: counted as Prometheus counts, and gathered into columns. */
export interface Page {
  /** The counts. */
  readonly intake: PageIntake
  /** Series whose end must be marked when they go. */
  readonly tracked: readonly Tracked[]
  /**
   * Takes the next piece of the body; its memory is lent until the call returns or its promise settles. Throws or rejects with a
   * PromlineError whose facts `line` and `column` are the place, where there is one: `parse`, or `limit` for a limit of labels or samples.
   * What was gathered is void then, but the counts stand. What is written after that only serves `failedBody`, and does not fail.
   */
  write(piece: Uint8Array): void | Promise<void>
  /** The body is complete. Fails as `write` does; not called after it failed. */
  end(): Promise<void>
  /** What is to be kept of the body after a failure at a place. */
  failedBody(place: FaultPlace): FailedBody
  /** The samples of the page. */
  columns(): SampleColumns[]
}

/** The plain path: every line is parsed, and looked up by its labels. It is the oracle of the warm one. */
export class PlainPage implements Page {
  readonly intake: PageIntake
  readonly #options: PageOptions
  /** A series' first sample is in the first rows, its second (with a later explicit timestamp) in the second, and so on. */
  readonly #rounds: SampleRows[] = []
  readonly #tracked: KnownSeries[] = []
  #body = new GatheredBody()

  constructor(options: PageOptions) {
    this.intake = new PageIntake(options)
    this.#options = options
  }

  get tracked(): readonly Tracked[] {
    return [this.#tracked]
  }

  write(piece: Uint8Array): void {
    this.#body.write(piece)
  }

  async end(): Promise<void> {
    const { cache, config } = this.#options
    parseTextEntries(this.#body.whole(), { mode: 'prometheus', metadata: cache.metadata }, (entry) => this.#add(entry))
    if (this.intake.isOverLimit) throw sampleLimitError(config.sampleLimit, this.intake.afterRelabeling)
    this.#body = new GatheredBody() // a good one is not held until its samples are stored
  }

  failedBody(place: FaultPlace): FailedBody {
    return keepFailedBody(this.#body.whole(), place)
  }

  columns(): SampleColumns[] {
    const { cache } = this.#options
    return this.#rounds.flatMap((rows, round) => rows.columns(round === 0 ? cache.cut(rows.series) : cache.cutOnce(rows.series)))
  }

  #add(entry: TextEntry): void {
    const { intake } = this
    const { cache } = this.#options
    intake.scraped++
    try {
      if (!intake.isOverLimit) this.#append(entry)
      else if (cache.keeps(entry)) intake.afterRelabeling++
    } catch (error) {
      throw atLine(error, entry.line)
    }
  }

  #append(entry: TextEntry): void {
    const { known } = this.#options.cache.resolve(entry)
    const explicitMs = this.intake.explicitOf(entry.timestampMs)
    const round = this.intake.admit(known, explicitMs)
    if (known === undefined || round === undefined) return
    this.#rounds[round] ??= new SampleRows(this.intake.timestampMs)
    this.#rounds[round].add(known.series, entry.value, explicitMs)
    if (this.intake.track(known, explicitMs !== undefined)) this.#tracked.push(known)
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

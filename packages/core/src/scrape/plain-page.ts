import type { SampleColumns } from '../model/batch.js'
import { parseTextEntries } from '../text/parse-text.js'
import type { TextEntry } from '../text/text-entry.js'
import { type FailedBody, type FaultPlace, keepFailedBody } from './failed-body.js'
import { GatheredBody } from './gathered-body.js'
import type { KnownLine, KnownSeries, TrackedSeries } from './known-series.js'
import type { Page } from './page.js'
import { atLine, sampleLimitError } from './page-error.js'
import { PageIntake, type PageOptions } from './page-intake.js'
import { SampleRows } from './sample-rows.js'
import { seriesAs, type TargetCache } from './target-cache.js'

/** The plain path: every line is parsed, and looked up by its labels. It is the oracle of the warm one. */
export class PlainPage implements Page {
  readonly intake: PageIntake
  /** Series whose end must be marked when they go. */
  readonly tracked: TrackedSeries[] = []
  readonly #cache: TargetCache
  readonly #options: PageOptions
  readonly #number: number
  /** A series' first sample is in the first rows, its second (with a later explicit timestamp) in the second, and so on. */
  readonly #rounds: SampleRows[] = []
  readonly #samplesOf = new Map<KnownSeries, number>()
  #body = new GatheredBody()

  constructor(cache: TargetCache, options: PageOptions) {
    this.intake = new PageIntake(options)
    this.#cache = cache
    this.#options = options
    this.#number = cache.beginPage()
  }

  /** Number of series with a sample. */
  get series(): number {
    return this.#rounds[0]?.series.length ?? 0
  }

  write(piece: Uint8Array): void {
    this.#body.write(piece)
  }

  async end(): Promise<void> {
    const { metadata } = this.#cache
    parseTextEntries(this.#body.whole(), { mode: 'prometheus', metadata }, (entry) => this.#add(entry))
    const { sampleLimit } = this.#options.config
    if (this.intake.isOverLimit) throw sampleLimitError(sampleLimit, this.intake.afterRelabeling)
    this.#body = new GatheredBody() // a good one is not held until its samples are stored
  }

  failedBody(place: FaultPlace): FailedBody {
    return keepFailedBody(this.#body.whole(), place)
  }

  columns(): SampleColumns[] {
    const cache = this.#cache
    return this.#rounds.flatMap((rows, round) => rows.columns(round === 0 ? cache.cut(rows.series) : cache.cutOnce(rows.series)))
  }

  #add(entry: TextEntry): void {
    const { intake } = this
    intake.scraped++
    try {
      if (!intake.isOverLimit) this.#append(entry, this.#cache.resolve(entry))
      else if (this.#cache.keeps(entry)) intake.afterRelabeling++
    } catch (error) {
      throw atLine(error, entry.line)
    }
  }

  #append(entry: TextEntry, { known, metadata }: KnownLine): void {
    const { intake } = this
    if (known === undefined) {
      intake.dropped.relabel++
      return
    }
    const explicitMs = intake.explicitOf(entry.timestampMs)
    const round = known.page === this.#number ? (this.#samplesOf.get(known) ?? 1) : 0
    const isNew = this.#cache.isNew(known)
    if (!intake.admit(explicitMs, round === 0 ? undefined : known.timestampMs, isNew)) return
    this.#rounds[round] ??= new SampleRows(intake.timestampMs)
    const series = seriesAs(known, metadata)
    this.#rounds[round].add(series, entry.value, explicitMs)
    known.page = this.#number
    known.timestampMs = explicitMs ?? intake.timestampMs
    if (round > 0) {
      this.#samplesOf.set(known, round + 1)
      return
    }
    known.series = series
    if (isNew) known.addedPage = this.#number
    if (!intake.tracks(explicitMs)) return
    known.trackedPage = this.#number
    this.tracked.push({ known, series })
  }
}

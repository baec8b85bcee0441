import { hashBytes } from '../model/bytes.js'
import type { Labels } from '../model/labels.js'
import { type MetricMetadata, MetadataTable } from '../model/metadata.js'
import { InternedSeries, type Series } from '../model/series.js'
import { type SeriesList, type SeriesRun, SeriesListTable } from '../model/series-list.js'
import { renameMetadata } from '../relabel/rename-metadata.js'
import { type KnownLine, type KnownSeries, lastPageOf } from './known-series.js'
import { LabelsMap } from './labels-map.js'
import type { SeriesMutator } from './series-mutator.js'
import { KnownPage } from './warm/known-page.js'
import type { KnownSegment } from './warm/known-segment.js'

/** Series of a page that count for staleness, in page order: one by one, or all that a segment shows. */
export type Tracked = KnownSegment | readonly KnownSeries[]

/** The labels of a line as it gives them. */
export interface ExposedLabels {
  readonly labels: Labels
  /** Names given with an empty value. */
  readonly emptyLabels: readonly string[] | undefined
  readonly metadata: MetricMetadata
}

/** Most lines have none. */
const noNames: readonly string[] = []

/** What was not seen for ten pages goes: ten minutes at the default interval. The table of lists counts time in pages. */
const maxIdlePages = 10
/** Of the lines, one in so many may be idle without a sweep. */
const idleShare = 8
/**
 * More lines than twice those of the last good page and this many: the target shows new labels on every page, and must not fill memory.
 * Then only what was on this page or the last good one stays. The figures are Prometheus' own.
 */
const slackLines = 1000

/** What is remembered of a target, so that relabelling happens once per new series, and equal pages give equal lists. */
export class TargetCache {
  /** For the parser: equal metadata is one object. */
  readonly metadata: MetadataTable = new MetadataTable()
  /** For the warm path: the last page, as it stood. The plain path leaves it empty. */
  readonly lastPage: KnownPage = new KnownPage()
  /** By the names of the labels that are given with an empty value, then by the labels. */
  readonly #lines = new Map<string, LabelsMap<KnownLine>>()
  #lineCount = 0
  #pageLines = 0
  readonly #series = new LabelsMap<KnownSeries>()
  readonly #lists = new SeriesListTable({ maxIdleMs: maxIdlePages })
  #mutate: SeriesMutator
  #nextMutate: SeriesMutator | undefined
  #page = 0
  #goodPage = 0
  #goodLines = 0
  #lastSequence: readonly Series[] = []
  #lastRuns: readonly SeriesRun[] = []
  #stored: readonly Tracked[] = []

  constructor(mutate: SeriesMutator) {
    this.#mutate = mutate
  }

  /** Series whose last stored sample is not yet followed by a staleness marker, in page order. */
  get stored(): readonly KnownSeries[] {
    return seriesOf(this.#stored)
  }

  /** Those of them that did not count for staleness on the page that was begun last. */
  get gone(): readonly KnownSeries[] {
    const page = this.#page
    const parts = this.#stored.filter((part) => !('lines' in part) || part.page !== page)
    return seriesOf(parts).filter(({ trackedPage, home }) => trackedPage !== page && home?.page !== page)
  }

  /** Number of different lines remembered. */
  get size(): number {
    return this.#lineCount
  }

  /** The number of the page that was begun last. */
  get page(): number {
    return this.#page
  }

  /** Begins a page; returns its number. */
  beginPage(): number {
    if (this.#nextMutate !== undefined) this.#changeMutator(this.#nextMutate)
    this.#pageLines = 0
    return ++this.#page
  }

  /** Other rules from the next page on: every line is relabelled once more, and series that are the same stay the same. */
  setMutator(mutate: SeriesMutator): void {
    this.#nextMutate = mutate
  }

  /** What is known of a line, a new one as well. Throws what the mutator throws. */
  resolve(exposed: ExposedLabels): KnownLine {
    const line = this.#linesLike(exposed).get(exposed.labels)
    if (line === undefined) return this.#addLine(exposed)
    this.show(line)
    if (line.metadata !== exposed.metadata) {
      line.metadata = exposed.metadata
      this.#renew(line, exposed)
    }
    return line
  }

  /** The page shows a line by itself, so that the segments which show it or its series cannot be taken as a whole. */
  show(line: KnownLine): void {
    if (lastPageOf(line) !== this.#page) this.#pageLines++
    line.page = this.#page
    if (line.home !== undefined) line.home.disturbedPage = this.#page
    if (line.known?.home !== undefined) line.known.home.disturbedPage = this.#page
  }

  /** The page shows the lines of a segment as they stood. */
  showWhole(segment: KnownSegment): void {
    segment.page = this.#page
    this.#pageLines += segment.lines.length
  }

  /** Whether a line's series is kept, without remembering it: for what is over the sample limit. */
  keeps(exposed: ExposedLabels): boolean {
    const line = this.#linesLike(exposed).get(exposed.labels)
    return line === undefined ? this.#mutate(exposed.labels, exposed.emptyLabels ?? noNames) !== undefined : line.known !== undefined
  }

  /** Whether the series was not on the last good page, nor on a failed one since. */
  isNew(known: Pick<KnownSeries, 'page' | 'home'>): boolean {
    const page = lastPageOf(known)
    return page < this.#goodPage || page === 0
  }

  /** Cuts a page's series into lists: the same lists while the series stay the same. */
  cut(sequence: readonly Series[]): readonly SeriesRun[] {
    if (sameSequence(sequence, this.#lastSequence)) return this.#lastRuns
    this.#lastSequence = sequence
    this.#lastRuns = this.#lists.cut(sequence, this.#page)
    return this.#lastRuns
  }

  /** The list of exactly these series. */
  intern(sequence: readonly Series[]): SeriesList {
    return this.#lists.intern(sequence, this.#page)
  }

  /** Cuts a sequence that will not come again soon: repeated samples, staleness markers. */
  cutOnce(sequence: readonly Series[]): readonly SeriesRun[] {
    return this.#lists.cut(sequence, this.#page)
  }

  /** The page was stored: these are the series whose end must be marked one day. */
  commit(tracked: readonly Tracked[]): void {
    const kept = new Set(tracked)
    const before = new Set(this.#stored)
    for (const part of this.#stored) {
      if (!kept.has(part)) setStored(part, false)
    }
    for (const part of tracked) {
      if (!before.has(part)) setStored(part, true)
    }
    this.#stored = tracked
  }

  /** Ends a page, and lets go of what is no longer needed. An empty page counts as none: it usually is a target that just started. */
  endPage(outcome: { readonly good: boolean; readonly empty: boolean }): void {
    const page = this.#page
    if (outcome.good && !outcome.empty) {
      this.#goodPage = page
      this.#goodLines = this.#pageLines
    }
    const isOvergrown = this.#lineCount > 2 * this.#goodLines + slackLines
    if (!isOvergrown && !this.#isSweepDue()) return
    this.#lists.cut(this.#lastSequence, page) // in use, though not asked for
    if (isOvergrown) {
      this.#sweep((seen) => seen === page || seen === this.#goodPage)
      this.#lists.sweep(page + maxIdlePages - 1)
    } else {
      this.#sweep((seen) => seen > page - maxIdlePages)
      this.#lists.sweep(page)
    }
  }

  #changeMutator(mutate: SeriesMutator): void {
    this.#mutate = mutate
    this.#nextMutate = undefined
    this.#lines.clear()
    this.#lineCount = 0
    this.lastPage.clear()
  }

  /** A sweep looks at every line, so that it must be worth it. */
  #isSweepDue(): boolean {
    if (this.#page % maxIdlePages !== 0) return false
    return this.#lineCount - this.#pageLines > this.#pageLines / idleShare || this.#page % (maxIdlePages * idleShare) === 0
  }

  #sweep(keep: (page: number) => boolean): void {
    const used = new Set<KnownSeries>()
    this.lastPage.prune(keep)
    this.#lineCount = 0
    for (const [key, lines] of this.#lines) {
      lines.prune((line) => {
        if (!keep(lastPageOf(line))) return false
        if (line.known !== undefined) used.add(line.known)
        return true
      })
      this.#lineCount += lines.size
      if (lines.size === 0) this.#lines.delete(key)
    }
    this.#series.prune((known) => known.stored || used.has(known))
  }

  #linesLike({ emptyLabels }: ExposedLabels): LabelsMap<KnownLine> {
    const key = emptyLabels === undefined ? '' : JSON.stringify(emptyLabels)
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    const lines = new LabelsMap<KnownLine>()
    this.#lines.set(key, lines)
    return lines
  }

  #addLine(exposed: ExposedLabels): KnownLine {
    const labels = this.#mutate(exposed.labels, exposed.emptyLabels ?? noNames)
    const known = labels === undefined ? undefined : (this.#series.get(labels) ?? this.#addSeries(labels, exposed))
    const line: KnownLine = { known, metadata: exposed.metadata, page: 0, home: undefined, place: 0 }
    this.#linesLike(exposed).add(exposed.labels, line)
    this.#lineCount++
    this.show(line)
    return line
  }

  #renew({ known, home }: KnownLine, exposed: ExposedLabels): void {
    if (known === undefined) return
    known.series = this.#createSeries(known.labels, exposed)
    if (home !== undefined) home.whole = false
    if (known.home !== undefined) known.home.whole = false
  }

  #addSeries(labels: Labels, exposed: ExposedLabels): KnownSeries {
    const series = this.#createSeries(labels, exposed)
    const known: KnownSeries = { labels, series, page: 0, trackedPage: 0, timestampMs: 0, stored: false, home: undefined }
    this.#series.add(labels, known)
    return known
  }

  #createSeries(labels: Labels, exposed: ExposedLabels): Series {
    const renamed = renameMetadata(exposed.metadata, exposed.labels, labels)
    const metadata = renamed === exposed.metadata ? renamed : this.metadata.intern(renamed)
    return new InternedSeries(labels, metadata, hashBytes(labels.bytes))
  }
}

function sameSequence(a: readonly Series[], b: readonly Series[]): boolean {
  return a.length === b.length && a.every((series, i) => series === b[i])
}

function setStored(part: Tracked, stored: boolean): void {
  if (!('lines' in part)) for (const known of part) known.stored = stored
  else for (const { known } of part.lines) if (known !== undefined) known.stored = stored
}

function seriesOf(parts: readonly Tracked[]): KnownSeries[] {
  const series: KnownSeries[] = []
  for (const part of parts) {
    if (!('lines' in part)) for (const known of part) series.push(known)
    else for (const { known } of part.lines) if (known !== undefined) series.push(known)
  }
  return series
}

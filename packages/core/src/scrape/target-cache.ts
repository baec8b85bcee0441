import { hashBytes } from '../model/bytes.js'
import type { Labels } from '../model/labels.js'
import { MetadataTable, type MetricMetadata } from '../model/metadata.js'
import { InternedSeries, type Series } from '../model/series.js'
import { SeriesListTable, type SeriesRun } from '../model/series-list.js'
import { renameMetadata } from '../relabel/rename-metadata.js'
import { FailedAdditions } from './failed-additions.js'
import type { KnownLine, KnownSeries, TrackedSeries } from './known-series.js'
import { LabelsMap } from './labels-map.js'
import type { SeriesMutator } from './series-mutator.js'

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

/** What the plain path remembers of a target, so that relabelling happens once per new series, and equal pages give equal lists. */
export class TargetCache {
  /** For the parser: equal metadata is one object. */
  readonly metadata: MetadataTable
  /** By the names of the labels that are given with an empty value, then by the labels. */
  readonly #lines = new Map<string, LabelsMap<KnownLine>>()
  #lineCount = 0
  #pageLines = 0
  readonly #series = new LabelsMap<KnownSeries>()
  readonly #lists = new SeriesListTable({ maxIdleMs: maxIdlePages })
  readonly #failed = new FailedAdditions()
  #mutate: SeriesMutator
  #nextMutate: SeriesMutator | undefined
  #page = 0
  #goodPage = 0
  #goodLines = 0
  /** What pages between the last good one and this one added is forgotten. */
  #forgottenPage = 0
  #lastSequence: readonly Series[] = []
  #lastRuns: readonly SeriesRun[] = []
  #stored: readonly TrackedSeries[] = []

  constructor(mutate: SeriesMutator, metadata: MetadataTable = new MetadataTable()) {
    this.#mutate = mutate
    this.metadata = metadata
  }

  /** Series whose last stored sample is not yet followed by a staleness marker, in page order. */
  get stored(): readonly TrackedSeries[] {
    return this.#stored
  }

  /** Those of them that did not count for staleness on the page that was begun last. */
  get gone(): readonly TrackedSeries[] {
    return this.#stored.filter(({ known }) => known.trackedPage !== this.#page)
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
    if (line.page !== this.#page) this.#pageLines++
    line.page = this.#page
    if (line.exposed !== exposed.metadata) {
      line.exposed = exposed.metadata
      if (line.known !== undefined) line.metadata = this.#metadataOf(exposed, line.known.labels)
    }
    return line
  }

  /** Whether a line's series is kept, without remembering it: for what is over the sample limit. */
  keeps(exposed: ExposedLabels): boolean {
    const line = this.#linesLike(exposed).get(exposed.labels)
    return line === undefined ? this.#mutate(exposed.labels, exposed.emptyLabels ?? noNames) !== undefined : line.known !== undefined
  }

  /** Whether the series was not on the last good page, nor on a failed one since. */
  isNew({ page, addedPage }: Pick<KnownSeries, 'page' | 'addedPage'>): boolean {
    return page < this.#goodPage || page === 0 || (addedPage > this.#goodPage && addedPage < this.#forgottenPage)
  }

  /** Cuts a page's series into lists: the same lists while the series stay the same. */
  cut(sequence: readonly Series[]): readonly SeriesRun[] {
    if (sameSequence(sequence, this.#lastSequence)) return this.#lastRuns
    this.#lastSequence = sequence
    this.#lastRuns = this.#lists.cut(sequence, this.#page, this.#mutate.targetShare)
    return this.#lastRuns
  }

  /** Cuts a sequence that will not come again soon: repeated samples, staleness markers. */
  cutOnce(sequence: readonly Series[]): readonly SeriesRun[] {
    return this.#lists.cut(sequence, this.#page, this.#mutate.targetShare)
  }

  /** The page was stored: these are the series whose end must be marked one day. */
  commit(tracked: readonly TrackedSeries[]): void {
    for (const { known } of this.#stored) known.stored = false
    for (const { known } of tracked) known.stored = true
    this.#stored = tracked
  }

  /**
   * Ends a page, and lets go of what is no longer needed. An empty page counts as none: it usually is a target that just started.
   *
   * @param page.series how many series it showed
   * @param page.added how many of them were new
   */
  endPage({ good, empty, series, added }: { good: boolean; empty: boolean; series: number; added: number }): void {
    const page = this.#page
    if (good && !empty) {
      this.#goodPage = page
      this.#goodLines = this.#pageLines
      this.#failed.good(series)
    } else if (this.#failed.failed(added)) this.#forgottenPage = page
    const isOvergrown = this.#lineCount > 2 * this.#goodLines + slackLines
    if (!isOvergrown && !this.#isSweepDue()) return
    this.#lists.cut(this.#lastSequence, page, this.#mutate.targetShare) // in use, though not asked for
    if (isOvergrown) {
      const goodPage = this.#goodPage
      this.#sweep((line) => line.page === page || line.page === goodPage || (line.page > goodPage && line.firstPage <= goodPage))
      this.#lists.sweep(page + maxIdlePages - 1)
    } else {
      this.#sweep((line) => line.page > page - maxIdlePages)
      this.#lists.sweep(page)
    }
  }

  #changeMutator(mutate: SeriesMutator): void {
    this.#mutate = mutate
    this.#nextMutate = undefined
    this.#lines.clear()
    this.#lineCount = 0
  }

  /** A sweep looks at every line, so that it must be worth it. */
  #isSweepDue(): boolean {
    if (this.#page % maxIdlePages !== 0) return false
    return this.#lineCount - this.#pageLines > this.#pageLines / idleShare || this.#page % (maxIdlePages * idleShare) === 0
  }

  #sweep(keep: (line: KnownLine) => boolean): void {
    const used = new Set<KnownSeries>()
    this.#lineCount = 0
    for (const [key, lines] of this.#lines) {
      lines.prune((line) => {
        if (!keep(line)) return false
        if (line.known !== undefined) used.add(line.known)
        return true
      })
      this.#lineCount += lines.size
      if (lines.size === 0) this.#lines.delete(key)
    }
    this.#series.prune((known) => known.stored || used.has(known) || !this.isNew(known))
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
    const metadata = labels === undefined ? exposed.metadata : this.#metadataOf(exposed, labels)
    const known = labels === undefined ? undefined : (this.#series.get(labels) ?? this.#addSeries(labels, metadata))
    const line: KnownLine = { known, exposed: exposed.metadata, metadata, firstPage: this.#page, page: this.#page }
    this.#linesLike(exposed).add(exposed.labels, line)
    this.#lineCount++
    this.#pageLines++
    return line
  }

  #addSeries(labels: Labels, metadata: MetricMetadata): KnownSeries {
    const series = createSeries(labels, metadata)
    const known: KnownSeries = { labels, series, page: 0, addedPage: 0, trackedPage: 0, timestampMs: 0, stored: false }
    this.#series.add(labels, known)
    return known
  }

  #metadataOf(exposed: ExposedLabels, labels: Labels): MetricMetadata {
    const renamed = renameMetadata(exposed.metadata, exposed.labels, labels)
    return renamed === exposed.metadata ? renamed : this.metadata.intern(renamed)
  }
}

/** A known series as a line gives it: itself while its metadata is the same. */
export function seriesAs({ labels, series }: KnownSeries, metadata: MetricMetadata): Series {
  return series.metadata === metadata ? series : createSeries(labels, metadata)
}

function createSeries(labels: Labels, metadata: MetricMetadata): Series {
  return new InternedSeries(labels, metadata, hashBytes(labels.bytes))
}

function sameSequence(a: readonly Series[], b: readonly Series[]): boolean {
  return a.length === b.length && a.every((series, i) => series === b[i])
}

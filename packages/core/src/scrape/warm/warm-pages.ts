import type { SampleColumns } from '../../model/batch.js'
import { hashRange } from '../../model/byte-range.js'
import { markDisjoint } from '../../model/disjoint-lists.js'
import { MetadataTable } from '../../model/metadata.js'
import type { PackedSeriesList } from '../../model/packed-series-list.js'
import { createLineMatcher } from '../../text/kernel/kernel-line-matcher.js'
import { FailedAdditions } from '../failed-additions.js'
import type { PageOptions } from '../page-intake.js'
import type { SeriesMutator } from '../series-mutator.js'
import { staleColumns } from '../stale-columns.js'
import type { PageOutcome, TargetPages } from '../target-pages.js'
import { areSame, KnownPage } from './known-page.js'
import type { KnownSegment } from './known-segment.js'
import { ListCutter } from './list-cutter.js'
import { SeriesRules } from './series-rules.js'
import { SharedParts } from './shared-parts.js'
import { WarmPage } from './warm-page.js'

/** Series that were stored, those of a segment. */
interface Stored {
  readonly segment: KnownSegment
  readonly list: PackedSeriesList
  /** One a row, 1 where the series does not count for staleness; undefined where all do. */
  readonly untracked: Uint8Array | undefined
}

export interface WarmPagesOptions {
  /** Shared by targets that say the same of the same families. */
  readonly metadata?: MetadataTable
  /** Shared by targets that share `metadata`. */
  readonly parts?: SharedParts
  /** See `ScrapeSourceOptions.webAssembly`. */
  readonly webAssembly?: boolean
}

/** The pages of a target on the warm path. */
export class WarmPages implements TargetPages {
  readonly #metadata: MetadataTable
  readonly #webAssembly: boolean
  readonly #known: KnownPage
  readonly #failed = new FailedAdditions()
  #rules: SeriesRules
  #nextRules: SeriesRules | undefined
  #number = 0
  #page: WarmPage | undefined
  #stored: readonly Stored[] = []
  /** What this was made of: most pages are made of the same. */
  #storedSegments: readonly KnownSegment[] = []
  #allTracked = true

  constructor(mutate: SeriesMutator, options: WarmPagesOptions = {}) {
    this.#metadata = options.metadata ?? new MetadataTable()
    this.#webAssembly = options.webAssembly ?? true
    this.#known = new KnownPage(options.parts ?? new SharedParts())
    this.#rules = new SeriesRules(mutate, this.#metadata)
  }

  begin(options: PageOptions): WarmPage {
    if (this.#page !== undefined) this.end({ good: false, empty: true, read: false })
    if (this.#nextRules !== undefined) {
      this.#rules = this.#nextRules
      this.#nextRules = undefined
      this.#known.forgetLines()
    }
    this.#number++
    const matcher = createLineMatcher(this.#webAssembly)
    this.#page = new WarmPage(options, { known: this.#known, rules: this.#rules, number: this.#number, matcher })
    return this.#page
  }

  setMutator(mutate: SeriesMutator): void {
    this.#nextRules = new SeriesRules(mutate, this.#metadata)
  }

  goneColumns(timestampMs: number): SampleColumns[] {
    const cutter = new ListCutter(this.#rules.targetShare)
    const allTracked = this.#page?.column.areAllTracked === true
    for (const stored of this.#stored) {
      if (allTracked && stored.segment.isShownWhole(this.#number)) continue
      forEachRun(stored, (row) => stored.untracked?.[row] !== 1 && !this.#isTracked(stored, row), cutter)
    }
    const gone = cutter.finish()
    // What is gone is not on the page, and a page has each series in one row.
    if (allTracked) markDisjoint([...listsOf(this.#page!.segments), ...gone])
    return gone.map((list) => staleColumns(list, timestampMs))
  }

  storedColumns(timestampMs: number): SampleColumns[] {
    const cutter = new ListCutter(this.#rules.targetShare)
    for (const stored of this.#stored) forEachRun(stored, (row) => stored.untracked?.[row] !== 1, cutter)
    return cutter.finish().map((list) => staleColumns(list, timestampMs))
  }

  commit(good: boolean): void {
    const page = good ? this.#page : undefined
    const segments = page?.segments ?? []
    const allTracked = page?.column.areAllTracked !== false
    if (allTracked && this.#allTracked && areSame(segments, this.#storedSegments)) return
    this.#allTracked = allTracked
    this.#storedSegments = segments
    const stored: Stored[] = []
    let start = 0
    for (const segment of segments) {
      const { list, rows } = segment
      if (list !== undefined) stored.push({ segment, list, untracked: page!.column.untrackedOf(start, start + rows) })
      start += rows
    }
    this.#stored = stored
  }

  end({ good, empty, read }: PageOutcome): void {
    const page = this.#page
    this.#page = undefined
    if (page === undefined) return
    page.leave()
    if (good && !empty) {
      this.#failed.good(page.column.length)
      return
    }
    if (read) this.#known.remember(page.segments, this.#number)
    else this.#known.forget(page.segments, this.#number)
    if (this.#failed.failed(read ? page.intake.seriesAdded : 0)) this.#known.forgetFailed(this.#number)
  }

  /** Whether the series of a stored row counts for staleness on this page. */
  #isTracked({ segment, list }: Stored, row: number): boolean {
    const page = this.#page
    if (page === undefined) return false
    let columnRow = segment.columnRowOf(row, this.#number)
    if (columnRow < 0) {
      const labels = { bytes: list.bytes, view: list.view, start: list.startOf(row), end: list.ends[row]! }
      const found = this.#known.series.find(hashRange(labels.view, labels.start, labels.end), labels)
      columnRow = found === undefined ? -1 : found.holder.columnRowOf(found.row, this.#number)
    }
    return columnRow >= 0 && page.column.isTracked(columnRow)
  }
}

function listsOf(segments: readonly KnownSegment[]): PackedSeriesList[] {
  return segments.map(({ list }) => list).filter((list) => list !== undefined)
}

/** Hands on the runs of rows of which something holds. */
function forEachRun({ list }: Stored, holds: (row: number) => boolean, cutter: ListCutter): void {
  let start = 0
  for (let row = 0; row <= list.length; row++) {
    if (row < list.length && holds(row)) continue
    cutter.addRows(list, start, row)
    start = row + 1
  }
}

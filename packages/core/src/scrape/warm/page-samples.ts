import type { SampleColumns } from '../../model/batch.js'
import { hashRange } from '../../model/byte-range.js'
import { labelsFromBytes } from '../../model/labels.js'
import type { MetricMetadata } from '../../model/metadata.js'
import { groupHashAt } from '../../model/packed-series-list.js'
import { groupHashOf, type Series } from '../../model/series.js'
import type { SeriesRun } from '../../model/series-list.js'
import { kindOfLine, lineKind } from '../../text/fast/known-lines.js'
import type { PageIntake } from '../page-intake.js'
import { oneOrAll, SampleRows } from '../sample-rows.js'
import type { FreshRow, SampleLine } from './gathered-lines.js'
import type { KnownPage } from './known-page.js'
import { KnownSegment, type LabelRange } from './known-segment.js'
import { lineFeedsIn } from './line-feeds.js'
import type { LinePlace } from './line-index.js'
import { ListCutter } from './list-cutter.js'
import { SegmentAssembler } from './segment-assembler.js'
import type { RowPlace } from './series-index.js'
import { ValueColumn } from './value-column.js'

export interface PageSamplesOptions {
  readonly intake: PageIntake
  readonly known: KnownPage
  /** The number of the page. */
  readonly page: number
  /** See `ListEnd`. */
  readonly targetShare: number
}

/** The samples of a page: those of known lines, and those of lines that are read anew. */
export class PageSamples {
  /** The first samples of their series. */
  readonly column: ValueColumn
  readonly assembler: SegmentAssembler
  readonly #intake: PageIntake
  readonly #known: KnownPage
  readonly #page: number
  readonly #targetShare: number
  /** Second and further samples of a series. */
  readonly #repeated: SampleRows[] = []
  /** How many samples a series has and the timestamp of the last one, by its row, where it has more than one. */
  readonly #repeats = new Map<number, { count: number; lastMs: number }>()
  #skippedLineFeeds = 0

  constructor({ intake, known, page, targetShare }: PageSamplesOptions) {
    this.#intake = intake
    this.#known = known
    this.#page = page
    this.#targetShare = targetShare
    this.column = new ValueColumn(
      intake.timestampMs,
      known.segments.reduce((sum, { rows }) => sum + rows, 0),
    )
    this.assembler = new SegmentAssembler({
      page,
      targetShare,
      parts: known.parts,
      intern: (list, hashes) => known.intern(list, hashes, page),
      onClose: (rows, segment) => known.series.close(rows, segment),
    })
  }

  /** Whether the page has more samples than it may. */
  get isOverLimit(): boolean {
    return this.#intake.isOverLimit
  }

  /** A sample line was read. */
  count(): void {
    this.#intake.scraped++
  }

  /** Whether the page has shown nothing of a segment yet. */
  isUntouched(segment: KnownSegment): boolean {
    return !segment.isTouched(this.#page)
  }

  /** Whether the body may be compared with all that is left of a segment at once. */
  mayTakeAll(segment: KnownSegment): boolean {
    return segment.whole && segment.comparable && this.#intake.hasRoomFor(segment.rows)
  }

  /** Of known lines that came as they stood, how many are the first of their series. */
  firstOf(segment: KnownSegment, { from, to }: { readonly from: number; readonly to: number }): number {
    if (!segment.isTouched(this.#page)) return to - from
    let place = from
    for (; place < to; place++) {
      const isRow = kindOfLine(segment.text, place) === lineKind.row
      if (isRow && segment.columnRowOf(segment.rowAt(place), this.#page) >= 0) break
    }
    return place - from
  }

  /** Takes known lines whose values stand in the column already, each the first of its series. */
  takeAll(segment: KnownSegment, { from, to }: { readonly from: number; readonly to: number }): void {
    const rows = { from: segment.rowAt(from), to: segment.rowAt(to) }
    const count = rows.to - rows.from
    segment.show(rows, this.column.length, this.#page)
    this.#intake.admitAll(count, to - from - count)
    this.column.take(count)
  }

  /**
   * Takes a known line.
   *
   * @param isWhole whether it stands there with its comments, or never had any
   */
  takeKnown(line: SampleLine, { segment, place }: LinePlace, isWhole: boolean): void {
    const intake = this.#intake
    const isRow = kindOfLine(segment.text, place) === lineKind.row
    intake.scraped++
    if (intake.isOverLimit) {
      this.skip(line, isRow)
      return
    }
    const row = isRow ? rowOf(segment, segment.rowAt(place)) : undefined
    if (row === undefined) intake.dropped.relabel++
    else if (!this.#admit(line, { holder: segment, row: segment.rowAt(place) }, row)) {
      if (isWhole) this.assembler.addEventsOf(segment, place)
      this.assembler.addLine(line, lineKind.other, undefined)
      return
    }
    if (isWhole) this.assembler.addRun(segment, { from: place, to: place + 1 }, line.timestampMs === undefined)
    else this.assembler.addLine(line, row === undefined ? lineKind.dropped : lineKind.row, row)
  }

  /** Takes a line that relabelling drops. */
  takeDropped(line: SampleLine): void {
    this.#intake.dropped.relabel++
    this.assembler.addLine(line, lineKind.dropped, undefined)
  }

  /** Takes a line whose series has these labels. Returns where its series was on the last page; undefined where it was not. */
  takeLabels(line: SampleLine, labels: LabelRange, metadata: MetricMetadata): LinePlace | undefined {
    const hash = hashRange(labels.view, labels.start, labels.end)
    const found = this.#known.series.find(hash, labels)
    const isRow = this.#admit(line, found, { labels, metadata })
    const row = isRow ? { labels, metadata, hash, group: groupHashOf(labels, metadata.name) } : undefined
    this.assembler.addLine(line, isRow ? lineKind.row : lineKind.other, row)
    if (isRow && found === undefined) this.#known.series.enter(hash, this.assembler.openRows, this.assembler.lastRow)
    if (found === undefined || !(found.holder instanceof KnownSegment)) return undefined
    return { segment: found.holder, place: found.holder.placeOf(found.row) }
  }

  /** Only counts a line, which comes after the scrape has failed for its number of samples. */
  skip(line: SampleLine, isKept: boolean): void {
    if (isKept) this.#intake.afterRelabeling++
    this.#skippedLineFeeds += 1 + lineFeedsIn(line.bytes.subarray(line.start, line.end))
  }

  /** Number of line feeds up to the last line. */
  lineFeeds(): number {
    return this.assembler.lineFeeds() + this.#skippedLineFeeds
  }

  /** The columns of the samples, of a page that was made of these segments. */
  columns(segments: readonly KnownSegment[]): SampleColumns[] {
    const { column } = this
    const columns: SampleColumns[] = []
    let start = 0
    for (const { list, rows } of segments) {
      if (list === undefined) continue
      const end = start + rows
      const timestampsMs = column.timestampsOf(start, end)
      const timestampMs = timestampsMs === undefined ? this.#intake.timestampMs : oneOrAll(timestampsMs)
      columns.push({ kind: 'samples', series: list, values: column.values.subarray(start, end), timestampMs })
      start = end
    }
    return [...columns, ...this.#repeated.flatMap((rows) => rows.columns(cutSeries(rows.series, this.#targetShare)))]
  }

  /** Takes the sample of a line, and returns whether it is the first of its series, which then is a row. */
  #admit(line: SampleLine, place: RowPlace | undefined, series: Pick<FreshRow, 'labels' | 'metadata'>): boolean {
    const intake = this.#intake
    const explicitMs = intake.explicitOf(line.timestampMs)
    const columnRow = place === undefined ? -1 : place.holder.columnRowOf(place.row, this.#page)
    if (!intake.admit(explicitMs, columnRow < 0 ? undefined : this.#lastMsOf(columnRow), place === undefined)) return false
    if (columnRow >= 0) {
      this.#repeat(line, columnRow, series)
      return false
    }
    place?.holder.show({ from: place.row, to: place.row + 1 }, this.column.length, this.#page)
    this.column.push(line.value, explicitMs, intake.tracks(explicitMs))
    return true
  }

  #lastMsOf(columnRow: number): number {
    return this.#repeats.get(columnRow)?.lastMs ?? this.column.timestampAt(columnRow)
  }

  #repeat({ value, timestampMs }: SampleLine, columnRow: number, { labels, metadata }: Pick<FreshRow, 'labels' | 'metadata'>): void {
    const before = this.#repeats.get(columnRow)?.count ?? 0
    const lastMs = timestampMs ?? this.#intake.timestampMs
    this.#repeats.set(columnRow, { count: before + 1, lastMs })
    this.#repeated[before] ??= new SampleRows(this.#intake.timestampMs)
    const { bytes, start, end } = labels
    this.#repeated[before].add({ labels: labelsFromBytes(new Uint8Array(bytes.subarray(start, end))), metadata }, value, lastMs)
  }
}

/** A row of a segment by itself. */
function rowOf({ list, hashes }: KnownSegment, row: number): FreshRow {
  const labels = { bytes: list!.bytes, view: list!.view, start: list!.startOf(row), end: list!.ends[row]! }
  return { labels, metadata: list!.metadataAt(row), hash: hashes[row]!, group: groupHashAt(list!, row) }
}

function cutSeries(series: readonly Series[], targetShare: number): SeriesRun[] {
  const cutter = new ListCutter(targetShare)
  for (const { labels, metadata } of series) cutter.add(metadata, { bytes: labels.bytes, start: 0, end: labels.bytes.length })
  let end = 0
  return cutter.finish().map((list) => {
    const start = end
    end += list.length
    return { list, start, end }
  })
}

import type { MetricMetadata, MetricType } from '../../model/metadata.js'
import { groupHashAt, type PackedSeriesList } from '../../model/packed-series-list.js'
import type { LineKind } from '../../text/fast/known-lines.js'
import { equalEvents, type FamilyEvent, lastTypeOf, withoutRepeatedNames } from './family-events.js'
import { type FreshRow, type Gathered, GatheredLines, type Run, type SampleLine } from './gathered-lines.js'
import { KnownSegment, type SegmentContent } from './known-segment.js'
import { lineFeedsIn } from './line-feeds.js'
import { ListEnd } from './list-end.js'
import { OpenRows } from './open-rows.js'
import { SaidEvents } from './said-events.js'
import type { SharedParts } from './shared-parts.js'

export interface AssemblerOptions {
  /** The number of the page. */
  readonly page: number
  /** See `ListEnd`. */
  readonly targetShare: number
  /** Keeps what several targets show once. */
  readonly parts: SharedParts
  /** Gives a list that was known already for one that is equal. */
  readonly intern: (list: PackedSeriesList, hashes: Int32Array) => PackedSeriesList
  /** Is told that rows which were entered by their place among the open ones are now those of a segment. */
  readonly onClose: (open: OpenRows, segment: KnownSegment) => void
}

/** Joins the lines of a page, in page order: known segments stay as they are, the rest is cut where the lists of series end. */
export class SegmentAssembler {
  readonly #options: AssemblerOptions
  readonly #parts: KnownSegment[] = []
  readonly #end: ListEnd
  readonly #events = new SaidEvents()
  /** Since the last boundary: lines that were gathered, and behind them a run that may turn out to be a whole segment. */
  #gathered: GatheredLines | undefined
  #run: Run | undefined
  #lineCount = 0
  #rowCount = 0
  #firstGroup = 0
  #lastGroup = 0
  #typeBefore: MetricType = 'unknown'
  /** Rows in front of the open ones, in parts. */
  #closedRows = 0
  /** Whether the last row is among the open lines. */
  #lastIsOpen = false
  #openRows: OpenRows | undefined

  constructor(options: AssemblerOptions) {
    this.#options = options
    this.#end = new ListEnd(options.targetShare)
  }

  /** All parts, once the page has ended. */
  finish(): readonly KnownSegment[] {
    this.#close()
    this.#gathered?.release()
    this.#gathered = undefined
    return this.#parts
  }

  /** What the page has said of families so far, in pieces: each begins after what the one before it ended with. */
  *history(): Generator<readonly FamilyEvent[], void, undefined> {
    for (const { checks } of this.#parts) yield checks
    yield this.#events.all
  }

  /** Number of line feeds up to the last line. */
  lineFeeds(): number {
    let count = this.#lineCount + (this.#gathered?.lineFeeds() ?? 0)
    if (this.#run !== undefined) {
      const { segment, from, to } = this.#run
      count += lineFeedsIn(segment.textOf(from, to))
    }
    for (const { text } of this.#parts) count += text.count + lineFeedsIn(text.bytes)
    return count
  }

  /** Something happens to families, in front of the next line or in it. */
  addEvent(event: FamilyEvent): void {
    this.#events.add(event, this.#lineCount)
  }

  /** What a line of a segment says of families is said in front of the next line or in it. */
  addEventsOf(segment: KnownSegment, place: number): void {
    this.#events.addRun(segment.events, { from: place, to: place + 1 }, this.#lineCount)
  }

  /** @param row where its value is a row */
  addLine(line: SampleLine, kind: LineKind, row: FreshRow | undefined): void {
    if (row !== undefined) this.#goOn(row.group, row.metadata)
    this.#gatherRun()
    this.#gather().addLine(line, kind, row)
    this.#lineCount++
    if (row !== undefined) this.#addRows(1, row, row)
  }

  /** The rows among which the one is that was added last, by a line. */
  get openRows(): OpenRows {
    this.#openRows ??= new OpenRows(this.#gather().rows, this.#closedRows)
    return this.#openRows
  }

  /** Which of `openRows` it is. */
  get lastRow(): number {
    return this.#rowCount - 1
  }

  /** The page goes on with some lines of a segment. @param plain whether they have nothing behind their values */
  addRun(segment: KnownSegment, lines: { readonly from: number; readonly to: number }, plain: boolean): void {
    for (let place = lines.from; place < lines.to; ) place = this.#addSome(segment, { from: place, to: lines.to, plain })
  }

  /** The page goes on with a whole segment. */
  addSegment(segment: KnownSegment): void {
    const { list } = segment
    const joins = list === undefined ? this.#lineCount > 0 : this.#joins(segment)
    if (joins) {
      this.addRun(segment, { from: 0, to: segment.count }, segment.whole)
      return
    }
    this.#close()
    this.#events.clear()
    this.#addPart(segment)
    if (list === undefined) return
    this.#end.restart()
    this.#end.goOn(segment.rows, segment.lastGroup, segment.lastMetadata)
    this.#lastIsOpen = false
  }

  /** Adds lines up to `to`, exclusive, at most, of whose rows none but the first can begin a list. Returns where the rest begins. */
  #addSome(segment: KnownSegment, { from, to, plain }: Omit<Run, 'segment'>): number {
    const start = segment.rowAt(from)
    const rest = segment.rowAt(to) - start
    const first = rest === 0 ? undefined : groupAt(segment, start)
    const count = first === undefined ? 0 : Math.min(rest, this.#end.roomFor(first.group, first.metadata))
    const end = count === rest ? to : segment.placeOf(start + count - 1) + 1
    if (first !== undefined) this.#goOn(first.group, first.metadata)
    this.#events.addRun(segment.events, { from, to: end }, this.#lineCount)
    const run = this.#run
    if (run?.segment === segment && run.to === from) this.#run = { segment, from: run.from, to: end, plain: run.plain && plain }
    else {
      this.#gatherRun()
      this.#run = { segment, from, to: end, plain }
    }
    this.#lineCount += end - from
    if (first !== undefined) this.#addRows(count, first, groupAt(segment, start + count - 1))
    return end
  }

  #joins(segment: KnownSegment): boolean {
    return this.#end.isStarted && !this.#end.isBefore(segment.firstGroup, segment.firstMetadata)
  }

  /** A row follows: a list may end in front of it. */
  #goOn(group: number, metadata: MetricMetadata): void {
    if (this.#end.isBefore(group, metadata)) {
      if (this.#lastIsOpen) this.#close()
      this.#end.restart()
    } else if (this.#end.isStarted && !this.#lastIsOpen) this.#reopen()
    this.#lastIsOpen = true
  }

  #addRows(count: number, first: { readonly group: number }, last: { readonly group: number; readonly metadata: MetricMetadata }): void {
    if (this.#rowCount === 0) this.#firstGroup = first.group
    this.#lastGroup = last.group
    this.#rowCount += count
    this.#end.goOn(count, last.group, last.metadata)
  }

  /** The list of the last whole segment goes on, so that the segment does not stay one. There are no rows among the open lines. */
  #reopen(): void {
    let count = 1
    while (this.#parts.at(-count)!.list === undefined) count++
    const parts = this.#parts.splice(-count)
    const open = { text: this.#gathered?.takeText(), run: this.#run, lineCount: this.#lineCount }
    const events = this.#events.take()
    this.#run = undefined
    this.#lineCount = 0
    this.#typeBefore = parts[0]!.typeBefore
    for (const segment of parts) {
      this.#closedRows -= segment.rows
      this.#rowCount += segment.rows
      if (segment.list !== undefined) this.#firstGroup = segment.firstGroup
      this.#events.addRun(segment.events, { from: 0, to: segment.count }, this.#lineCount)
      this.#gatherRun()
      this.#run = { segment, from: 0, to: segment.count, plain: true }
      this.#lineCount += segment.count
    }
    for (const event of events) this.#events.add(event, event.line + this.#lineCount)
    if (open.text !== undefined) {
      this.#gatherRun()
      this.#gather().addText(open.text)
    }
    if (open.run !== undefined) {
      this.#gatherRun()
      this.#run = open.run
    }
    this.#lineCount += open.lineCount
  }

  #gatherRun(): void {
    if (this.#run !== undefined) this.#gather().addRun(this.#run)
    this.#run = undefined
  }

  #gather(): GatheredLines {
    this.#gathered ??= GatheredLines.take()
    return this.#gathered
  }

  /** Makes a part of the open lines. What was said in front of the next line stays for that. */
  #close(): void {
    if (this.#lineCount === 0) return
    const events = this.#events.takeBefore(this.#lineCount)
    this.#addPart(this.#createPart(events))
    this.#lineCount = 0
    this.#rowCount = 0
    this.#openRows = undefined
  }

  #addPart(segment: KnownSegment): void {
    this.#parts.push(segment)
    this.#closedRows += segment.rows
    this.#typeBefore = lastTypeOf(segment.checks, segment.typeBefore)
  }

  #createPart(events: readonly FamilyEvent[]): KnownSegment {
    const run = this.#run
    if ((this.#gathered?.count ?? 0) === 0 && run?.from === 0 && run.to === run.segment.count) {
      this.#run = undefined
      const { segment, plain } = run
      const { text, list, hashes, firstGroup, lastGroup } = segment
      if (plain === segment.whole && this.#typeBefore === segment.typeBefore && equalEvents(events, segment.events)) return segment
      const carried = segment.rows === 0 ? [] : [{ segment, from: 0, to: segment.rows, at: 0 }]
      return this.#createSegment({ text, list, hashes, firstGroup, lastGroup, carried, plain }, events)
    }
    this.#gatherRun()
    const gathered = this.#gather().build(this.#options.parts)
    const list = gathered.list === undefined ? undefined : this.#options.intern(gathered.list, gathered.hashes)
    const groups = { firstGroup: this.#firstGroup, lastGroup: this.#lastGroup }
    const segment = this.#createSegment({ ...gathered, ...groups, list }, events)
    if (this.#openRows !== undefined) this.#options.onClose(this.#openRows, segment)
    return segment
  }

  #createSegment(gathered: Gathered & Pick<SegmentContent, 'firstGroup' | 'lastGroup'>, events: readonly FamilyEvent[]): KnownSegment {
    const { text, list, hashes, firstGroup, lastGroup, carried, plain } = gathered
    const shared = this.#options.parts.events(events)
    const said = { typeBefore: this.#typeBefore, events: shared, checks: withoutRepeatedNames(shared) }
    // LineMatcher does not always tell a NUL from a byte of 0x80.
    const segment = new KnownSegment({ text, list, hashes, firstGroup, lastGroup, whole: plain, ...said }, !hasNul(text.bytes))
    segment.show({ from: 0, to: segment.rows }, this.#closedRows, this.#options.page)
    segment.carried = carried
    return segment
  }
}

/** A Buffer looks for a byte at once, other arrays one by one. */
function hasNul({ buffer, byteOffset, length }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, length).includes(0)
}

function groupAt({ list, rows, firstGroup, lastGroup }: KnownSegment, row: number): { group: number; metadata: MetricMetadata } {
  const group = row === 0 ? firstGroup : row === rows - 1 ? lastGroup : groupHashAt(list!, row)
  return { group, metadata: list!.metadataAt(row) }
}

import type { MetricType } from '../../model/metadata.js'
import type { Series } from '../../model/series.js'
import { isListBoundary, maxListLength, type SeriesList } from '../../model/series-list.js'
import { KnownLinesBuilder } from '../../text/fast/known-lines.js'
import type { KnownLine, KnownSeries } from '../known-series.js'
import type { Tracked } from '../target-cache.js'
import { type FamilyEvent, firstEventOf, lastNameOf, lastTypeOf, withoutRepeatedNames } from './family-events.js'
import { type KnownSegment, rowAt } from './known-segment.js'

/** A line by itself. */
export interface FreshLine {
  readonly line: KnownLine
  /** The line up to its value, comments in front of it included. */
  readonly bytes: Uint8Array
  /** Its series as it is here, where its sample is the first of its series; else undefined. */
  readonly series: Series | undefined
  /** Whether the line makes its series one whose end must be marked. */
  readonly tracked: boolean
  /** Whether its segment may be taken as a whole, as far as it is concerned. */
  readonly plain: boolean
}

/** Some lines of a segment that may be taken as a whole, as they stood: from one place to another, exclusive. */
interface Run {
  readonly segment: KnownSegment
  readonly from: number
  readonly to: number
}

/** A stretch of the page between two boundaries of lists. */
export interface Part {
  readonly segment: KnownSegment
  readonly tracked: Tracked
  /** Whether the next page can be compared with it. */
  readonly comparable: boolean
}

export interface AssemblerOptions {
  readonly body: Uint8Array
  readonly intern: (series: readonly Series[]) => SeriesList
  /** The number of the page. */
  readonly page: number
}

/** Joins the lines of a page, in page order: known segments stay as they are, the rest is cut where the lists of series end. */
export class SegmentAssembler {
  readonly #options: AssemblerOptions
  readonly #parts: Part[] = []
  /** Since the last boundary: lines, their number, and what happened to families on the way. */
  #open: (FreshLine | Run)[] = []
  #lineCount = 0
  #events: FamilyEvent[] = []
  #typeBefore: MetricType = 'unknown'
  /** The last series, how many of its list there are so far, and whether they are among the open lines. */
  #last: Series | undefined
  #length = 0
  #lastIsOpen = false
  #bodyHasNul: boolean | undefined

  constructor(options: AssemblerOptions) {
    this.#options = options
  }

  /** All parts, once the page has ended. */
  finish(): readonly Part[] {
    this.#close()
    return this.#parts
  }

  /** What the page has said of families so far, in pieces: each begins after what the one before it ended with. */
  *history(): Generator<readonly FamilyEvent[], void, undefined> {
    for (const { segment } of this.#parts) yield segment.checks
    yield this.#events
  }

  /** Something happens to families, in front of the next line or in it. */
  addEvent(event: FamilyEvent): void {
    this.#pushEvent(event, this.#lineCount)
  }

  /** The next line will be read once more, and will say again what it said. */
  forgetEvents(): void {
    while (this.#events.at(-1)?.line === this.#lineCount) this.#events.pop()
  }

  addLine(fresh: FreshLine): void {
    if (fresh.series !== undefined) this.#goOn(fresh.series, fresh.series, 1)
    this.#open.push(fresh)
    this.#lineCount++
  }

  /** The page goes on with some lines of a segment. */
  addRun(segment: KnownSegment, from: number, to: number): void {
    const start = rowAt(segment, from)
    const rows = rowAt(segment, to) - start
    // The list may end within: only for its length, as nothing else ends a list within what was one.
    if (to - from > 1 && this.#length + rows > maxListLength) {
      for (let place = from; place < to; place++) this.addRun(segment, place, place + 1)
      return
    }
    if (rows > 0) this.#goOn(segment.list!.at(start), segment.list!.at(start + rows - 1), rows)
    this.#pushEvents(segment, from, to)
    this.#open.push({ segment, from, to })
    this.#lineCount += to - from
  }

  /** The page goes on with a whole segment. */
  addSegment(segment: KnownSegment): void {
    const { list } = segment
    const first = list?.at(0)
    const joins = first === undefined ? this.#lineCount > 0 : this.#last !== undefined && !isListBoundary(this.#last, first, this.#length)
    if (joins) {
      this.addRun(segment, 0, segment.lines.length)
      return
    }
    this.#close()
    this.#events = []
    this.#parts.push({ segment, tracked: segment, comparable: true })
    this.#typeBefore = lastTypeOf(segment.checks, segment.typeBefore)
    if (list === undefined) return
    this.#last = list.at(list.length - 1)
    this.#lastIsOpen = false
    this.#length = list.length
  }

  /** Some series follow, between which no list ends: one may end in front of them. */
  #goOn(first: Series, last: Series, count: number): void {
    if (this.#last !== undefined && isListBoundary(this.#last, first, this.#length)) {
      if (this.#lastIsOpen) this.#close()
      this.#length = 0
    } else if (this.#last !== undefined && !this.#lastIsOpen) this.#reopen()
    this.#last = last
    this.#lastIsOpen = true
    this.#length += count
  }

  /** The list of the last whole segment goes on, so that the segment does not stay one. */
  #reopen(): void {
    let count = 1
    while (this.#parts.at(-count)!.segment.list === undefined) count++
    const parts = this.#parts.splice(-count)
    const [open, events] = [this.#open, this.#events]
    this.#open = []
    this.#events = []
    const addedLines = this.#lineCount
    this.#lineCount = 0
    this.#typeBefore = parts[0]!.segment.typeBefore
    for (const { segment } of parts) {
      const to = segment.lines.length
      this.#pushEvents(segment, 0, to)
      this.#open.push({ segment, from: 0, to })
      this.#lineCount += to
    }
    for (const event of events) this.#pushEvent(event, event.line + this.#lineCount)
    this.#open.push(...open)
    this.#lineCount += addedLines
  }

  /** What some lines of a segment say of families, beginning with the name of the first. */
  #pushEvents({ events }: KnownSegment, from: number, to: number): void {
    const first = firstEventOf(events, from)
    // Comments are always followed by a name.
    const name = events[first]?.line === from ? undefined : lastNameOf(events, first)
    if (name !== undefined) this.#pushEvent(name, this.#lineCount)
    for (let i = first; i < events.length && events[i]!.line < to; i++) {
      this.#pushEvent(events[i]!, this.#lineCount + events[i]!.line - from)
    }
  }

  /** A name that goes on is no event: otherwise they would become more with each page. */
  #pushEvent(event: FamilyEvent, line: number): void {
    const last = this.#events.at(-1)
    if (event.kind === 'name' && last?.kind === 'name') {
      if (last.name === event.name && last.metadata === event.metadata) return
      if (last.line === line) this.#events.pop()
    }
    this.#events.push({ ...event, line })
  }

  /** Makes a part of the open lines. What was said in front of the next line stays for that. */
  #close(): void {
    const open = this.#open
    if (open.length === 0) return
    const events = this.#events.filter(({ line }) => line < this.#lineCount)
    const later = this.#events.slice(events.length)
    this.#parts.push(this.#createPart(open, events))
    this.#open = []
    this.#lineCount = 0
    this.#typeBefore = lastTypeOf(events, this.#typeBefore)
    // Every segment says the name that its first line has.
    const name = later.some(({ kind }) => kind === 'name') ? undefined : lastNameOf(events, events.length)
    this.#events = [...(name === undefined ? [] : [name]), ...later].map((event) => ({ ...event, line: 0 }))
  }

  #createPart(items: readonly (FreshLine | Run)[], events: readonly FamilyEvent[]): Part {
    const { intern, page } = this.#options
    const text = new KnownLinesBuilder()
    const lines: KnownLine[] = []
    const series: Series[] = []
    const tracked: KnownSeries[] = []
    let comparable = true
    let whole = true
    for (const item of items) {
      if ('segment' in item) {
        const { segment, from, to } = item
        text.addLines(segment.text, from, to)
        for (let place = from; place < to; place++) {
          const line = segment.lines[place]!
          lines.push(line)
          if (line.known !== undefined) tracked.push(line.known)
        }
        for (let row = rowAt(segment, from); row < rowAt(segment, to); row++) series.push(segment.list!.at(row))
      } else {
        const { line, bytes } = item
        text.add(bytes, item.series !== undefined)
        lines.push(line)
        if (item.series !== undefined) series.push(item.series)
        if (item.tracked && line.known !== undefined) tracked.push(line.known)
        whole &&= item.plain
        comparable &&= !this.#hasNul(bytes)
      }
    }
    whole &&= comparable
    const segment: KnownSegment = {
      text: text.build(),
      lines,
      list: series.length === 0 ? undefined : intern(series),
      rows: series.length,
      whole,
      typeBefore: this.#typeBefore,
      events,
      checks: withoutRepeatedNames(events),
      index: 0,
      page: whole ? page : 0,
      disturbedPage: 0,
    }
    return { segment, tracked: whole ? segment : tracked, comparable }
  }

  /** LineMatcher does not always tell a NUL from a byte of 0x80. Nearly all bodies have none, which is quickly seen. */
  #hasNul(bytes: Uint8Array): boolean {
    const { body } = this.#options
    this.#bodyHasNul ??= Buffer.from(body.buffer, body.byteOffset, body.length).includes(0)
    return this.#bodyHasNul && bytes.includes(0)
  }
}

import type { MetricType } from '../../model/metadata.js'
import type { Series } from '../../model/series.js'
import { isListBoundary, type SeriesList } from '../../model/series-list.js'
import { createKnownLines, startOfLine } from '../../text/fast/known-lines.js'
import type { KnownLine } from '../known-series.js'
import type { Tracked } from '../target-cache.js'
import { type FamilyEvent, lastTypeOf, withoutRepeatedNames } from './family-events.js'
import type { KnownSegment } from './known-segment.js'

/** A line that does not come with a known segment. */
export interface FreshLine {
  readonly line: KnownLine
  /** Where in the body the line begins, comments in front of it included. */
  readonly start: number
  /** Where its value begins. */
  readonly end: number
  /** Its series as it is here, where its sample is the first of its series; else undefined. */
  readonly series: Series | undefined
  /** Whether the line makes its series one whose end must be marked. */
  readonly tracked: boolean
  /** Whether its segment may be taken as a whole, as far as it is concerned. */
  readonly plain: boolean
}

/** A stretch of the page between two boundaries of lists. */
export interface Part {
  readonly segment: KnownSegment
  readonly tracked: Tracked
  /** Whether the next page can be compared with it. */
  readonly comparable: boolean
  /** Where a known segment begins in the body; undefined for a new one. */
  readonly start: number | undefined
}

export interface AssemblerOptions {
  readonly body: Uint8Array
  readonly intern: (series: readonly Series[]) => SeriesList
  /** The number of the page. */
  readonly page: number
}

const nulByte = 0
const lineFeed = 0x0a

/** Joins known segments and fresh lines of a page, in page order, and cuts what is fresh into segments where the lists of series end. */
export class SegmentAssembler {
  readonly #options: AssemblerOptions
  readonly #parts: Part[] = []
  /** Fresh lines since the last boundary, and what happened to families on the way. */
  #lines: FreshLine[] = []
  #events: FamilyEvent[] = []
  #typeBefore: MetricType = 'unknown'
  /** The last series, and how many of its list there are so far. */
  #last: Series | undefined
  #length = 0
  /** Whether that series is one of the fresh lines. */
  #lastIsFresh = false

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
    this.#events.push({ ...event, line: this.#lines.length })
  }

  addLine(fresh: FreshLine): void {
    const { series } = fresh
    if (series !== undefined) {
      if (this.#last !== undefined && isListBoundary(this.#last, series, this.#length)) {
        if (this.#lastIsFresh) this.#close()
        this.#length = 0
      } else if (this.#last !== undefined && !this.#lastIsFresh) this.#reopen()
      this.#last = series
      this.#lastIsFresh = true
      this.#length++
    }
    this.#lines.push(fresh)
  }

  /** The body goes on with a known segment, from `start` on. */
  addSegment(segment: KnownSegment, start: number): void {
    const { list } = segment
    const first = list?.at(0)
    const joins =
      first === undefined ? this.#lines.length > 0 : this.#last !== undefined && !isListBoundary(this.#last, first, this.#length)
    if (joins) {
      this.#addLinesOf(segment, start)
      return
    }
    this.#close()
    this.#events = []
    this.#parts.push({ segment, tracked: segment, comparable: true, start })
    this.#typeBefore = lastTypeOf(segment.events, segment.typeBefore)
    if (list === undefined) return
    this.#last = list.at(list.length - 1)
    this.#lastIsFresh = false
    this.#length = list.length
  }

  /** The list of the known segments before goes on, so that they are taken apart. */
  #reopen(): void {
    let count = 1
    while (this.#parts.at(-count)!.segment.list === undefined) count++
    const parts = this.#parts.splice(-count)
    const fresh = { lines: this.#lines, events: this.#events }
    this.#lines = []
    this.#events = []
    this.#typeBefore = parts[0]!.segment.typeBefore
    for (const { segment, start } of parts) this.#unfold(segment, start!)
    const shift = this.#lines.length
    this.#lines.push(...fresh.lines)
    for (const event of fresh.events) this.#events.push({ ...event, line: event.line + shift })
  }

  #addLinesOf(segment: KnownSegment, start: number): void {
    let event = 0
    freshLinesOf(segment, this.#options.body, start).forEach((line, i) => {
      for (; event < segment.events.length && segment.events[event]!.line === i; event++) this.addEvent(segment.events[event]!)
      this.addLine(line)
    })
  }

  #unfold(segment: KnownSegment, start: number): void {
    const shift = this.#lines.length
    for (const event of segment.events) this.#events.push({ ...event, line: event.line + shift })
    this.#lines.push(...freshLinesOf(segment, this.#options.body, start))
  }

  /** Makes a part of the fresh lines. What was said in front of the next line stays for that. */
  #close(): void {
    const lines = this.#lines
    if (lines.length === 0) return
    const events = this.#events.filter(({ line }) => line < lines.length)
    const later = this.#events.slice(events.length)
    const segment = this.#createSegment(lines, events)
    const tracked = segment.whole ? segment : lines.flatMap(({ line, tracked }) => (tracked ? (line.known ?? []) : []))
    this.#parts.push({ segment, tracked, comparable: !hasNul(segment), start: undefined })
    this.#lines = []
    this.#typeBefore = lastTypeOf(events, this.#typeBefore)
    // Every segment says the name that its first line has.
    const name = later.some(({ kind }) => kind === 'name') ? undefined : events.findLast(({ kind }) => kind === 'name')
    this.#events = [...(name === undefined ? [] : [name]), ...later].map((event) => ({ ...event, line: 0 }))
  }

  #createSegment(lines: readonly FreshLine[], events: readonly FamilyEvent[]): KnownSegment {
    const { body, intern, page } = this.#options
    const series = lines.flatMap((one) => one.series ?? [])
    const text = createKnownLines(body, {
      starts: lines.map(({ start }) => start),
      ends: lines.map(({ end }) => end),
      keeps: lines.map((one) => one.series !== undefined),
    })
    const whole = lines.every(({ plain }) => plain) && !text.bytes.includes(nulByte)
    return {
      text,
      lines: lines.map(({ line }) => line),
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
  }
}

/** Bytes are compared as doubles, which tell a NUL from a byte of 0x80 not always: see LineMatcher. */
function hasNul({ text }: KnownSegment): boolean {
  return text.bytes.includes(nulByte)
}

/** The lines of a segment that the body repeats from `start` on, each with a number and a line feed behind it. */
function freshLinesOf({ text, lines, list }: KnownSegment, body: Uint8Array, start: number): FreshLine[] {
  let at = start
  let row = 0
  return lines.map((line, i) => {
    const mark = text.marks[i]!
    const end = at + (mark >>> 1) - startOfLine(text, i)
    const fresh = { line, start: at, end, series: (mark & 1) === 1 ? list?.at(row++) : undefined, tracked: (mark & 1) === 1, plain: true }
    at = body.indexOf(lineFeed, end) + 1
    return fresh
  })
}

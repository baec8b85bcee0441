import { startOfLine } from '../../text/fast/known-lines.js'
import { LineMatcher } from '../../text/fast/line-matcher.js'
import type { TextEntry } from '../../text/text-entry.js'
import type { KnownLine } from '../known-series.js'
import { atLine } from '../page-error.js'
import type { PageIntake } from '../page-intake.js'
import { SampleRows } from '../sample-rows.js'
import type { TargetCache } from '../target-cache.js'
import { type KnownSegment, rowAt } from './known-segment.js'
import { LineReader } from './line-reader.js'
import { type Part, SegmentAssembler } from './segment-assembler.js'
import { ValueColumn } from './value-column.js'

const lineFeed = 0x0a
const space = 0x20
const zero = 0x30

/** As many digits are exact in a double; a timestamp of more goes to the plain parser, which knows what to say of it. */
const maxTimestampDigits = 15

/** A new line costs some 10 us, relabelling included: a pause comes after 5 ms. Lines that are known cost next to nothing. */
const maxParsedAtOnce = 500

/** What stands behind the labels of a line. */
interface LineSample {
  /** Where the value begins. */
  readonly valueAt: number
  readonly value: number
  readonly timestampMs: number | undefined
}

/** Lines that came as expected. */
export interface Predicted {
  /** In whole segments. */
  readonly whole: number
  /** In parts of segments, or one by one. */
  readonly single: number
}

export interface WalkOptions {
  readonly intake: PageIntake
  readonly cache: TargetCache
}

/** One reading of a body, from its first byte to its last: segments that are known, known lines, and lines that must be parsed. */
export class PageWalk {
  /** The first samples of their series. */
  readonly column: ValueColumn
  /** Second and further samples of a series. */
  readonly repeated: SampleRows[] = []
  readonly predicted: { -readonly [Kind in keyof Predicted]: number } = { whole: 0, single: 0 }
  readonly #body: Uint8Array
  readonly #intake: PageIntake
  readonly #cache: TargetCache
  readonly #segments: readonly KnownSegment[]
  readonly #matcher: LineMatcher
  readonly #assembler: SegmentAssembler
  /** Made for the first line that does not come in a whole segment. */
  #reader: LineReader | undefined
  /** The next byte to read. */
  #at = 0
  /** Behind the last sample: comments since then belong to the next. */
  #lineStart = 0
  /** The known line that is expected next. */
  #index = 0
  #place = 0

  constructor(body: Uint8Array, { intake, cache }: WalkOptions) {
    // Not a Buffer, whose parts are dear to make.
    this.#body = new Uint8Array(body.buffer, body.byteOffset, body.length)
    this.#intake = intake
    this.#cache = cache
    this.#segments = cache.lastPage.segments
    this.#matcher = new LineMatcher(body)
    this.#assembler = new SegmentAssembler({ body, intern: (series) => cache.intern(series), page: cache.page })
    this.column = new ValueColumn(intake.timestampMs, this.#segments)
  }

  /** The comments behind the last sample. */
  get tail(): Uint8Array {
    return this.#body.subarray(this.#lineStart)
  }

  /**
   * Reads on. Returns false where it made a pause, so that others get their turn, and is to be called again; true at the end of the body.
   * Throws what parsing and relabelling throw.
   */
  advance(): boolean {
    const end = this.#body.length
    for (let parsed = 0; this.#at < end; ) {
      if (this.#at === this.#lineStart) {
        const segment = this.#segments[this.#index]
        if (segment === undefined) {
          if (this.#cache.lastPage.endsWith(this.#body, this.#at)) break
        } else if (this.#takeLines(segment) || this.#takeLine(segment)) continue
      }
      if (parsed++ === maxParsedAtOnce) return false
      this.#readLine()
    }
    this.column.trim()
    return true
  }

  /** What the body was made of, once it was read. */
  finish(): readonly Part[] {
    return this.#assembler.finish()
  }

  /** Takes as much of a segment as the body goes on with, from the line on that is expected. */
  #takeLines(segment: KnownSegment): boolean {
    if (!segment.whole || !this.#intake.hasRoomFor(segment.rows)) return false
    const { text, lines } = segment
    const place = this.#place
    this.column.reserve(segment.rows)
    this.#matcher.at = this.#at
    const count = this.#matcher.matchLines(text, place, this.column)
    if (count === 0) return false
    if (count === lines.length && this.#isWhole(segment)) this.#takeWhole(segment)
    else if (!this.#takeRun(segment, place, count)) return false
    this.#moveTo(this.#matcher.at)
    return true
  }

  /** Whether a segment that the body repeats means what it meant on the page before. */
  #isWhole(segment: KnownSegment): boolean {
    const { page } = this.#cache
    return segment.page !== page && segment.disturbedPage !== page && (this.#reader === undefined || this.#reader.agrees(segment))
  }

  #takeWhole(segment: KnownSegment): void {
    const { rows, lines } = segment
    this.#assembler.addSegment(segment)
    this.#cache.showWhole(segment)
    this.#intake.admitAll(rows, lines.length - rows)
    this.column.take(rows)
    this.predicted.whole += lines.length
    this.#index++
  }

  /** Takes the lines of a segment that the body repeats, up to the first that does not mean what it meant. */
  #takeRun(segment: KnownSegment, place: number, matched: number): boolean {
    const { lines } = segment
    let to = place
    while (to < place + matched && this.#isFirst(lines[to]!)) to++
    to = place + this.#ensureReader().followAll(segment, place, to)
    if (to === place) return false
    if (to < place + matched) this.#matchAgain(segment, to)
    const rows = rowAt(segment, to) - rowAt(segment, place)
    this.#assembler.addRun(segment, place, to)
    this.#intake.admitAll(rows, to - place - rows)
    for (let i = place; i < to; i++) {
      const line = lines[i]!
      this.#cache.show(line)
      if (line.known !== undefined) this.#intake.mark(line.known)
    }
    this.column.take(rows)
    this.predicted.single += to - place
    this.#expectAfter(segment, to - 1)
    return true
  }

  #isFirst({ known }: KnownLine): boolean {
    return known === undefined || this.#intake.isFirst(known)
  }

  /** Moves the matcher back, behind fewer lines than it has matched. */
  #matchAgain({ text }: KnownSegment, to: number): void {
    this.#matcher.at = this.#at
    for (let i = this.#place; i < to; i++) {
      this.#matcher.matchLine(text, i)
      this.#matcher.at++
    }
  }

  /** Takes the known line that is expected, if the body goes on with it. */
  #takeLine(segment: KnownSegment): boolean {
    const { text, lines } = segment
    const place = this.#place
    const matcher = this.#matcher
    matcher.at = this.#at
    if (!matcher.matchLine(text, place)) return false
    const timestampMs = this.#readTimestamp()
    if (this.#body[matcher.at] !== lineFeed) return false
    if (!this.#ensureReader().follow(segment, place)) {
      this.#assembler.forgetEvents()
      return false
    }
    const valueAt = this.#at + (text.marks[place]! >>> 1) - startOfLine(text, place)
    const line = lines[place]!
    this.#intake.scraped++
    if (!this.#intake.isOverLimit) {
      this.#cache.show(line)
      this.#add(line, { valueAt, value: matcher.value, timestampMs })
    } else if (line.known !== undefined) this.#intake.afterRelabeling++
    this.predicted.single++
    this.#expectAfter(segment, place)
    this.#moveTo(matcher.at + 1)
    return true
  }

  /** The digits behind a value and one space, if they are a timestamp. */
  #readTimestamp(): number | undefined {
    const body = this.#body
    const start = this.#matcher.at + 1
    if (body[start - 1] !== space) return undefined
    let at = start
    let timestampMs = 0
    for (let digit = body[at]! - zero; digit >= 0 && digit <= 9; digit = body[++at]! - zero) timestampMs = timestampMs * 10 + digit
    if (at === start || at - start > maxTimestampDigits) return undefined
    this.#matcher.at = at
    return timestampMs
  }

  /** Reads a line, a comment or a sample, with the plain parser. */
  #readLine(): void {
    const reader = this.#ensureReader()
    const start = this.#at
    let isSample = false
    this.#at = reader.read(start, (entry) => {
      isSample = true
      try {
        this.#addEntry(entry, reader.valueAt)
      } catch (error) {
        throw atLine(error, this.#lineNumberAt(start))
      }
    })
    if (isSample) this.#lineStart = this.#at
  }

  #addEntry(entry: TextEntry, valueAt: number): void {
    this.#intake.scraped++
    if (this.#intake.isOverLimit) {
      if (this.#cache.keeps(entry)) this.#intake.afterRelabeling++
      return
    }
    const line = this.#cache.resolve(entry)
    this.#add(line, { valueAt, value: entry.value, timestampMs: entry.timestampMs })
    if (line.home !== undefined) this.#expectAfter(line.home, line.place)
  }

  #add(line: KnownLine, { valueAt, value, timestampMs }: LineSample): void {
    const { known } = line
    const explicitMs = this.#intake.explicitOf(timestampMs)
    const before = this.#intake.admit(known, explicitMs)
    const isFirst = known !== undefined && before === 0
    if (isFirst) this.column.push(value, explicitMs)
    else if (known !== undefined && before !== undefined) {
      this.repeated[before - 1] ??= new SampleRows(this.#intake.timestampMs)
      this.repeated[before - 1]!.add(known.series, value, explicitMs)
    }
    this.#assembler.addLine({
      line,
      bytes: this.#body.subarray(this.#lineStart, valueAt),
      series: isFirst ? known.series : undefined,
      tracked: known !== undefined && before !== undefined && this.#intake.track(known, explicitMs !== undefined),
      plain: timestampMs === undefined && (known === undefined || isFirst),
    })
  }

  #ensureReader(): LineReader {
    this.#reader ??= new LineReader(this.#body, {
      metadata: this.#cache.metadata,
      history: () => this.#assembler.history(),
      onEvent: (event) => this.#assembler.addEvent(event),
    })
    return this.#reader
  }

  #expectAfter({ index, lines }: KnownSegment, place: number): void {
    const isLast = place + 1 === lines.length
    this.#index = isLast ? index + 1 : index
    this.#place = isLast ? 0 : place + 1
  }

  #moveTo(at: number): void {
    this.#at = at
    this.#lineStart = at
  }

  #lineNumberAt(offset: number): number {
    let line = 1
    for (let at = this.#body.indexOf(lineFeed); at >= 0 && at < offset; at = this.#body.indexOf(lineFeed, at + 1)) line++
    return line
  }
}

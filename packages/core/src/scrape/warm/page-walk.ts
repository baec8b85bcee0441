import { startOfLine } from '../../text/fast/known-lines.js'
import { LineMatcher } from '../../text/fast/line-matcher.js'
import type { TextEntry } from '../../text/text-entry.js'
import type { KnownLine } from '../known-series.js'
import { atLine } from '../page-error.js'
import type { PageIntake } from '../page-intake.js'
import { SampleRows } from '../sample-rows.js'
import type { TargetCache } from '../target-cache.js'
import type { KnownSegment } from './known-segment.js'
import { LineReader } from './line-reader.js'
import { type Part, SegmentAssembler } from './segment-assembler.js'
import { ValueColumn } from './value-column.js'

const lineFeed = 0x0a
const space = 0x20
const zero = 0x30

/** As many digits are exact in a double; a timestamp of more goes to the plain parser, which knows what to say of it. */
const maxTimestampDigits = 15

/** What stands behind the labels of a line. */
interface LineSample {
  /** Where the value begins. */
  readonly valueAt: number
  readonly value: number
  readonly timestampMs: number | undefined
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
  readonly predicted: { whole: number; single: number } = { whole: 0, single: 0 }
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
    this.#body = body
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

  /** Reads the body to its end. Throws what parsing and relabelling throw. */
  run(): readonly Part[] {
    const end = this.#body.length
    while (this.#at < end) {
      if (this.#at === this.#lineStart) {
        const segment = this.#segments[this.#index]
        if (segment === undefined) {
          if (this.#cache.lastPage.endsWith(this.#body, this.#at)) break
        } else if (this.#takeSegment(segment) || this.#takeLine(segment)) continue
      }
      this.#readLine()
    }
    this.column.trim()
    return this.#assembler.finish()
  }

  /** Takes a whole segment, if the body goes on with it. */
  #takeSegment(segment: KnownSegment): boolean {
    const { page } = this.#cache
    const { rows, lines } = segment
    const mayBeWhole = this.#place === 0 && segment.whole && segment.page !== page && segment.disturbedPage !== page
    if (!mayBeWhole || !this.#intake.hasRoomFor(rows)) return false
    this.column.reserve(rows)
    this.#matcher.at = this.#at
    if (!this.#matcher.matchAll(segment.text, this.column.values, this.column.length)) return false
    if (this.#reader !== undefined && !this.#reader.agrees(segment)) return false
    this.#assembler.addSegment(segment, this.#at)
    this.#cache.showWhole(segment)
    this.#intake.admitAll(rows, lines.length - rows)
    this.column.take(rows)
    this.predicted.whole += lines.length
    this.#index++
    this.#moveTo(this.#matcher.at)
    return true
  }

  /** Takes the known line that is expected, if the body goes on with it. */
  #takeLine(segment: KnownSegment): boolean {
    const { text, lines } = segment
    const place = this.#place
    const matcher = this.#matcher
    matcher.at = this.#at
    if (!matcher.matchLine(text, place)) return false
    const timestampMs = this.#readTimestamp()
    if (this.#body[matcher.at] !== lineFeed || !this.#ensureReader().follow(segment, place)) return false
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
      start: this.#lineStart,
      end: valueAt,
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

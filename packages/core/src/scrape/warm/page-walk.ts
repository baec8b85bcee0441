import { type ByteRange, rangeOf } from '../../model/byte-range.js'
import { equalBytes, viewOf } from '../../model/bytes.js'
import { endOfLine, kindOfLine, lineKind, startOfLine } from '../../text/fast/known-lines.js'
import type { LineMatcher } from '../../text/fast/line-matcher.js'
import { ParseError } from '../../text/parse-error.js'
import type { TextEntry } from '../../text/text-entry.js'
import { atLine } from '../page-error.js'
import { BodyPieces } from './body-pieces.js'
import type { Stop } from './body-trail.js'
import type { SampleLine } from './gathered-lines.js'
import type { KnownPage } from './known-page.js'
import type { KnownSegment } from './known-segment.js'
import { lineFeedsIn } from './line-feeds.js'
import type { LineIndex } from './line-index.js'
import { LineReader } from './line-reader.js'
import type { PageSamples } from './page-samples.js'
import { endsInQuotes, valueOfSample } from './sample-text.js'
import type { SeriesRules } from './series-rules.js'

const noBytes = new Uint8Array(0)
const tab = 0x09
const lineFeed = 0x0a
const space = 0x20
const hash = 0x23

/**
 * What is done at once, in units of what a known line costs that came at another place (some 0.3 us): a pause comes after 5 ms. Lines that
 * come where they are expected cost next to nothing.
 */
const maxEffort = 15_000
/** At first: code that has hardly run yet takes many times as long. */
const firstEffort = 3000
const recallEffort = 1
/** A new line costs 1 to 3 us, or some 10 us with the plain parser and relabelling. */
const packedEffort = 10
const parseEffort = 30

/** What became of the line that was expected: taken, or something else stands there, or it may come with more of the body. */
type Outcome = 'taken' | 'missed' | 'starved'

/** Lines that came as expected. */
export interface Predicted {
  /** In whole segments. */
  readonly whole: number
  /** In parts of segments, or one by one. */
  readonly single: number
}

export interface WalkOptions {
  readonly samples: PageSamples
  readonly known: KnownPage
  readonly rules: SeriesRules
  readonly matcher: LineMatcher
}

/** One reading of a body, from its first byte to its last: segments that are known, known lines, and lines that must be parsed. */
export class PageWalk {
  readonly predicted: { -readonly [Kind in keyof Predicted]: number } = { whole: 0, single: 0 }
  readonly #options: WalkOptions
  readonly #segments: readonly KnownSegment[]
  readonly #pieces = new BodyPieces()
  readonly #matcher: LineMatcher
  /** Made for the first line that does not come as expected. Up to there the page is the last one. */
  #reader: LineReader | undefined
  #readerIsOpen = false
  #view: DataView | undefined
  /** Of the window: the next byte to read, and where what can be read ends. */
  #at = 0
  #end = 0
  /** Behind the last sample: comments since then belong to the next. */
  #lineStart = 0
  /** Since the last pause: pieces may come faster than others get their turn. */
  #effort = 0
  /** What is handed on, line after line. */
  readonly #line: SampleLine = { bytes: noBytes, start: 0, end: 0, value: Number.NaN, timestampMs: undefined }
  readonly #labels: ByteRange = rangeOf('')
  /** The known line that is expected next. */
  #index = 0
  #place = 0

  constructor(options: WalkOptions) {
    this.#options = options
    this.#matcher = options.matcher
    this.#segments = options.known.segments
    if (this.#segments.length === 0) this.#effort = maxEffort - firstEffort
  }

  /** Where it stopped. */
  get stop(): Stop {
    const line = this.#linesBefore() + 1 + lineFeedsIn(this.#pieces.window.subarray(0, this.#at))
    return { left: this.#pieces.leftFrom(this.#at), line }
  }

  /** The comments behind the last sample, once the body has ended. */
  get tail(): Uint8Array {
    return this.#pieces.window.subarray(this.#lineStart)
  }

  /** The next piece of the body has come. It is only looked at until `advance` returns true. */
  add(piece: Uint8Array): void {
    this.#pieces.add(piece)
  }

  /** The body has ended. `advance` once more. */
  end(): void {
    this.#pieces.end()
    this.#open()
  }

  /**
   * Reads on. Returns false where it made a pause, so that others get their turn, and is to be called again; true where all that has come
   * is read. Throws what parsing and relabelling throw.
   */
  advance(): boolean {
    for (;;) {
      if (!this.#readWindow()) return false
      if (this.#pieces.isLast) return true
      const more = this.#pieces.next(this.#lineStart)
      this.#at -= this.#lineStart
      this.#lineStart = 0
      this.#end = 0
      if (!more) return true
      this.#open()
    }
  }

  /** What the body was made of, as far as it was read. */
  finish(): readonly KnownSegment[] {
    const { assembler, column } = this.#options.samples
    this.#options.rules.packed?.release()
    this.#leave()
    column.trim()
    return assembler.finish()
  }

  #open(): void {
    const { window, isLast } = this.#pieces
    this.#matcher.read(window)
    this.#end = isLast ? window.length : this.#matcher.end
    this.#readerIsOpen = false
    this.#view = undefined
  }

  /** Reads the window as far as that can be done. Returns false where it made a pause. */
  #readWindow(): boolean {
    while (this.#at < this.#end) {
      if (this.#effort >= maxEffort) {
        this.#effort = 0
        return false
      }
      const spent = this.#readOn()
      if (spent === undefined) return true
      this.#effort += spent
    }
    return true
  }

  /** Takes what stands next. Returns what it cost; undefined where more of the body is needed. */
  #readOn(): number | undefined {
    const { known, rules } = this.#options
    if (this.#at === this.#lineStart) {
      const segment = this.#segments[this.#index]
      const outcome = segment === undefined ? this.#takeTail() : this.#takeLines(segment)
      if (outcome === 'taken') return 0
      if (outcome === 'starved') return undefined
    }
    // A line that is packed is known by its labels at the same cost.
    if (this.#segments.length > 0 && rules.packed === undefined) {
      const lines = known.indexedLines()
      if (lines === undefined) return maxEffort
      if (this.#recall(lines)) return recallEffort
    }
    if (this.#readPacked()) return packedEffort
    return this.#readLine() ? parseEffort : undefined
  }

  /** Behind all segments: the body ends as the page did, or there is something new. */
  #takeTail(): Outcome {
    const { tail } = this.#options.known
    const { window, isLast } = this.#pieces
    if (this.#end - this.#at > tail.length) return 'missed'
    const rest = window.subarray(this.#at, this.#end)
    if (!equalBytes(rest, tail.subarray(0, rest.length))) return 'missed'
    if (!isLast) return 'starved'
    if (rest.length < tail.length) return 'missed'
    this.#at = this.#end
    return 'taken'
  }

  /** Takes as much of a segment as the window goes on with, from the line on that is expected. */
  #takeLines(segment: KnownSegment): Outcome {
    const { samples } = this.#options
    if (!samples.mayTakeAll(segment)) return this.#takeLine(segment)
    const from = this.#place
    samples.column.reserve(segment.rows)
    this.#matcher.at = this.#at
    const count = this.#matcher.matchLines(segment.text, from, samples.column)
    return count > 0 && this.#takeMatched(segment, { from, to: from + count }) ? 'taken' : this.#takeLine(segment)
  }

  #takeMatched(segment: KnownSegment, lines: { readonly from: number; readonly to: number }): boolean {
    const { samples } = this.#options
    const isWhole = lines.from === 0 && lines.to === segment.count
    if (this.#reader !== undefined && !(isWhole && samples.isUntouched(segment) && this.#reader.agrees(segment))) {
      return this.#takeRun(segment, lines)
    }
    samples.takeAll(segment, lines)
    this.predicted.whole += lines.to - lines.from
    // Otherwise it goes on with the next window, or is left where something else stands.
    if (lines.to === segment.count) samples.assembler.addSegment(segment)
    this.#expectAfter(segment, lines.to - 1)
    this.#moveTo(this.#matcher.at)
    return true
  }

  /** Takes the lines of a segment that the body repeats, up to the first that does not mean what it meant. */
  #takeRun(segment: KnownSegment, { from, to }: { readonly from: number; readonly to: number }): boolean {
    const { samples } = this.#options
    const firsts = samples.firstOf(segment, { from, to })
    const lines = { from, to: from + this.#ensureReader().follow(segment, from, from + firsts) }
    if (lines.to === from) return false
    if (lines.to < to) this.#matchAgain(segment, lines.to)
    samples.assembler.addRun(segment, lines, true)
    samples.takeAll(segment, lines)
    this.predicted.single += lines.to - from
    this.#expectAfter(segment, lines.to - 1)
    this.#moveTo(this.#matcher.at)
    return true
  }

  /** Moves the matcher back, behind fewer lines than it has matched. */
  #matchAgain({ text }: KnownSegment, to: number): void {
    this.#matcher.at = this.#at
    for (let i = this.#place; i < to; i++) {
      this.#matcher.matchLine(text, i)
      this.#matcher.at++
    }
  }

  /** Takes the known line that is expected, if the window goes on with it. */
  #takeLine(segment: KnownSegment): Outcome {
    const { text } = segment
    const place = this.#place
    if (!segment.comparable || kindOfLine(text, place) === lineKind.other) return 'missed'
    const matcher = this.#matcher
    matcher.at = this.#at
    if (!matcher.matchLine(text, place)) return !this.#pieces.isLast && matcher.endsWithin(text, place) ? 'starved' : 'missed'
    const valueAt = this.#at + endOfLine(text, place) - startOfLine(text, place)
    const timestampMs = matcher.matchTimestamp()
    if (this.#pieces.window[matcher.at] !== lineFeed || this.#ensureReader().follow(segment, place, place + 1) === 0) return 'missed'
    this.#takeKnown(segment, place, { valueAt, timestampMs, isWhole: true })
    return 'taken'
  }

  /** Takes the line that stands next if it is a known one, though not the one that is expected. */
  #recall(lines: LineIndex): boolean {
    const { window } = this.#pieces
    const matcher = this.#matcher
    const start = this.#at
    const first = window[start]
    if (first === hash || first === lineFeed || first === space || first === tab || start >= matcher.end) return false
    const valueAt = valueOfSample(window, start, matcher.end)
    if (valueAt < 0 || !matcher.matchValue(valueAt)) return false
    const timestampMs = matcher.matchTimestamp()
    if (window[matcher.at] !== lineFeed) return false
    this.#view ??= viewOf(window)
    const found = lines.find({ view: this.#view, start, end: valueAt })
    if (found === undefined || !this.#ensureReader().recall(found.segment, found.place)) return false
    const { text } = found.segment
    const isBare = endOfLine(text, found.place) - startOfLine(text, found.place) === valueAt - start
    this.#takeKnown(found.segment, found.place, { valueAt, timestampMs, isWhole: isBare && start === this.#lineStart })
    return true
  }

  #takeKnown(
    segment: KnownSegment,
    place: number,
    found: { readonly valueAt: number; readonly timestampMs: number | undefined; readonly isWhole: boolean },
  ): void {
    const { valueAt, timestampMs, isWhole } = found
    this.#options.samples.takeKnown(this.#lineTo(valueAt, this.#matcher.value, timestampMs), { segment, place }, isWhole)
    this.predicted.single++
    this.#expectAfter(segment, place)
    this.#moveTo(this.#matcher.at + 1)
  }

  /** Reads a sample line that is new, if it is a usual one and relabelling is not asked for. */
  #readPacked(): boolean {
    const { samples, rules } = this.#options
    const { packed } = rules
    const { window } = this.#pieces
    const matcher = this.#matcher
    if (packed === undefined || samples.isOverLimit || this.#at >= matcher.end || window[this.#at] === hash) return false
    const reader = this.#ensureReader()
    packed.type = reader.type
    const valueAt = packed.read(window, this.#at, matcher.end)
    if (valueAt < 0 || !matcher.matchValue(valueAt)) return false
    const timestampMs = matcher.matchTimestamp()
    if (window[matcher.at] !== lineFeed) return false
    const named = packed.isSameName ? reader.namedBefore : undefined
    const metadata = named ?? reader.metadataOf(window, packed.nameStart, packed.nameEnd)
    const labels = this.#labels
    labels.bytes = packed.bytes
    labels.view = packed.view
    labels.end = packed.length
    samples.count()
    const found = samples.takeLabels(this.#lineTo(valueAt, matcher.value, timestampMs), labels, metadata)
    if (found !== undefined) this.#expectAfter(found.segment, found.place)
    this.#moveTo(matcher.at + 1)
    return true
  }

  /** Reads a line, a comment or a sample, with the plain parser. Returns false where more of the body is needed. */
  #readLine(): boolean {
    const { window, isLast } = this.#pieces
    const reader = this.#ensureReader()
    if (!this.#readerIsOpen) reader.open(isLast ? window : window.subarray(0, this.#end))
    this.#readerIsOpen = true
    const start = this.#at
    let isSample = false
    try {
      this.#at = reader.read(start, (entry) => {
        isSample = true
        this.#takeEntry(entry, reader.valueAt)
      })
    } catch (error) {
      if (!isLast && endsInQuotes(window, start, this.#end)) return false
      const before = this.#linesBefore()
      throw error instanceof ParseError ? error.movedBy(before) : atLine(error, before + 1 + lineFeedsIn(window.subarray(0, start)))
    }
    if (isSample) this.#lineStart = this.#at
    return true
  }

  #takeEntry(entry: TextEntry, valueAt: number): void {
    const { samples, rules } = this.#options
    const { value, timestampMs } = entry
    const line = this.#lineTo(valueAt, value, timestampMs)
    samples.count()
    const series = rules.apply(entry)
    if (samples.isOverLimit) samples.skip(line, series !== undefined)
    else if (series === undefined) samples.takeDropped(line)
    else {
      const found = samples.takeLabels(line, series.labels, series.metadata)
      if (found !== undefined) this.#expectAfter(found.segment, found.place)
    }
  }

  /** The line that ends with a value, in the one object for lines: 100,000 objects are felt by who comes after them. */
  #lineTo(valueAt: number, value: number, timestampMs: number | undefined): SampleLine {
    const line = this.#line
    line.bytes = this.#pieces.window
    line.start = this.#lineStart
    line.end = valueAt
    line.value = value
    line.timestampMs = timestampMs
    return line
  }

  #ensureReader(): LineReader {
    if (this.#reader !== undefined) return this.#reader
    this.#leave()
    const { samples, rules } = this.#options
    this.#reader = new LineReader({
      metadata: rules.table,
      history: () => samples.assembler.history(),
      onEvent: (event) => samples.assembler.addEvent(event),
    })
    return this.#reader
  }

  /** While the page was the last one, a segment was not told of before its end: now its beginning is all there is of it. */
  #leave(): void {
    if (this.#reader !== undefined || this.#place === 0) return
    this.#options.samples.assembler.addRun(this.#segments[this.#index]!, { from: 0, to: this.#place }, true)
  }

  #expectAfter({ index, count }: KnownSegment, place: number): void {
    // One that only a failed page has shown is not expected.
    if (index < 0) return
    const isLast = place + 1 === count
    this.#index = isLast ? index + 1 : index
    this.#place = isLast ? 0 : place + 1
  }

  #moveTo(at: number): void {
    this.#at = at
    this.#lineStart = at
  }

  /** Number of lines of the body in front of the window. */
  #linesBefore(): number {
    return this.#options.samples.lineFeeds() - lineFeedsIn(this.#pieces.window.subarray(0, this.#lineStart))
  }
}

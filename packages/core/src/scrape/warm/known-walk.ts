import { equalBytes, viewOf } from '../../model/bytes.js'
import { endOfLine, kindOfLine, lineKind, startOfLine } from '../../text/fast/known-lines.js'
import type { LineMatcher } from '../../text/fast/line-matcher.js'
import type { KnownSegment } from './known-segment.js'
import type { LineIndex } from './line-index.js'
import { valueOfSample } from './sample-text.js'
import type { WalkState } from './walk-state.js'

const tab = 0x09
const lineFeed = 0x0a
const space = 0x20
const hash = 0x23

/** What became of the line that was expected: taken, or something else stands there, or it may come with more of the body. */
export type Outcome = 'taken' | 'missed' | 'starved'

/** Lines that came as expected. */
export interface Predicted {
  /** In whole segments. */
  readonly whole: number
  /** In parts of segments, or one by one. */
  readonly single: number
}

/** Takes lines of a body that are known, as segments, as runs of lines and one by one. */
export class KnownWalk {
  readonly predicted: { -readonly [Kind in keyof Predicted]: number } = { whole: 0, single: 0 }
  readonly #state: WalkState
  readonly #matcher: LineMatcher
  /** Of the window, made where a line is looked for. */
  #view: DataView | undefined

  constructor(state: WalkState) {
    this.#state = state
    this.#matcher = state.options.matcher
  }

  /** Goes on in another window. */
  open(): void {
    this.#view = undefined
  }

  /** Takes what is expected next, where it stands next in the window. */
  takeExpected(): Outcome {
    const segment = this.#state.segments[this.#state.index]
    return segment === undefined ? this.#takeTail() : this.#takeLines(segment)
  }

  /** Behind all segments: the body ends as the page did, or there is something new. */
  #takeTail(): Outcome {
    const { options, pieces, at, end } = this.#state
    const { tail } = options.known
    const { window, isLast } = pieces
    if (end - at > tail.length) return 'missed'
    const rest = window.subarray(at, end)
    if (!equalBytes(rest, tail.subarray(0, rest.length))) return 'missed'
    if (!isLast) return 'starved'
    if (rest.length < tail.length) return 'missed'
    this.#state.at = end
    return 'taken'
  }

  /** Takes as much of a segment as the window goes on with, from the line on that is expected. */
  #takeLines(segment: KnownSegment): Outcome {
    const { samples } = this.#state.options
    if (!samples.mayTakeAll(segment)) return this.#takeLine(segment)
    const from = this.#state.place
    samples.column.reserve(segment.rows)
    this.#matcher.at = this.#state.at
    const count = this.#matcher.matchLines(segment.text, from, samples.column)
    return count > 0 && this.#takeMatched(segment, { from, to: from + count }) ? 'taken' : this.#takeLine(segment)
  }

  #takeMatched(segment: KnownSegment, lines: { readonly from: number; readonly to: number }): boolean {
    const { samples } = this.#state.options
    const isWhole = lines.from === 0 && lines.to === segment.count
    if (this.#state.reader !== undefined && !(isWhole && samples.isUntouched(segment) && this.#state.reader.agrees(segment))) {
      return this.#takeRun(segment, lines)
    }
    samples.takeAll(segment, lines)
    this.predicted.whole += lines.to - lines.from
    // Otherwise it goes on with the next window, or is left where something else stands.
    if (lines.to === segment.count) samples.assembler.addSegment(segment)
    this.#state.expectAfter(segment, lines.to - 1)
    this.#state.moveTo(this.#matcher.at)
    return true
  }

  /** Takes the lines of a segment that the body repeats, up to the first that does not mean what it meant. */
  #takeRun(segment: KnownSegment, { from, to }: { readonly from: number; readonly to: number }): boolean {
    const { samples } = this.#state.options
    const firsts = samples.firstOf(segment, { from, to })
    const lines = { from, to: from + this.#state.ensureReader().follow(segment, from, from + firsts) }
    if (lines.to === from) return false
    if (lines.to < to) this.#matchAgain(segment, lines.to)
    samples.assembler.addRun(segment, lines, true)
    samples.takeAll(segment, lines)
    this.predicted.single += lines.to - from
    this.#state.expectAfter(segment, lines.to - 1)
    this.#state.moveTo(this.#matcher.at)
    return true
  }

  /** Moves the matcher back, behind fewer lines than it has matched. */
  #matchAgain({ text }: KnownSegment, to: number): void {
    this.#matcher.at = this.#state.at
    for (let i = this.#state.place; i < to; i++) {
      this.#matcher.matchLine(text, i)
      this.#matcher.at++
    }
  }

  /** Takes the known line that is expected, if the window goes on with it. */
  #takeLine(segment: KnownSegment): Outcome {
    const { text } = segment
    const place = this.#state.place
    if (!segment.comparable || kindOfLine(text, place) === lineKind.other) return 'missed'
    const matcher = this.#matcher
    matcher.at = this.#state.at
    if (!matcher.matchLine(text, place)) return !this.#state.pieces.isLast && matcher.endsWithin(text, place) ? 'starved' : 'missed'
    const valueAt = this.#state.at + endOfLine(text, place) - startOfLine(text, place)
    const timestampMs = matcher.matchTimestamp()
    if (this.#state.pieces.window[matcher.at] !== lineFeed || this.#state.ensureReader().follow(segment, place, place + 1) === 0)
      return 'missed'
    this.#takeKnown(segment, place, { valueAt, timestampMs, isWhole: true })
    return 'taken'
  }

  /** Takes the line that stands next if it is a known one, though not the one that is expected. */
  recall(lines: LineIndex): boolean {
    const { window } = this.#state.pieces
    const matcher = this.#matcher
    const start = this.#state.at
    const first = window[start]
    if (first === hash || first === lineFeed || first === space || first === tab || start >= matcher.end) return false
    const valueAt = valueOfSample(window, start, matcher.end)
    if (valueAt < 0 || !matcher.matchValue(valueAt)) return false
    const timestampMs = matcher.matchTimestamp()
    if (window[matcher.at] !== lineFeed) return false
    this.#view ??= viewOf(window)
    const found = lines.find({ view: this.#view, start, end: valueAt })
    if (found === undefined || !this.#state.ensureReader().recall(found.segment, found.place)) return false
    const { text } = found.segment
    const isBare = endOfLine(text, found.place) - startOfLine(text, found.place) === valueAt - start
    this.#takeKnown(found.segment, found.place, { valueAt, timestampMs, isWhole: isBare && start === this.#state.lineStart })
    return true
  }

  #takeKnown(
    segment: KnownSegment,
    place: number,
    found: { readonly valueAt: number; readonly timestampMs: number | undefined; readonly isWhole: boolean },
  ): void {
    const { valueAt, timestampMs, isWhole } = found
    this.#state.options.samples.takeKnown(this.#state.lineTo(valueAt, this.#matcher.value, timestampMs), { segment, place }, isWhole)
    this.predicted.single++
    this.#state.expectAfter(segment, place)
    this.#state.moveTo(this.#matcher.at + 1)
  }
}

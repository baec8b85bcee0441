import { type ByteRange, rangeOf } from '../../model/byte-range.js'
import type { LineMatcher } from '../../text/fast/line-matcher.js'
import { ParseError } from '../../text/parse-error.js'
import type { TextEntry } from '../../text/text-entry.js'
import { atLine } from '../page-error.js'
import type { Stop } from './body-trail.js'
import type { KnownSegment } from './known-segment.js'
import { KnownWalk, type Predicted } from './known-walk.js'
import { lineFeedsIn } from './line-feeds.js'
import { endsInQuotes } from './sample-text.js'
import { type WalkOptions, WalkState } from './walk-state.js'

const lineFeed = 0x0a
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

/** One reading of a body, from its first byte to its last: segments that are known, known lines, and lines that must be parsed. */
export class PageWalk {
  readonly #options: WalkOptions
  readonly #state: WalkState
  readonly #known: KnownWalk
  readonly #matcher: LineMatcher
  readonly #labels: ByteRange = rangeOf('')
  #readerIsOpen = false
  /** Since the last pause: pieces may come faster than others get their turn. */
  #effort = 0

  constructor(options: WalkOptions) {
    this.#options = options
    this.#state = new WalkState(options)
    this.#known = new KnownWalk(this.#state)
    this.#matcher = options.matcher
    if (this.#state.segments.length === 0) this.#effort = maxEffort - firstEffort
  }

  /** How much of the page was as expected. */
  get predicted(): Predicted {
    return this.#known.predicted
  }

  /** Where it stopped. */
  get stop(): Stop {
    const { pieces, at } = this.#state
    return { left: pieces.leftFrom(at), line: this.#state.linesBefore() + 1 + lineFeedsIn(pieces.window.subarray(0, at)) }
  }

  /** The comments behind the last sample, once the body has ended. */
  get tail(): Uint8Array {
    return this.#state.pieces.window.subarray(this.#state.lineStart)
  }

  /** The next piece of the body has come. It is only looked at until `advance` returns true. */
  add(piece: Uint8Array): void {
    this.#state.pieces.add(piece)
  }

  /** The body has ended. `advance` once more. */
  end(): void {
    this.#state.pieces.end()
    this.#open()
  }

  /**
   * Reads on. Returns false where it made a pause, so that others get their turn, and is to be called again; true where all that has come
   * is read. Throws what parsing and relabelling throw.
   */
  advance(): boolean {
    const state = this.#state
    for (;;) {
      if (!this.#readWindow()) return false
      if (state.pieces.isLast) return true
      const more = state.pieces.next(state.lineStart)
      state.at -= state.lineStart
      state.lineStart = 0
      state.end = 0
      if (!more) return true
      this.#open()
    }
  }

  /** What the body was made of, as far as it was read. */
  finish(): readonly KnownSegment[] {
    const { assembler, column } = this.#options.samples
    this.#options.rules.rest()
    this.#state.leave()
    column.trim()
    return assembler.finish()
  }

  #open(): void {
    const { window, isLast } = this.#state.pieces
    this.#matcher.read(window)
    this.#state.end = isLast ? window.length : this.#matcher.end
    this.#readerIsOpen = false
    this.#known.open()
  }

  /** Reads the window as far as that can be done. Returns false where it made a pause. */
  #readWindow(): boolean {
    while (this.#state.at < this.#state.end) {
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
    if (this.#state.at === this.#state.lineStart) {
      const outcome = this.#known.takeExpected()
      if (outcome === 'taken') return 0
      if (outcome === 'starved') return undefined
    }
    // A line that is packed is known by its labels at the same cost.
    if (this.#state.segments.length > 0 && !rules.arePacked) {
      const lines = known.indexedLines()
      if (lines === undefined) return maxEffort
      if (this.#known.recall(lines)) return recallEffort
    }
    if (this.#readPacked()) return packedEffort
    return this.#readLine() ? parseEffort : undefined
  }

  /** Reads a sample line that is new, if it is a usual one and relabelling is not asked for. */
  #readPacked(): boolean {
    const { samples, rules } = this.#options
    const { window } = this.#state.pieces
    const matcher = this.#matcher
    if (!rules.arePacked || samples.isOverLimit || this.#state.at >= matcher.end || window[this.#state.at] === hash) return false
    const reader = this.#state.ensureReader()
    const packed = rules.packedReader()
    packed.type = reader.type
    const valueAt = packed.read(window, this.#state.at, matcher.end)
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
    const found = samples.takeLabels(this.#state.lineTo(valueAt, matcher.value, timestampMs), labels, metadata)
    if (found !== undefined) this.#state.expectAfter(found.segment, found.place)
    this.#state.moveTo(matcher.at + 1)
    return true
  }

  /** Reads a line, a comment or a sample, with the plain parser. Returns false where more of the body is needed. */
  #readLine(): boolean {
    const { window, isLast } = this.#state.pieces
    const reader = this.#state.ensureReader()
    if (!this.#readerIsOpen) reader.open(isLast ? window : window.subarray(0, this.#state.end))
    this.#readerIsOpen = true
    const start = this.#state.at
    let isSample = false
    try {
      this.#state.at = reader.read(start, (entry) => {
        isSample = true
        this.#takeEntry(entry, reader.valueAt)
      })
    } catch (error) {
      if (!isLast && endsInQuotes(window, start, this.#state.end)) return false
      const before = this.#state.linesBefore()
      throw error instanceof ParseError ? error.movedBy(before) : atLine(error, before + 1 + lineFeedsIn(window.subarray(0, start)))
    }
    if (isSample) this.#state.lineStart = this.#state.at
    return true
  }

  #takeEntry(entry: TextEntry, valueAt: number): void {
    const { samples, rules } = this.#options
    const { value, timestampMs } = entry
    const line = this.#state.lineTo(valueAt, value, timestampMs)
    samples.count()
    const series = rules.apply(entry)
    if (samples.isOverLimit) samples.skip(line, series !== undefined)
    else if (series === undefined) samples.takeDropped(line)
    else {
      const found = samples.takeLabels(line, series.labels, series.metadata)
      if (found !== undefined) this.#state.expectAfter(found.segment, found.place)
    }
  }
}

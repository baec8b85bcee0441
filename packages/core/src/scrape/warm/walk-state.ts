import type { LineMatcher } from '../../text/fast/line-matcher.js'
import { BodyPieces } from './body-pieces.js'
import type { SampleLine } from './gathered-lines.js'
import type { KnownPage } from './known-page.js'
import type { KnownSegment } from './known-segment.js'
import { lineFeedsIn } from './line-feeds.js'
import { LineReader } from './line-reader.js'
import type { PageSamples } from './page-samples.js'
import type { SeriesRules } from './series-rules.js'

const noBytes = new Uint8Array(0)

export interface WalkOptions {
  readonly samples: PageSamples
  readonly known: KnownPage
  readonly rules: SeriesRules
  readonly matcher: LineMatcher
}

/** How far the reading of a body has come: in the body, and on the page that is known. */
export class WalkState {
  readonly options: WalkOptions
  readonly segments: readonly KnownSegment[]
  readonly pieces: BodyPieces = new BodyPieces()
  /** Of the window: the next byte to read, and where what can be read ends. */
  at = 0
  end = 0
  /** Behind the last sample: comments since then belong to the next. */
  lineStart = 0
  /** The known line that is expected next: its segment, and which line of it. */
  index = 0
  place = 0
  /** What is handed on, line after line. */
  readonly #line: SampleLine = { bytes: noBytes, start: 0, end: 0, value: Number.NaN, timestampMs: undefined }
  #reader: LineReader | undefined

  constructor(options: WalkOptions) {
    this.options = options
    this.segments = options.known.segments
  }

  /** Made for the first line that does not come as expected. Up to there the page is the last one. */
  get reader(): LineReader | undefined {
    return this.#reader
  }

  ensureReader(): LineReader {
    if (this.#reader !== undefined) return this.#reader
    this.leave()
    const { samples, rules } = this.options
    this.#reader = new LineReader({
      metadata: rules.table,
      history: () => samples.assembler.history(),
      onEvent: (event) => samples.assembler.addEvent(event),
    })
    return this.#reader
  }

  /** While the page was the last one, a segment was not told of before its end: now its beginning is all there is of it. */
  leave(): void {
    if (this.#reader !== undefined || this.place === 0) return
    this.options.samples.assembler.addRun(this.segments[this.index]!, { from: 0, to: this.place }, true)
  }

  /** The line behind a known one is expected next. */
  expectAfter({ index, count }: KnownSegment, place: number): void {
    // One that only a failed page has shown is not expected.
    if (index < 0) return
    const isLast = place + 1 === count
    this.index = isLast ? index + 1 : index
    this.place = isLast ? 0 : place + 1
  }

  /** All in front of `at` is read, and a line begins there. */
  moveTo(at: number): void {
    this.at = at
    this.lineStart = at
  }

  /** The line that ends with a value, in the one object for lines: 100,000 objects are felt by who comes after them. */
  lineTo(valueAt: number, value: number, timestampMs: number | undefined): SampleLine {
    const line = this.#line
    line.bytes = this.pieces.window
    line.start = this.lineStart
    line.end = valueAt
    line.value = value
    line.timestampMs = timestampMs
    return line
  }

  /** Number of lines of the body in front of the window. */
  linesBefore(): number {
    return this.options.samples.lineFeeds() - lineFeedsIn(this.pieces.window.subarray(0, this.lineStart))
  }
}

import { hashRange, rangeIsAt, type ViewRange } from '../../model/byte-range.js'
import { PlaceIndex } from '../../model/place-index.js'
import { endOfLine, type KnownLines, kindOfLine, lineKind, startOfLine } from '../../text/fast/known-lines.js'
import type { KnownSegment } from './known-segment.js'
import { endOfComments } from './sample-text.js'
import { SegmentTable } from './segment-table.js'

/** A line of a segment. */
export interface LinePlace {
  readonly segment: KnownSegment
  readonly place: number
}

/** Finds known lines by the text of their samples, from the name up to the value: a line that moved needs not be parsed. */
export class LineIndex {
  readonly #index = new PlaceIndex()
  readonly #table = new SegmentTable<KnownSegment>()

  /** Adds the lines of a segment. Of equal lines one is enough. */
  add(segment: KnownSegment): void {
    const { text } = segment
    if (!segment.comparable) return
    for (let place = 0; place < text.count; place++) {
      if (kindOfLine(text, place) === lineKind.other) continue
      const start = startOfSample(text, place)
      const end = endOfLine(text, place)
      const hash = hashRange(text.view, start, end)
      if (this.#find(hash, { view: text.view, start, end }) < 0) this.#index.add(hash, this.#table.numberOf(segment, place))
    }
  }

  remove(segment: KnownSegment): void {
    const { text } = segment
    if (!this.#table.has(segment)) return
    for (let place = 0; place < text.count; place++) {
      const start = startOfSample(text, place)
      this.#index.remove(hashRange(text.view, start, endOfLine(text, place)), this.#table.numberOf(segment, place))
    }
    this.#table.release(segment)
    this.#index.trim()
  }

  /** The line whose sample has this text; undefined where none is known. */
  find(sample: ViewRange): LinePlace | undefined {
    const number = this.#find(hashRange(sample.view, sample.start, sample.end), sample)
    if (number < 0) return undefined
    return { segment: this.#table.segmentOf(number), place: this.#table.placeOf(number) }
  }

  #find(hash: number, sample: ViewRange): number {
    for (let number = this.#index.first(hash); number >= 0; number = this.#index.next()) {
      const { text } = this.#table.segmentOf(number)
      const place = this.#table.placeOf(number)
      const start = startOfSample(text, place)
      if (endOfLine(text, place) - start === sample.end - sample.start && rangeIsAt(text.view, start, sample)) return number
    }
    return -1
  }
}

/** Where the sample of a line begins, behind the comments in front of it. */
function startOfSample(text: KnownLines, place: number): number {
  return endOfComments(text.bytes, startOfLine(text, place), endOfLine(text, place))
}

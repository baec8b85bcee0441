import type { MetricMetadata } from '../../model/metadata.js'
import { PackedSeriesListBuilder } from '../../model/packed-series-list.js'
import { type KnownLines, KnownLinesBuilder, type LineKind, lineKind } from '../../text/fast/known-lines.js'
import { HashesBuilder } from './hashes-builder.js'
import type { CarriedRows, KnownSegment, LabelRange, SegmentContent } from './known-segment.js'
import { lineFeedsIn } from './line-feeds.js'
import type { SharedParts } from './shared-parts.js'

/** A line that is taken by itself; another one is put into the same object once it is. */
export interface SampleLine {
  /** Where it stands, from the comments in front of it to its value. */
  bytes: Uint8Array
  start: number
  end: number
  value: number
  timestampMs: number | undefined
}

/** A row by itself: its labels, and what it belongs to. */
export interface FreshRow {
  readonly labels: LabelRange
  readonly metadata: MetricMetadata
  /** Hash of the labels, and of those that its group has in common. */
  readonly hash: number
  readonly group: number
}

/** Some lines of a segment as they stood: from one place to another, exclusive. */
export interface Run {
  readonly segment: KnownSegment
  readonly from: number
  readonly to: number
  /** Whether they have nothing behind their values. */
  readonly plain: boolean
}

/** What was gathered. The list is as yet unknown to others. */
export interface Gathered extends Pick<SegmentContent, 'text' | 'list' | 'hashes'> {
  readonly carried: readonly CarriedRows[]
  readonly plain: boolean
}

/** Memory of a gathering that is not in use: to grow it anew on each page that changed would cost more than to fill it. */
const spare: GatheredLines[] = []
/** Pages seldom come at the same time. */
const maxSpare = 2
/** A list of 1,024 series of the longer sort. More is not kept. */
const maxSpareBytes = 512 * 1024

/** Gathers lines for a segment: their text, and the rows that they have. */
export class GatheredLines {
  readonly rows: PackedSeriesListBuilder = new PackedSeriesListBuilder()
  readonly #text = new KnownLinesBuilder()
  readonly #hashes = new HashesBuilder()
  #carried: CarriedRows[] = []
  #plain = true

  /** One that has nothing yet. */
  static take(): GatheredLines {
    return spare.pop() ?? new GatheredLines()
  }

  /** Nobody uses it any more; all that it had was built. */
  release(): void {
    if (spare.length < maxSpare && this.#text.room + this.rows.room <= maxSpareBytes) spare.push(this)
  }

  /** Number of lines. */
  get count(): number {
    return this.#text.count
  }

  /** Number of line feeds in them. */
  lineFeeds(): number {
    return lineFeedsIn(this.#text.bytes)
  }

  /** @param row where the line's value is a row */
  addLine(line: SampleLine, kind: LineKind, row: FreshRow | undefined): void {
    this.#text.add(line.bytes, line, kind)
    this.#plain &&= kind !== lineKind.other && line.timestampMs === undefined
    if (row === undefined) return
    this.rows.add(row.metadata, row.labels)
    this.#hashes.add(row.hash)
  }

  /** Lines of which it was told already, and that were taken. They have no rows. */
  addText(lines: KnownLines): void {
    this.#text.addLines(lines, 0, lines.count)
  }

  addRun({ segment, from, to, plain }: Run): void {
    this.#text.addLines(segment.text, from, to)
    this.#plain &&= plain
    if (segment.list === undefined) return
    const rows = { segment, from: segment.rowAt(from), to: segment.rowAt(to), at: this.rows.length }
    if (rows.from === rows.to) return
    this.rows.addRows(segment.list, rows.from, rows.to)
    this.#hashes.addRange(segment.hashes, rows.from, rows.to)
    this.#carried.push(rows)
  }

  /** Takes the text out, so that other lines can come in front of it; there are no rows yet. Undefined where there is none. */
  takeText(): KnownLines | undefined {
    return this.#text.count > 0 ? this.#text.build() : undefined
  }

  /** Takes what was gathered; gathering begins anew. @param parts what is known already is taken from there */
  build(parts: SharedParts): Gathered {
    const [carried, plain] = [this.#carried, this.#plain]
    this.#carried = []
    this.#plain = true
    const list = this.rows.length === 0 ? undefined : this.rows.build({ intern: (families) => parts.families(families) })
    return { text: parts.lines(this.#text.build()), list, hashes: this.#hashes.build(), carried, plain }
  }
}

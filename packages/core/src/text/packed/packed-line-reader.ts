/**
 * Reads the series of a sample line, bytes to bytes: from the exposition to the canonical encoding of the labels, without a string, an
 * object or an allocation.
 *
 * Exploits: neighbours on a page have the same names in the same order, and most of them the same values in front. The line before is kept
 * with the places of its values (LineLayout). Where the next begins with the same bytes, its labels stand in the encoding already; behind
 * that only what stands between the values is compared, the ends of the values are found four bytes at a time, and the values are written
 * between pieces of the encoding that are ready. A line with other names is learned anew.
 *
 * Covers what exporters write; the plain parser is for the rest, and knows what is wrong with it. Kept honest by
 * packed-line-reader.test.ts: for each line that it covers, the labels of the plain parser, with the attached ones set.
 */
import { varintSize } from '../../model/bytes.js'
import { emptyLabels, type Labels } from '../../model/labels.js'
import type { MetricType } from '../../model/metadata.js'
import { byte } from '../cursor.js'
import { BoundTable } from './bound-table.js'
import { ByteWriter } from './byte-writer.js'
import { LineLayout } from './line-layout.js'
import { TextScanner } from './text-scanner.js'

/** A longer line is unusual, and what is kept of lines stays small. */
const maxLineBytes = 65_536
const initialBytes = 256
/** Of the length of a name: lines have no more than 64 KiB. */
const maxVarintBytes = 3
/** In the place of a label: there are both bounds, and it is not known which of them counts. */
const bothBounds = -2

const noBody = new Uint8Array(0)

export interface PackedLineReaderOptions {
  /** Labels that every series gets: a target's. A line that gives one of them itself is not covered. */
  readonly attached?: Labels
  /** Shared with who reads other lines of the same bodies. */
  readonly scanner?: TextScanner
}

/** One for each target: it goes by the line before, and has its own idea of the target's labels. It holds the body that it read last. */
export class PackedLineReader {
  readonly #scanner: TextScanner
  readonly #layout: LineLayout
  readonly #boundTable = new BoundTable()
  #type: MetricType | undefined
  /** The line before, up to the end of its labels, which is where the writer stands. */
  readonly #line = new ByteWriter(initialBytes)
  readonly #packed = new ByteWriter(initialBytes)
  /** Where in `bytes` the length of each value stands, in the order of the encoding, and where the last piece begins; -1 where nothing stands yet. */
  readonly #places: Int32Array
  #nameStart = 0
  #nameEnd = 0
  #isSameName = false

  constructor({ attached = emptyLabels, scanner = new TextScanner() }: PackedLineReaderOptions = {}) {
    this.#scanner = scanner
    this.#layout = new LineLayout(attached, scanner)
    this.#places = new Int32Array(this.#layout.pieceEnds.length)
  }

  /** The labels that were read last, from 0 to `length`, as in `Labels.bytes`. The next read writes over them, or replaces the array. */
  get bytes(): Uint8Array {
    return this.#packed.bytes
  }

  get length(): number {
    return this.#packed.at
  }

  /** Over `bytes`. */
  get view(): DataView {
    return this.#packed.view
  }

  /** The sorted names of the labels that the line gives without a value, which are none; undefined where all have one. */
  get emptyNames(): readonly string[] | undefined {
    return this.#layout.emptyNames
  }

  /** Whether the line has a label `le` or `quantile`, with a value or without. */
  get hasBound(): boolean {
    return this.#layout.hasBound
  }

  /** Where in the body the name of the metric begins that was read last. */
  get nameStart(): number {
    return this.#nameStart
  }

  get nameEnd(): number {
    return this.#nameEnd
  }

  /** Whether that name is the one of the read before. */
  get isSameName(): boolean {
    return this.#isSameName
  }

  /**
   * What the last TYPE line of the page said: the scraper normalises `le` after a histogram and `quantile` after a summary. Undefined, as
   * at first, where that is not known: a line with such a label in another form is not covered then.
   */
  get type(): MetricType | undefined {
    return this.#type
  }

  set type(type: MetricType | undefined) {
    if (boundsOf(type) !== boundsOf(this.#type)) this.#forget()
    this.#type = type
  }

  /**
   * Reads the series of the sample line that begins at `at`, as far as the body goes (`end`, exclusive). Returns where its value begins,
   * which is before `end`. Returns -1 where the line is not covered, and nothing is read: a comment; blanks in front or between labels,
   * none before the value, no value; escapes, names in quotes, NUL, line feeds in values; a label that is given twice or is attached; invalid
   * UTF-8; more than 64 labels or 64 KiB; whatever else is wrong; a body that ends too early.
   */
  read(body: Uint8Array, at: number, end: number): number {
    const layout = this.#layout
    const { nameLength } = layout
    this.#scanner.borrow(body)
    const prefix = this.#commonPrefix(at, end)
    let changed = this.#firstChanged(prefix)
    let labelsEnd = changed < 0 ? -1 : this.#follow(at, end, changed)
    if (labelsEnd < 0) {
      labelsEnd = this.#learn(at, end)
      changed = 0
    }
    const valueAt = labelsEnd < 0 || labelsEnd - at > maxLineBytes ? -1 : valueAfter(body, labelsEnd, end)
    if (valueAt < 0) {
      this.#forget()
      return -1
    }
    this.#isSameName = layout.nameLength === nameLength && prefix >= nameLength
    this.#nameStart = at
    this.#nameEnd = at + layout.nameLength
    if (layout.count < 0) {
      this.#packName()
      return valueAt
    }
    this.#keepLine(at, labelsEnd, prefix)
    if (this.#pack(changed)) return valueAt
    this.#forget()
    return -1
  }

  /** Lets go of the body. */
  release(): void {
    this.#scanner.borrow(noBody)
  }

  #forget(): void {
    this.#layout.clear()
    this.#line.at = 0
  }

  /** How many bytes the line at `at` has in common with the one before. */
  #commonPrefix(at: number, end: number): number {
    const { body, view } = this.#scanner
    const { bytes: line, view: lineView, at: lineLength } = this.#line
    const length = Math.min(lineLength, end - at)
    let prefix = 0
    // Doubles only compare equal wrongly as zeros, 0 and -0; the line before has no NUL, so it holds neither.
    while (prefix + 8 <= length && view.getFloat64(at + prefix, true) === lineView.getFloat64(prefix, true)) prefix += 8
    while (prefix < length && body[at + prefix] === line[prefix]) prefix++
    return prefix
  }

  /** The first label whose value is not within that prefix; the number of labels where all are; -1 where the line has other names. */
  #firstChanged(prefix: number): number {
    const { count, starts, ends } = this.#layout
    let label = 0
    while (label < count && ends[label]! < prefix) label++
    const known = label < count ? starts[label]! : this.#line.at
    return count > 0 && prefix >= known ? label : -1
  }

  /** Finds the values from one on, if the names are those of the line before. Returns the offset behind the labels, or -1. */
  #follow(at: number, end: number, from: number): number {
    const { count, starts, ends } = this.#layout
    const scanner = this.#scanner
    const { body, view } = scanner
    const { bytes: line, view: lineView, at: lineLength } = this.#line
    let next = at + (from < count ? starts[from]! : lineLength)
    for (let label = from; label < count; label++) {
      const valueEnd = scanner.valueEnd(next, end)
      // A label without a value is none: the names are others then.
      if (valueEnd <= next) return -1
      let known = ends[label]!
      const knownEnd = label + 1 < count ? starts[label + 1]! : lineLength
      if (valueEnd + knownEnd - known > end) return -1
      starts[label] = next - at
      ends[label] = valueEnd - at
      next = valueEnd
      for (; known + 4 <= knownEnd; next += 4, known += 4) if (view.getInt32(next, true) !== lineView.getInt32(known, true)) return -1
      for (; known < knownEnd; next++, known++) if (body[next] !== line[known]) return -1
    }
    return next
  }

  /** Returns the offset behind the labels of a line with other names; -1 where it is not covered. */
  #learn(at: number, end: number): number {
    const layout = this.#layout
    const nameEnd = this.#scanner.metricNameEnd(at, end)
    if (nameEnd === at || nameEnd === end) return -1
    if (this.#scanner.body[nameEnd] !== byte.openBrace) {
      layout.learnName(at, nameEnd)
      return nameEnd
    }
    const labelsEnd = layout.learn(at, nameEnd, end)
    this.#places.fill(-1, 0, layout.count + 1)
    return labelsEnd
  }

  /** Keeps the line for the next one, as far as it is not the same. */
  #keepLine(at: number, end: number, prefix: number): void {
    const line = this.#line
    line.reserve(end - at)
    line.at = prefix
    line.copy(this.#scanner.view, at + prefix, end - at - prefix)
  }

  /** Writes the encoding of a line without labels. */
  #packName(): void {
    const { head, tail, nameLength } = this.#layout
    const packed = this.#packed
    packed.reserve(head.at + maxVarintBytes + nameLength + tail.at)
    packed.at = 0
    packed.append(head)
    packed.varint(nameLength)
    packed.copy(this.#scanner.view, this.#nameStart, nameLength)
    packed.append(tail)
    this.#line.at = 0
  }

  /**
   * Writes the encoding, as far as it does not stand there already: labels from `changed` on have other values. Returns false where a
   * bound would have to be normalised, but it is not known whether.
   */
  #pack(changed: number): boolean {
    const { count, order, pieces, pieceEnds, starts, ends } = this.#layout
    const line = this.#line
    const bound = this.#boundLabel()
    const normal = bound < 0 ? undefined : this.#boundTable.normalize(line.bytes, starts[bound]!, ends[bound]!)
    if (this.#type === undefined && (normal !== undefined || bound === bothBounds)) return false
    const packed = this.#packed
    // The line has `=""` for each length, of which only one can have three bytes, since the line has no more than 64 KiB.
    packed.reserve(pieces.at + line.at + (normal?.at ?? 0))
    packed.at = 0
    const places = this.#places
    let piece = 0
    for (let slot = 0; slot < count; slot++) {
      const pieceEnd = pieceEnds[slot]!
      const place = packed.at + pieceEnd - piece
      const isMoved = place !== places[slot]
      if (isMoved) packed.copy(pieces.view, piece, pieceEnd - piece)
      places[slot] = place
      packed.at = place
      piece = pieceEnd
      const label = order[slot]!
      const start = starts[label]!
      const length = ends[label]! - start
      if (label === bound && normal !== undefined) {
        packed.varint(normal.at)
        packed.append(normal)
      } else if (isMoved || label >= changed) {
        packed.varint(length)
        packed.copy(line.view, start, length)
      } else {
        packed.at += varintSize(length) + length
      }
    }
    const last = pieces.at - piece
    if (packed.at === places[count]) {
      packed.at += last
    } else {
      places[count] = packed.at
      packed.copy(pieces.view, piece, last)
    }
    return true
  }

  /** The label whose value is normalised, if it is not normal; -1 where none is. */
  #boundLabel(): number {
    const { bucketBound, quantile } = this.#layout
    const bounds = boundsOf(this.#type)
    if (bounds === 'none') return -1
    if (bounds === 'le') return bucketBound
    if (bounds === 'quantile') return quantile
    return bucketBound >= 0 && quantile >= 0 ? bothBounds : Math.max(bucketBound, quantile)
  }
}

/** The labels that are normalised after a type. */
function boundsOf(type: MetricType | undefined): 'le' | 'quantile' | 'none' | 'unknown' {
  if (type === undefined) return 'unknown'
  if (type === 'summary') return 'quantile'
  return type === 'histogram' || type === 'gaugehistogram' ? 'le' : 'none'
}

/** Where the value begins behind the labels; -1 where it does not. */
function valueAfter(body: Uint8Array, at: number, end: number): number {
  let next = at
  while (next < end && (body[next] === byte.space || body[next] === byte.tab)) next++
  // Labels may stand behind a blank as well.
  return next === at || next >= end || body[next] === byte.lineFeed || body[next] === byte.openBrace ? -1 : next
}

import { varintSize } from '../../model/bytes.js'
import type { Labels } from '../../model/labels.js'
import type { BoundTable } from './bound-table.js'
import { ByteWriter } from './byte-writer.js'
import { LineLayout } from './line-layout.js'
import type { TextScanner } from './text-scanner.js'

/** Which labels are normalised; `unknown` where that is not known. */
export type Bounds = 'le' | 'quantile' | 'none' | 'unknown'

/** Enough for most lines. */
const initialBytes = 256
/** In the place of a label: there are both bounds, and it is not known which of them counts. */
const bothBounds = -2

/** Lines with the same names: what the last of them had, from which the next differs little. */
export class LineForm {
  readonly layout: LineLayout
  /** The encoding of the line that was read last. */
  readonly packed: ByteWriter = new ByteWriter(initialBytes)
  readonly #scanner: TextScanner
  /** The line that was read last, up to the end of its labels. */
  readonly #line = new ByteWriter(initialBytes)
  /** Where in the encoding the length of each value stands, in order, and where the last piece begins; -1 where nothing stands yet. */
  readonly #places: Int32Array
  /** How many bytes the line that is being read has in common with the last. */
  #prefix = 0
  /** The first label whose value is another. */
  #changed = 0

  constructor(attached: Labels, scanner: TextScanner) {
    this.#scanner = scanner
    this.layout = new LineLayout(attached, scanner)
    this.#places = new Int32Array(this.layout.pieceEnds.length)
  }

  /** How many bytes the line that is being read has in common with the last. */
  get prefix(): number {
    return this.#prefix
  }

  /** Forgets the line that was read last. */
  clear(): void {
    this.layout.clear()
    this.#line.at = 0
  }

  /** Whether the line at `at` has the name of the last one, and no other label in front of the first value that differs. */
  fits(at: number, end: number): boolean {
    const { count, nameLength, starts, ends } = this.layout
    const { bytes: line, at: length } = this.#line
    // Lines with other names differ behind the name at the latest.
    if (count <= 0 || at + nameLength >= end || this.#scanner.body[at + nameLength] !== line[nameLength]) return false
    const prefix = this.#commonPrefix(at, end)
    let label = 0
    while (label < count && ends[label]! < prefix) label++
    this.#prefix = prefix
    this.#changed = label
    return prefix >= (label < count ? starts[label]! : length)
  }

  /** Finds the values of a line that fits. Returns the offset behind the labels; -1 where the line does not fit after all: it must be learned then. */
  follow(at: number, end: number): number {
    const { count, starts, ends } = this.layout
    const scanner = this.#scanner
    const { body, view } = scanner
    const { bytes: line, view: lineView, at: lineLength } = this.#line
    const from = this.#changed
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

  /** Learns a line with other names, whose own name ends at `nameEnd`. Returns the offset behind the labels; -1 where it is not a usual one. */
  learn(at: number, nameEnd: number, end: number): number {
    const labelsEnd = this.layout.learn(at, nameEnd, end)
    this.#places.fill(-1, 0, this.layout.count + 1)
    this.#prefix = 0
    this.#changed = 0
    return labelsEnd
  }

  /** Keeps the line that was followed or learned for the next one, as far as it is not the same. */
  keep(at: number, labelsEnd: number): void {
    const line = this.#line
    const prefix = this.#prefix
    line.reserve(labelsEnd - at)
    line.at = prefix
    line.copy(this.#scanner.view, at + prefix, labelsEnd - at - prefix)
  }

  /**
   * Writes the encoding of the line that is kept, as far as it does not stand there already. Returns false where a bound would have to be
   * normalised, but it is not known whether.
   */
  pack(bounds: Bounds, table: BoundTable): boolean {
    const { count, order, pieces, pieceEnds, starts, ends } = this.layout
    const line = this.#line
    const bound = this.#boundLabel(bounds)
    const normal = bound < 0 ? undefined : table.normalize(line.bytes, starts[bound]!, ends[bound]!)
    if (bounds === 'unknown' && (normal !== undefined || bound === bothBounds)) return false
    const { packed } = this
    // For the length of a value, of two bytes at most, the line has `=""`.
    packed.reserve(pieces.at + line.at + (normal?.at ?? 0))
    packed.at = 0
    const changed = this.#changed
    let piece = 0
    for (let slot = 0; slot < count; slot++) {
      const pieceEnd = pieceEnds[slot]!
      const isMoved = this.#writePiece(slot, piece, pieceEnd)
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
    this.#writePiece(count, piece, pieces.at)
    return true
  }

  /** Writes a piece where it does not stand in its place. Returns whether it did not. */
  #writePiece(slot: number, start: number, end: number): boolean {
    const { packed } = this
    const place = packed.at + end - start
    const isMoved = place !== this.#places[slot]
    if (isMoved) packed.copy(this.layout.pieces.view, start, end - start)
    this.#places[slot] = place
    packed.at = place
    return isMoved
  }

  /** The label whose value is normalised, if it is not normal; -1 where none is. */
  #boundLabel(bounds: Bounds): number {
    const { bucketBound, quantile } = this.layout
    if (bounds === 'none') return -1
    if (bounds === 'le') return bucketBound
    if (bounds === 'quantile') return quantile
    return bucketBound >= 0 && quantile >= 0 ? bothBounds : Math.max(bucketBound, quantile)
  }

  #commonPrefix(at: number, end: number): number {
    const { body, view } = this.#scanner
    const { bytes: line, view: lineView, at: lineLength } = this.#line
    const length = Math.min(lineLength, end - at)
    let prefix = 0
    // Doubles only compare equal wrongly as zeros, 0 and -0; the last line has no NUL, so it holds neither.
    while (prefix + 8 <= length && view.getFloat64(at + prefix, true) === lineView.getFloat64(prefix, true)) prefix += 8
    while (prefix < length && body[at + prefix] === line[prefix]) prefix++
    return prefix
  }
}

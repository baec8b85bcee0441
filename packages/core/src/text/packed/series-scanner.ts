import { encodeUtf8, standsAt } from '../../model/bytes.js'
import { metricNameLabel } from '../../model/labels.js'
import { byte } from '../cursor.js'
import type { TextScanner } from './text-scanner.js'

/** As the reader that packs them later: more labels on one line are left to the plain parser. */
export const maxLabels = 32
/** The same, of the bytes in front of a value. */
const maxSeriesBytes = 8192
/** What stands behind the name of a label: `="`. */
const delimiterBytes = 2
/** No label has this name. */
const reservedName = encodeUtf8(metricNameLabel)

/**
 * Says where the labels of a sample line end, having found that they are right; it makes nothing of them. Neighbours have the same label
 * names in the same order, so a name is first compared with the one that the line before has in its place: then it is a name, and another
 * one than those in front of it.
 */
export class SeriesScanner {
  readonly #scanner: TextScanner
  /** Where the name of each label of a line before begins, and its length with `="`. No two of the names are equal. */
  readonly #starts = new Int32Array(maxLabels)
  readonly #lengths = new Int32Array(maxLabels)
  #known = 0
  #count = 0

  constructor(scanner: TextScanner) {
    this.#scanner = scanner
  }

  /** Begins another body. */
  clear(): void {
    this.#known = 0
  }

  /**
   * Where the value begins of the sample line at `at`, whose metric's name ends at `nameEnd`; `end` is behind a line feed. Returns -1 where
   * the line is one for the plain parser: what PackedLineReader, without attached labels, would not read.
   */
  valueStart(at: number, nameEnd: number, end: number): number {
    const { body } = this.#scanner
    this.#count = 0
    const labelsEnd = body[nameEnd] === byte.openBrace ? this.#labelsEnd(nameEnd + 1, end) : nameEnd
    if (labelsEnd < 0 || labelsEnd - at > maxSeriesBytes) return -1
    let next = labelsEnd
    while (body[next] === byte.space || body[next] === byte.tab) next++
    // Labels may stand behind a blank as well.
    return next === labelsEnd || body[next] === byte.lineFeed || body[next] === byte.openBrace ? -1 : next
  }

  /** Whether the line that was looked at last has a label of this name. */
  has(name: Uint8Array): boolean {
    const { body } = this.#scanner
    for (let label = 0; label < this.#count; label++) {
      if (this.#lengths[label] === name.length + delimiterBytes && standsAt(name, body, this.#starts[label]!)) return true
    }
    return false
  }

  #labelsEnd(at: number, end: number): number {
    const scanner = this.#scanner
    const { body } = scanner
    let next = at
    let label = 0
    for (; body[next] !== byte.closeBrace; label++) {
      const known = label < this.#known ? this.#lengths[label]! : end
      if (next + known < end && scanner.isSame(next, next + known, this.#starts[label]!)) next += known
      else next = this.#learnName(label, next, end)
      if (next < 0) return -1
      next = scanner.valueEnd(next, end) + 1
      if (next === 0) return -1
      if (body[next] === byte.comma) next++
      else if (body[next] !== byte.closeBrace) return -1
    }
    this.#count = label
    return next + 1
  }

  /** Looks at a name byte by byte. Returns where the value begins behind it; -1 where it is not a new name or no value follows. */
  #learnName(label: number, at: number, end: number): number {
    const scanner = this.#scanner
    const { body } = scanner
    this.#known = label
    const nameEnd = scanner.labelNameEnd(at, end)
    if (label === maxLabels || nameEnd === at || body[nameEnd] !== byte.equals || body[nameEnd + 1] !== byte.quote) return -1
    if (nameEnd - at === reservedName.length && standsAt(reservedName, body, at)) return -1
    const next = nameEnd + delimiterBytes
    for (let i = 0; i < label; i++) {
      if (this.#lengths[i] === next - at && scanner.isSame(at, next, this.#starts[i]!)) return -1
    }
    this.#starts[label] = at
    this.#lengths[label] = next - at
    this.#known = label + 1
    return next
  }
}

/**
 * Reads the series of a sample line, bytes to bytes: from the exposition to the canonical encoding of the labels, without a string, an
 * object or an allocation.
 *
 * Exploits: neighbours on a page have the same names in the same order, and most of them the same values in front. The last lines of a few
 * forms are kept, with the places of their values (LineForm, LineLayout). Where the next line begins with the same bytes, its labels stand
 * in the encoding already; behind that only what stands between the values is compared, the ends of the values are found four bytes at a
 * time, and the values are written between pieces of the encoding that are ready. A line with other names is learned.
 *
 * Measured (Node 20, one core of two that others were using): 210 ns for a line of five labels, 245 for one of a histogram with six or
 * seven, 290 for 200 bytes of kube-state-metrics, 90 for a name alone.
 *
 * Covers what exporters write; the plain parser is for the rest, and knows what is wrong with it. Kept honest by
 * packed-line-reader.test.ts: for each line that it covers, the labels of the plain parser, with the attached ones set.
 */
import { emptyLabels, type Labels } from '../../model/labels.js'
import type { MetricType } from '../../model/metadata.js'
import { byte } from '../cursor.js'
import { BoundTable } from './bound-table.js'
import { ByteWriter } from './byte-writer.js'
import { type Bounds, LineForm } from './line-form.js'
import { TextScanner } from './text-scanner.js'

/** A longer line is unusual, and what is kept of lines, for each target, stays small. */
const maxLineBytes = 8192
/** Of the length of a name, which is below 2^14. */
const maxVarintBytes = 2
/** The lines of a histogram have three forms, which come by turns. Each takes some 4 KiB. */
const maxForms = 3
/** Room for a name and a target's labels. */
const initialBytes = 128

const noBody = new Uint8Array(0)

export interface PackedLineReaderOptions {
  /** Labels that every series gets: a target's. A line that gives one of them itself is not covered. */
  readonly attached?: Labels
}

/** One for each target: it goes by the lines before, and has its own idea of the target's labels. It holds the body that it read last. */
export class PackedLineReader {
  readonly #attached: Labels
  readonly #scanner = new TextScanner()
  readonly #boundTable = new BoundTable()
  #type: MetricType | undefined
  #bounds: Bounds = 'unknown'
  readonly #forms: LineForm[] = []
  /** The form of the last line with labels. */
  #form: LineForm
  /** Where the next new form goes. */
  #next = 1
  /** The encoding of the last line without labels. */
  readonly #bare = new ByteWriter(initialBytes)
  #isBare = false
  #nameStart = 0
  #nameEnd = 0
  #isSameName = false

  constructor({ attached = emptyLabels }: PackedLineReaderOptions = {}) {
    this.#attached = attached
    this.#form = new LineForm(attached, this.#scanner)
    this.#forms.push(this.#form)
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
    return this.#isBare ? undefined : this.#form.layout.emptyNames
  }

  /** Where in the body the name of the metric begins that was read last. */
  get nameStart(): number {
    return this.#nameStart
  }

  get nameEnd(): number {
    return this.#nameEnd
  }

  /** Whether that name is known to be the one of the read before. */
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
    const bounds = boundsOf(type)
    if (bounds !== this.#bounds) for (const form of this.#forms) form.clear()
    this.#bounds = bounds
    this.#type = type
  }

  /**
   * Reads the series of the sample line that begins at `at`, as far as the body goes (`end`, exclusive). Returns where its value begins,
   * which is before `end`. Returns -1 where the line is not covered, and nothing is read: a comment; blanks in front or between labels,
   * none before the value, no value; escapes, names in quotes, NUL, line feeds in values; a label that is given twice or is attached; invalid
   * UTF-8; more than 32 labels or 8 KiB; whatever else is wrong; a body that ends too early.
   */
  read(body: Uint8Array, at: number, end: number): number {
    const scanner = this.#scanner
    scanner.borrow(body)
    const last = this.#isBare ? undefined : this.#form
    let form = this.#formFor(at, end)
    let labelsEnd = form === undefined ? -1 : form.follow(at, end)
    this.#isSameName = labelsEnd >= 0 && form === last
    if (form === undefined || labelsEnd < 0) {
      const nameEnd = scanner.metricNameEnd(at, end)
      if (nameEnd < end && body[nameEnd] !== byte.openBrace) return this.#readBare(at, nameEnd, end)
      form ??= this.#newForm()
      labelsEnd = nameEnd === at || nameEnd === end ? -1 : form.learn(at, nameEnd, end)
    }
    const valueAt = labelsEnd < 0 || labelsEnd - at > maxLineBytes ? -1 : valueAfter(body, labelsEnd, end)
    if (valueAt >= 0) form.keep(at, labelsEnd)
    if (valueAt < 0 || !form.pack(this.#bounds, this.#boundTable)) {
      form.clear()
      return -1
    }
    this.#form = form
    this.#isBare = false
    this.#nameStart = at
    this.#nameEnd = at + form.layout.nameLength
    return valueAt
  }

  /** Lets go of the body. */
  release(): void {
    this.#scanner.borrow(noBody)
  }

  /** The form that the line at `at` seems to have; undefined where it has a new one. */
  #formFor(at: number, end: number): LineForm | undefined {
    if (this.#form.fits(at, end)) return this.#form
    for (const form of this.#forms) if (form !== this.#form && form.fits(at, end)) return form
    return undefined
  }

  /** A form to learn. */
  #newForm(): LineForm {
    for (const form of this.#forms) if (form.layout.count < 0) return form
    if (this.#forms.length < maxForms) {
      const form = new LineForm(this.#attached, this.#scanner)
      this.#forms.push(form)
      return form
    }
    this.#next = (this.#next + 1) % maxForms
    return this.#forms[this.#next]!
  }

  /** Reads a line without labels. */
  #readBare(at: number, nameEnd: number, end: number): number {
    const valueAt = nameEnd === at || nameEnd - at > maxLineBytes ? -1 : valueAfter(this.#scanner.body, nameEnd, end)
    if (valueAt < 0) return -1
    const { head, tail } = this.#form.layout
    const bare = this.#bare
    bare.reserve(head.at + maxVarintBytes + nameEnd - at + tail.at)
    bare.at = 0
    bare.append(head)
    bare.varint(nameEnd - at)
    bare.copy(this.#scanner.view, at, nameEnd - at)
    bare.append(tail)
    this.#isBare = true
    this.#nameStart = at
    this.#nameEnd = nameEnd
    return valueAt
  }

  get #packed(): ByteWriter {
    return this.#isBare ? this.#bare : this.#form.packed
  }
}

/** The labels that are normalised after a type. */
export function boundsOf(type: MetricType | undefined): Bounds {
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

/**
 * Reads a page of the text format, line by line.
 *
 * Exploits: nearly all lines are what SeriesScanner covers, with a number and perhaps a timestamp behind it, or HELP and TYPE without
 * escapes. Of such a line only what may be wrong is looked at, and its bytes are kept (PageCopy); families are found by the bytes of
 * their names (PageFamilies). Strings, labels and metadata are made for those who ask for them: of labels an object straight from the line
 * (LineStrings), or their encoding (LinePacker).
 *
 * Measured (Node 20, one core of two that others were using): 180 to 390 ns a sample with its comments, where the plain parser takes 1,440
 * to 3,140. `pnpm bench parse`
 *
 * Everything else goes to the plain parser, for that line alone: it says what is wrong. Kept honest by page-reader.test.ts: the same
 * entries and the same errors as the plain parser.
 */
import { encodeUtf8, standsAt } from '../../model/bytes.js'
import type { MetricType } from '../../model/metadata.js'
import { byte } from '../cursor.js'
import type { Family } from '../family-table.js'
import { NumberReader } from '../fast/number-reader.js'
import { parseLine } from '../parse-line.js'
import { createParserState, type ParserState } from '../parser-state.js'
import type { ParseTextOptions, TextEntry } from '../text-entry.js'
import { PackedEntry, type PackedLine } from './packed-entry.js'
import { PageCopy } from './page-copy.js'
import { PageFamilies } from './page-families.js'
import { SeriesScanner } from './series-scanner.js'
import { TextScanner } from './text-scanner.js'

/** Is handed the entry of a line, and its family. */
export type OnSample = (entry: TextEntry, family: Family) => void

const bucketLabel = encodeUtf8('le')
const quantileLabel = encodeUtf8('quantile')

const zero = 0x30
/** As many digits are exact in a double. */
const maxTimestampDigits = 15

/** `# HE` and `ELP `, `# TY` and `YPE `, as little-endian words. */
const helpStart = 0x45482023
const helpEnd = 0x20504c45
const typeStart = 0x59542023
const typeEnd = 0x20455059
/** Length of `# HELP ` and `# TYPE `. */
const keywordBytes = 7

/** The types of the text format, with the end of the line, by their first letter. */
const types: ReadonlyMap<number, readonly [line: Uint8Array, type: MetricType]> = new Map([
  [0x63, [encodeUtf8('counter\n'), 'counter']],
  [0x67, [encodeUtf8('gauge\n'), 'gauge']],
  [0x68, [encodeUtf8('histogram\n'), 'histogram']],
  [0x73, [encodeUtf8('summary\n'), 'summary']],
  [0x75, [encodeUtf8('untyped\n'), 'unknown']],
])

/** Reused, since what it needs costs more than a small page. Whoever reads a page while another is being read makes a new one. */
let idle: PageReader | undefined

/** Reads a body as `parseTextEntries` does. */
export function readPage(body: Uint8Array, options: ParseTextOptions, onSample: OnSample): void {
  withReader((reader) => reader.read(body, options, onSample))
}

/** As `readPage`. Returns the families of the page, in its order. */
export function readFamilies(body: Uint8Array, options: ParseTextOptions, onSample: OnSample): Iterable<Family> {
  return withReader((reader) => {
    reader.read(body, options, onSample)
    return reader.families()
  })
}

function withReader<Result>(use: (reader: PageReader) => Result): Result {
  const reader = idle ?? new PageReader()
  idle = undefined
  try {
    return use(reader)
  } finally {
    reader.release()
    idle = reader
  }
}

const noBody = new Uint8Array(0)
const noOptions: ParseTextOptions = { mode: 'prometheus' }

class PageReader {
  readonly #scanner = new TextScanner()
  readonly #series = new SeriesScanner(this.#scanner)
  readonly #copy = new PageCopy(this.#scanner)
  readonly #families = new PageFamilies(this.#scanner, this.#copy)
  readonly #numbers = new NumberReader()
  /** Of the line that is being read. */
  readonly #line: { -readonly [Field in keyof PackedLine]: PackedLine[Field] } = {
    value: 0,
    timestampMs: undefined,
    line: 1,
    bytes: noBody,
    start: 0,
    type: 'unknown',
  }
  #body: Uint8Array = noBody
  #options = noOptions
  /** What the last TYPE line said. */
  #type: MetricType = 'unknown'
  #plain: ParserState | undefined

  read(body: Uint8Array, options: ParseTextOptions, onSample: OnSample): void {
    this.#begin(body, options)
    const line = this.#line
    const { body: bytes } = this.#scanner
    const end = bytes.lastIndexOf(byte.lineFeed) + 1
    let at = 0
    while (at < end) {
      const first = bytes[at]
      let next = at + 1
      if (first === byte.hash) next = this.#readComment(at, end)
      else if (first !== byte.lineFeed) next = this.#readSample(at, end, onSample)
      if (next >= 0) {
        line.line++
        at = next
      } else {
        at = this.#readPlainly(at, onSample)
      }
    }
    if (at < bytes.length) this.#readPlainly(at, onSample)
  }

  /** Of the page that was read. */
  families(): Iterable<Family> {
    return this.#families.lendTable().families()
  }

  /** Lets go of the page. */
  release(): void {
    this.#scanner.borrow(noBody)
    this.#families.release()
    this.#copy.release()
    this.#line.bytes = noBody
    this.#body = noBody
    this.#options = noOptions
    this.#plain = undefined
  }

  #begin(body: Uint8Array, options: ParseTextOptions): void {
    // Not a Buffer: the loops are compiled for one class of array.
    this.#scanner.borrow(body.constructor === Uint8Array ? body : new Uint8Array(body.buffer, body.byteOffset, body.length))
    this.#body = body
    this.#options = options
    this.#series.clear()
    this.#copy.begin()
    this.#families.begin(options)
    this.#line.line = 1
    this.#setType('unknown')
  }

  #setType(type: MetricType): void {
    this.#type = type
    // Strictly, bounds stay as they are.
    this.#line.type = this.#options.mode === 'strict' ? 'unknown' : type
  }

  /** Reads HELP or TYPE. Returns where the next line begins; -1 where it is a line for the plain parser. */
  #readComment(at: number, end: number): number {
    const { body, view } = this.#scanner
    const nameStart = at + keywordBytes
    if (nameStart >= end) return -1
    const word = view.getInt32(at, true)
    const isHelp = word === helpStart && view.getInt32(at + 3, true) === helpEnd
    if (!isHelp && !(word === typeStart && view.getInt32(at + 3, true) === typeEnd)) return -1
    const nameEnd = this.#families.nameEnd(nameStart, end)
    const textStart = nameEnd + 1
    if (nameEnd === nameStart || body[nameEnd] !== byte.space) return -1
    const first = body[textStart]
    // Strictly, blanks in front of the text are none of it.
    if (textStart >= end || first === byte.space || first === byte.tab) return -1
    return isHelp ? this.#readHelp(textStart, end) : this.#readType(textStart)
  }

  /** Reads what follows the name. Returns as `#readComment`; so does `#readType`. */
  #readHelp(textStart: number, end: number): number {
    const textEnd = this.#scanner.lineEnd(textStart, end)
    if (textEnd <= textStart) return -1
    const family = this.#families.ofComment()
    if (family.hasHelp && this.#options.mode === 'strict') return -1
    this.#families.setHelp(family, this.#copy.text(textStart, textEnd))
    return textEnd + 1
  }

  #readType(textStart: number): number {
    const { body } = this.#scanner
    const found = types.get(body[textStart]!)
    if (found === undefined || !standsAt(found[0], body, textStart)) return -1
    const family = this.#families.ofComment()
    if (this.#options.mode === 'strict' && (family.hasType || family.hasSamples)) return -1
    this.#families.setType(family, found[1])
    this.#setType(found[1])
    return textStart + found[0].length
  }

  /** Reads a sample. Returns where the next line begins; -1 where it is a line for the plain parser. */
  #readSample(at: number, end: number, onSample: OnSample): number {
    const line = this.#line
    const { body } = this.#scanner
    const nameEnd = this.#families.nameEnd(at, end)
    const valueAt = nameEnd === at ? -1 : this.#series.valueStart(at, nameEnd, end)
    if (valueAt < 0) return -1
    line.value = this.#numbers.read(body, valueAt)
    let next = this.#numbers.end
    if (next < 0) return -1
    line.timestampMs = undefined
    if (body[next] !== byte.lineFeed) next = this.#readTimestamp(next)
    if (next < 0) return -1
    const family = this.#families.ofSample()
    if (this.#options.mode === 'strict' && !this.#isPlainlyRight(family)) return -1
    next++
    line.start = this.#copy.place(at, next)
    line.bytes = this.#copy.bytes
    onSample(new PackedEntry(family.lend(), line), family)
    return next
  }

  /** Reads the digits behind a value and one blank, up to the end of the line. Returns where that is, or -1. */
  #readTimestamp(at: number): number {
    const { body } = this.#scanner
    if (body[at] !== byte.space) return -1
    const start = at + 1
    let next = start
    let timestampMs = 0
    for (let digit = body[next]! - zero; digit >= 0 && digit <= 9; digit = body[++next]! - zero) timestampMs = timestampMs * 10 + digit
    if (next === start || next - start > maxTimestampDigits || body[next] !== byte.lineFeed) return -1
    this.#line.timestampMs = timestampMs
    return next
  }

  /** Whether a sample has none of what is checked strictly: bounds of buckets and quantiles, and negative counts. */
  #isPlainlyRight({ type }: Family): boolean {
    if (type !== 'histogram' && type !== 'gaugehistogram' && type !== 'summary') return true
    return !(this.#line.value < 0) && !this.#series.has(bucketLabel) && !this.#series.has(quantileLabel)
  }

  /** Reads a line with the plain parser. Returns where the next begins. Throws a ParseError. */
  #readPlainly(at: number, onSample: OnSample): number {
    const families = this.#families.lendTable()
    this.#plain ??= { ...createParserState(this.#body, this.#options), families }
    const state = this.#plain
    state.cursor.at = at
    state.cursor.line = this.#line.line
    state.lastType = this.#type
    state.lastFamily = undefined
    parseLine(state, onSample)
    this.#line.line = state.cursor.line
    this.#setType(state.lastType)
    return state.cursor.at
  }
}

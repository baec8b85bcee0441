/**
 * Reads a page of the text format, line by line.
 *
 * Exploits: nearly all lines are what PackedLineReader covers, followed by a number and perhaps a timestamp, or `# HELP` and `# TYPE` without escapes. Of
 * such a line an entry is a few numbers and a copy of its packed labels; strings, labels and metadata are made for those who ask.
 *
 * Everything else goes to the plain parser, for that line alone: it says what is wrong. Kept honest by page-reader.test.ts: the same
 * entries and the same errors as the plain parser.
 */
import { labelsWithin } from '../../model/labels.js'
import type { MetricType } from '../../model/metadata.js'
import { isTextAt, TextIntern } from '../../model/text-intern.js'
import { byte } from '../cursor.js'
import { type Family, FamilyTable } from '../family-table.js'
import { NumberReader } from '../fast/number-reader.js'
import { parseLine } from '../parse-line.js'
import { createParserState, type ParserState } from '../parser-state.js'
import type { ParseTextOptions, TextEntry } from '../text-entry.js'
import { ByteArena } from './byte-arena.js'
import { type EntryFacts, PackedEntry, PackedText } from './packed-entry.js'
import { PackedLineReader } from './packed-line-reader.js'
import { TextScanner } from './text-scanner.js'

/** Is handed the entry of a line, and its family. */
export type OnSample = (entry: TextEntry, family: Family) => void

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

/** The types of the text format: the letters in lower case, as nearly everybody writes them. */
const types: readonly (readonly [name: string, type: MetricType])[] = [
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]

/** Names of families: some 50 bytes each, once they are filled. */
const names = new TextIntern(2048)

/** Reused, since what it needs costs more than a small page. Whoever reads a page while another is being read makes a new one. */
let idle: PageReader | undefined

/** Reads a body as `parseTextEntries` does. Returns its families, in page order. */
export function readPage(body: Uint8Array, options: ParseTextOptions, onSample: OnSample): Iterable<Family> {
  const reader = idle ?? new PageReader()
  idle = undefined
  try {
    return reader.read(body, options, onSample)
  } finally {
    reader.release()
    idle = reader
  }
}

const noBody = new Uint8Array(0)
const noOptions: ParseTextOptions = { mode: 'prometheus' }

class PageReader {
  readonly #scanner = new TextScanner()
  readonly #lines = new PackedLineReader({ scanner: this.#scanner })
  readonly #numbers = new NumberReader()
  readonly #arena = new ByteArena()
  /** Of the line that is being read. */
  readonly #facts: { -readonly [Fact in keyof EntryFacts]: EntryFacts[Fact] } = {
    emptyLabels: undefined,
    value: 0,
    timestampMs: undefined,
    line: 1,
  }
  #body: Uint8Array = noBody
  #options = noOptions
  #families = new FamilyTable('prometheus', undefined)
  /** The family of the last sample, while nothing was said since. */
  #lastFamily: Family | undefined
  /** The family of the last comment, which is most often that of the next line. */
  #lastSaid: Family | undefined
  /** What the last TYPE line said. */
  #type: MetricType = 'unknown'
  #plain: ParserState | undefined

  read(body: Uint8Array, options: ParseTextOptions, onSample: OnSample): Iterable<Family> {
    this.#begin(body, options)
    const facts = this.#facts
    const { body: bytes } = this.#scanner
    const end = bytes.lastIndexOf(byte.lineFeed) + 1
    let at = 0
    while (at < end) {
      const first = bytes[at]
      let next = at + 1
      if (first === byte.hash) next = this.#readComment(at, end)
      else if (first !== byte.lineFeed) next = this.#readSample(at, end, onSample)
      if (next >= 0) {
        facts.line++
        at = next
      } else {
        at = this.#readPlainly(at, onSample)
      }
    }
    if (at < bytes.length) this.#readPlainly(at, onSample)
    return this.#families.families()
  }

  /** Lets go of the page. */
  release(): void {
    this.#lines.release()
    this.#body = noBody
    this.#options = noOptions
    this.#lastFamily = undefined
    this.#lastSaid = undefined
    this.#plain = undefined
  }

  #begin(body: Uint8Array, options: ParseTextOptions): void {
    // Not a Buffer: the loops are compiled for one class of array.
    this.#scanner.borrow(body.constructor === Uint8Array ? body : new Uint8Array(body.buffer, body.byteOffset, body.length))
    this.#body = body
    this.#options = options
    this.#families = new FamilyTable(options.mode, options.metadata)
    this.#facts.line = 1
    this.#setType('unknown')
  }

  #setType(type: MetricType): void {
    this.#type = type
    // Strictly, bounds stay as they are.
    this.#lines.type = this.#options.mode === 'strict' ? 'unknown' : type
  }

  /** Reads HELP or TYPE. Returns where the next line begins; -1 where it is a line for the plain parser. */
  #readComment(at: number, end: number): number {
    const { body, view } = this.#scanner
    const nameStart = at + keywordBytes
    if (nameStart >= end) return -1
    const word = view.getInt32(at, true)
    const isHelp = word === helpStart && view.getInt32(at + 3, true) === helpEnd
    if (!isHelp && !(word === typeStart && view.getInt32(at + 3, true) === typeEnd)) return -1
    const nameEnd = this.#scanner.metricNameEnd(nameStart, end)
    const textStart = nameEnd + 1
    if (nameEnd === nameStart || body[nameEnd] !== byte.space) return -1
    const first = body[textStart]
    // Strictly, blanks in front of the text are none of it.
    if (textStart >= end || first === byte.space || first === byte.tab) return -1
    const lineEnd = this.#scanner.lineEnd(textStart, end)
    if (lineEnd <= textStart) return -1
    const isRead = isHelp ? this.#readHelp(nameStart, textStart, lineEnd) : this.#readType(nameStart, textStart, lineEnd)
    this.#lastFamily = undefined
    return isRead ? lineEnd + 1 : -1
  }

  #readHelp(nameStart: number, textStart: number, textEnd: number): boolean {
    const family = this.#familyOfComment(nameStart, textStart - 1)
    if (family.hasHelp && this.#options.mode === 'strict') return false
    this.#arena.copy(this.#scanner.view, textStart, textEnd - textStart)
    const { chunk, size } = this.#arena
    this.#families.setHelp(family, new PackedText(chunk, size - (textEnd - textStart), size))
    return true
  }

  #readType(nameStart: number, textStart: number, textEnd: number): boolean {
    const { body } = this.#scanner
    const found = types.find(([name]) => name.length === textEnd - textStart && isTextAt(name, body, textStart))
    if (found === undefined) return false
    const family = this.#familyOfComment(nameStart, textStart - 1)
    if (this.#options.mode === 'strict' && (family.hasType || family.hasSamples)) return false
    this.#families.setType(family, found[1])
    this.#setType(found[1])
    return true
  }

  #familyOfComment(start: number, end: number): Family {
    const last = this.#lastSaid
    const { body } = this.#scanner
    if (last?.name.length === end - start && isTextAt(last.name, body, start)) return last
    this.#lastSaid = this.#families.ofMetadata(names.get(body, start, end))
    return this.#lastSaid
  }

  /** Reads a sample. Returns where the next line begins; -1 where it is a line for the plain parser. */
  #readSample(at: number, end: number, onSample: OnSample): number {
    const lines = this.#lines
    const facts = this.#facts
    const { body } = this.#scanner
    const valueAt = lines.read(body, at, end)
    if (valueAt < 0) return -1
    facts.value = this.#numbers.read(body, valueAt)
    let next = this.#numbers.end
    if (next < 0) return -1
    facts.timestampMs = undefined
    if (body[next] !== byte.lineFeed) next = this.#readTimestamp(next)
    if (next < 0) return -1
    const family = this.#familyOfSample()
    if (this.#options.mode === 'strict' && !this.#isPlainlyRight(family)) return -1
    facts.emptyLabels = lines.emptyNames
    this.#arena.copy(lines.view, 0, lines.length)
    const { chunk, size } = this.#arena
    onSample(new PackedEntry(labelsWithin(chunk, size - lines.length, size), family.facts, facts), family)
    return next + 1
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
    this.#facts.timestampMs = timestampMs
    return next
  }

  #familyOfSample(): Family {
    const lines = this.#lines
    if (lines.isSameName && this.#lastFamily !== undefined) return this.#lastFamily
    const { body } = this.#scanner
    const { nameStart, nameEnd } = lines
    const said = this.#lastSaid
    const isSaid = said?.name.length === nameEnd - nameStart && isTextAt(said.name, body, nameStart)
    this.#lastFamily = this.#families.ofSample(isSaid ? said.name : names.get(body, nameStart, nameEnd))
    return this.#lastFamily
  }

  /** Whether a sample has none of what is checked strictly: bounds of buckets and quantiles, and negative counts. */
  #isPlainlyRight({ facts: { type } }: Family): boolean {
    if (type !== 'histogram' && type !== 'gaugehistogram' && type !== 'summary') return true
    return !this.#lines.hasBound && !(this.#facts.value < 0)
  }

  /** Reads a line with the plain parser. Returns where the next begins. Throws a ParseError. */
  #readPlainly(at: number, onSample: OnSample): number {
    this.#plain ??= { ...createParserState(this.#body, this.#options), families: this.#families }
    const state = this.#plain
    state.cursor.at = at
    state.cursor.line = this.#facts.line
    state.lastType = this.#type
    state.lastFamily = undefined
    parseLine(state, onSample)
    this.#facts.line = state.cursor.line
    this.#setType(state.lastType)
    this.#lastFamily = undefined
    return state.cursor.at
  }
}

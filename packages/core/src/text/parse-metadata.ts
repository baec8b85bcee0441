import { decodeUtf8 } from '../model/bytes.js'
import type { MetricType } from '../model/metadata.js'
import { byte, quoteText } from './cursor.js'
import { endLine } from './line-end.js'
import { isNameByte, isNameStart } from './names.js'
import type { ParserState } from './parser-state.js'
import { assertEscape, readQuoted } from './quoted.js'

type Keyword = 'HELP' | 'TYPE'

/** The types of the text format. Its `untyped` is `unknown` in the model. */
const types: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
])

/** The format does not have it; expfmt takes two spellings all the same. */
const expfmtTypes: ReadonlyMap<string, MetricType> = new Map([
  ...types,
  ['gaugehistogram', 'gaugehistogram'],
  ['gauge_histogram', 'gaugehistogram'],
])

/** Reads a line that begins with `#`: HELP, TYPE or a comment. */
export function parseCommentLine(state: ParserState): void {
  const keyword = readKeyword(state)
  if (keyword !== undefined) {
    if (state.strict) parseStrictMetadata(state, keyword)
    else parseScrapedMetadata(state, keyword)
    // What was said may change which family a name belongs to, and what is known of it.
    state.lastFamily = undefined
  }
  state.cursor.skipLine()
  endLine(state)
}

/** HELP or TYPE with a blank behind it, and leaves the cursor behind the blanks. The scraper wants a blank before it as well. */
function readKeyword({ cursor, strict }: ParserState): Keyword | undefined {
  const hash = cursor.at++
  cursor.skipBlanks()
  if (!strict && cursor.at === hash + 1) return undefined
  const start = cursor.skipToken()
  if (cursor.at - start !== 4 || cursor.atLineEnd()) return undefined
  const word = cursor.text(start, cursor.at)
  if (word !== 'HELP' && word !== 'TYPE') return undefined
  cursor.skipBlanks()
  return word
}

/** As expfmt: any number of blanks, and a line that ends early says nothing. */
function parseStrictMetadata(state: ParserState, keyword: Keyword): void {
  const { cursor, families } = state
  if (cursor.atLineEnd()) return
  const nameAt = cursor.at
  const name = readName(state, keyword)
  if (cursor.atLineEnd()) return
  if (cursor.peek() !== byte.space && cursor.peek() !== byte.tab) {
    throw cursor.unexpected(cursor.at, `a blank after metric name ${quoteText(name)}`)
  }
  cursor.skipBlanks()
  if (cursor.atLineEnd()) return
  const family = families.ofMetadata(name)
  const said = keyword === 'HELP' ? family.hasHelp : family.hasType
  if (said) throw cursor.error(nameAt, `second ${keyword} for metric ${quoteText(family.name)}`)
  if (keyword === 'TYPE' && family.hasSamples) throw cursor.error(nameAt, `TYPE for metric ${quoteText(family.name)} after its samples`)
  if (keyword === 'HELP') families.setHelp(family, readHelp(state))
  else families.setType(family, readType(state))
}

/** As the scraper: one byte between name and text, whatever it is, even no name in quotes, and the last line that speaks of a family holds. */
function parseScrapedMetadata(state: ParserState, keyword: Keyword): void {
  const { cursor, families } = state
  const name = readName(state, keyword)
  // A byte of a longer sequence, taken away, would leave text that is not UTF-8; at a NUL the scraper's lexer ends.
  if (cursor.peek() >= 0x80 || cursor.peek() === 0) throw cursor.unexpected(cursor.at, `a blank after metric name ${quoteText(name)}`)
  if (!cursor.atLineEnd()) cursor.at++
  const family = families.ofMetadata(name)
  if (keyword === 'HELP') {
    families.setHelp(family, readHelp(state))
  } else {
    state.lastType = readType(state)
    families.setType(family, state.lastType)
  }
}

function readName(state: ParserState, keyword: Keyword): string {
  const { cursor, labels, strict } = state
  const start = cursor.at
  if (cursor.peek() === byte.quote) {
    labels.clear()
    const name = labels.text(readQuoted(state))
    if (strict && name === '') throw cursor.error(start, 'metric name is empty')
    return name
  }
  if (!isNameStart(cursor.peek())) throw cursor.unexpected(start, `a metric name after ${keyword}`)
  while (isNameByte(cursor.peek())) cursor.at++
  return cursor.text(start, cursor.at)
}

function readType(state: ParserState): MetricType {
  const { cursor, strict } = state
  const start = cursor.skipLine()
  const text = cursor.text(start, cursor.at)
  const type = strict ? expfmtTypes.get(text.toLowerCase()) : types.get(text)
  if (type !== undefined) return type
  const found = text === '' ? 'the end of the line' : cursor.quote(start, cursor.at)
  throw cursor.error(start, `expected a type (counter, gauge, histogram, summary or untyped), found ${found}`)
}

function readHelp(state: ParserState): string {
  const { cursor, strict } = state
  const start = cursor.skipLine()
  cursor.assertUtf8(start, cursor.at)
  if (strict) {
    for (let at = start; at < cursor.at; at++) {
      if (cursor.body[at] === byte.backslash) assertEscape(state, at++)
    }
  }
  const text = decodeUtf8(cursor.body, start, cursor.at)
  return text.includes('\\') ? unescapeHelp(text, strict) : text
}

/** `\\` and `\n`; expfmt takes `\"` as well. */
function unescapeHelp(text: string, strict: boolean): string {
  return text.replaceAll(/\\([\\n"])/g, (sequence, escaped: string) => {
    if (escaped === 'n') return '\n'
    return escaped === '\\' || strict ? escaped : sequence
  })
}

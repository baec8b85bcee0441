import { byte } from './cursor.js'
import type { Family } from './family-table.js'
import { endLine } from './line-end.js'
import type { FamilySample, MetricFamily } from './metric-family.js'
import { isNameStart } from './names.js'
import { parseCommentLine } from './parse-metadata.js'
import { parseSampleLine } from './parse-sample.js'
import { createParserState, type ParserState } from './parser-state.js'
import type { ParseTextOptions, TextEntry } from './text-entry.js'

/**
 * The Prometheus text exposition format, version 0.0.4, and 1.0.0, which adds quoted names:
 *
 *     body    = { line LF }
 *     line    = [ "# HELP" name text | "# TYPE" name type | "#" comment | sample ]
 *     sample  = name [ "{" labels "}" ] value [ timestamp ]  |  "{" quoted-name [ "," labels ] "}" value [ timestamp ]
 *     labels  = [ label { "," label } [ "," ] ]
 *     label   = ( name | quoted-name ) "=" quoted
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */

/**
 * Reads a body and hands each sample line to `onEntry`, in page order, what a scraper takes from it. A series that comes twice is
 * handed on twice. Throws a ParseError at the first line that is wrong: what was handed on before then is void.
 */
export function parseTextEntries(body: Uint8Array, options: ParseTextOptions, onEntry: (entry: TextEntry) => void): void {
  parseLines(createParserState(body, options), onEntry)
}

/** Reads a body into families in page order, those without samples among them. Throws a ParseError. */
export function parseTextFamilies(body: Uint8Array, options: ParseTextOptions): MetricFamily[] {
  const state = createParserState(body, options)
  const samples = new Map<Family, FamilySample[]>()
  parseLines(state, ({ labels, value, timestampMs }, family) => {
    const sample = { labels, value, timestampMs }
    const known = samples.get(family)
    if (known === undefined) samples.set(family, [sample])
    else known.push(sample)
  })
  return Array.from(state.families.families(), (family) => ({ ...family.metadata, samples: samples.get(family) ?? [] }))
}

function parseLines(state: ParserState, onSample: (entry: TextEntry, family: Family) => void): void {
  const { cursor } = state
  while (cursor.at < cursor.end) parseLine(state, onSample)
}

/** Reads the line that the cursor stands at the beginning of, and moves to the next. Throws a ParseError. */
export function parseLine(state: ParserState, onSample: (entry: TextEntry, family: Family) => void): void {
  const { cursor, strict } = state
  const start = cursor.at
  cursor.skipBlanks()
  const first = cursor.peek()
  if (first === byte.lineFeed) endLine(state)
  else if (first === byte.hash) parseCommentLine(state)
  else if (first === byte.openBrace) parseSampleLine(state, onSample)
  else if (isNameStart(first)) {
    // The scraper would take the blanks for a part of the name.
    if (!strict && cursor.at > start) throw cursor.unexpected(start, 'a metric name at the start of the line')
    parseSampleLine(state, onSample)
  } else if (first >= 0) throw unexpectedStart(state)
}

function unexpectedStart({ cursor }: ParserState): Error {
  const { at, body } = cursor
  if (body[at] === 0xef && body[at + 1] === 0xbb && body[at + 2] === 0xbf) {
    return cursor.error(at, 'a byte order mark is not part of the format')
  }
  return cursor.unexpected(at, 'a metric name, "{", "#" or an empty line')
}

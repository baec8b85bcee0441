import { byte } from './cursor.js'
import type { Family } from './family-table.js'
import { endLine } from './line-end.js'
import { isNameStart } from './names.js'
import { parseCommentLine } from './parse-metadata.js'
import { parseSampleLine } from './parse-sample.js'
import type { ParserState } from './parser-state.js'
import type { TextEntry } from './text-entry.js'

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

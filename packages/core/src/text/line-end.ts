import type { ParserState } from './parser-state.js'

/** Consumes the line feed at the end of a line. Strictly, the last line must have one as well. */
export function endLine({ cursor, strict }: ParserState): void {
  if (cursor.at < cursor.end) {
    cursor.at++
    cursor.line++
  } else if (strict) {
    throw cursor.unexpected(cursor.end, 'a line feed at the end of the last line')
  }
}

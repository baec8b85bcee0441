import { encodeUtf8 } from '../model/bytes.js'
import { formatOpenMetricsFloat, parseGoFloat } from '../model/go-float.js'
import { metricNameLabel } from '../model/labels.js'
import { byte, quoteText } from './cursor.js'
import type { Family } from './family-table.js'
import { endLine } from './line-end.js'
import { isLabelNameByte, isLabelNameStart, isNameByte } from './names.js'
import { parseTimestamp, parseValue } from './number.js'
import type { ParserState } from './parser-state.js'
import { readQuoted } from './quoted.js'
import type { TextEntry } from './text-entry.js'

const reservedName = encodeUtf8(metricNameLabel)
const bucketLabel = encodeUtf8('le')
const quantileLabel = encodeUtf8('quantile')

/** No text of the scratch. */
const none = -1

/**
 * Reads a sample line: `name{label="value",...} value [timestamp]`, or with the name in the braces, `{"name",label="value"} value`.
 * The cursor stands on the first byte of the name or on the brace.
 */
export function parseSampleLine(state: ParserState, onSample: (entry: TextEntry, family: Family) => void): void {
  const { cursor, labels } = state
  const { line, at: start } = cursor
  labels.clear()
  let name = cursor.peek() === byte.openBrace ? none : readMetricName(state)
  cursor.skipBlanks()
  if (cursor.peek() === byte.openBrace) name = parseBraces(state, name)
  const family = familyOf(state, name)
  readBound(state, family)
  const duplicate = labels.sort()
  if (duplicate >= 0) throw cursor.error(labels.placeOf(duplicate), `label ${quoteText(labels.nameOf(duplicate))} is given twice`)
  const valueAt = skipValue(state, start)
  state.valueAt = valueAt
  const value = parseValue(cursor, valueAt, cursor.at)
  if (value < 0 && state.strict) assertNoPopulation(state, family, { name, valueAt })
  const timestampMs = readTimestamp(state)
  endLine(state)
  onSample({ labels: labels.pack(), emptyLabels: labels.emptyNames(), metadata: family.metadata, value, timestampMs, line }, family)
}

function readMetricName({ cursor, labels }: ParserState): number {
  const { body, end, at: start } = cursor
  let at = start + 1
  while (at < end && isNameByte(body[at]!)) at++
  cursor.at = at
  const name = labels.addText(body, start, at)
  labels.addLabel(labels.metricName, name, start)
  return name
}

/** Reads `{...}` and returns the metric's name: the one that was given, or the quoted one in the braces. */
function parseBraces(state: ParserState, given: number): number {
  const { cursor, labels, strict } = state
  const open = cursor.at++
  let name = given
  for (;;) {
    cursor.skipBlanks()
    if (cursor.peek() === byte.closeBrace) break
    const start = cursor.at
    const quoted = cursor.peek() === byte.quote
    const text = quoted ? readQuoted(state) : readLabelName(state)
    cursor.skipBlanks()
    if (quoted && (cursor.peek() === byte.comma || cursor.peek() === byte.closeBrace)) {
      if (name !== none) throw secondName(state, start, { first: name, second: text })
      if (labels.isEmpty(text)) throw cursor.error(start, 'metric name is empty')
      labels.addLabel(labels.metricName, text, start)
      name = text
    } else {
      parseLabel(state, text, start)
      cursor.skipBlanks()
    }
    // The scraper does not insist on a comma between two labels.
    if (cursor.peek() === byte.comma) cursor.at++
    else if (cursor.peek() === byte.closeBrace) break
    else if (strict) throw cursor.unexpected(cursor.at, '"," or "}" after a label')
  }
  cursor.at++
  if (name === none) throw cursor.error(open, 'expected a metric name before the braces, or in quotes inside them, found none')
  return name
}

function secondName({ cursor, labels }: ParserState, at: number, names: { first: number; second: number }): Error {
  const [first, second] = [labels.text(names.first), labels.text(names.second)]
  return cursor.error(at, `second metric name ${quoteText(second)}: the metric is named ${quoteText(first)} already`)
}

function readLabelName({ cursor, labels }: ParserState): number {
  const { body, end, at: start } = cursor
  if (start >= end || !isLabelNameStart(body[start]!)) throw cursor.unexpected(start, 'a label name or "}"')
  let at = start + 1
  while (at < end && isLabelNameByte(body[at]!)) at++
  cursor.at = at
  return labels.addText(body, start, at)
}

/** Reads what follows a label's name: `="value"`. */
function parseLabel(state: ParserState, name: number, start: number): void {
  const { cursor, labels } = state
  if (cursor.peek() !== byte.equals) throw cursor.unexpected(cursor.at, `"=" after label name ${quoteText(labels.text(name))}`)
  if (labels.isEmpty(name)) throw cursor.error(start, 'label name is empty')
  if (labels.textIs(name, reservedName)) throw cursor.error(start, `label name ${quoteText(metricNameLabel)} is reserved`)
  cursor.at++
  cursor.skipBlanks()
  if (cursor.peek() !== byte.quote) throw cursor.unexpected(cursor.at, `a value in double quotes for label ${quoteText(labels.text(name))}`)
  labels.addLabel(name, readQuoted(state), start)
}

function familyOf(state: ParserState, name: number): Family {
  const { families, labels } = state
  if (state.lastFamily !== undefined && labels.textIs(name, state.lastName)) return state.lastFamily
  state.lastFamily = families.ofSample(labels.text(name))
  state.lastName = labels.copyOf(name)
  return state.lastFamily
}

/** Looks at `le` and `quantile`, which are numbers in a histogram and a summary: checks them strictly, normalises them for a scraper. */
function readBound(state: ParserState, family: Family): void {
  const { cursor, labels, strict } = state
  const type = strict ? family.type : state.lastType
  if (type !== 'histogram' && type !== 'gaugehistogram' && type !== 'summary') return
  const label = labels.find(type === 'summary' ? quantileLabel : bucketLabel)
  if (label < 0) return
  const text = labels.valueOf(label)
  const bound = parseGoFloat(text)
  if (!strict) {
    if (bound !== undefined) labels.setValue(label, labels.addAscii(formatOpenMetricsFloat(bound)))
  } else if (bound === undefined) {
    const what = `label ${quoteText(labels.nameOf(label))} of ${type} ${quoteText(family.name)}`
    throw cursor.error(labels.placeOf(label), `expected a number as value of ${what}, found ${quoteText(text)}`)
  }
}

/** Moves behind the value and returns where it begins. */
function skipValue({ cursor }: ParserState, lineStart: number): number {
  cursor.skipBlanks()
  const start = cursor.skipToken()
  if (start === cursor.at) throw cursor.unexpected(start, `a value after ${quoteText(cursor.text(lineStart, start).trimEnd())}`)
  return start
}

/** Strictly, neither a bucket nor the count of a histogram is negative. */
function assertNoPopulation({ cursor, labels }: ParserState, family: Family, at: { name: number; valueAt: number }): void {
  const { type } = family.metadata
  if (type !== 'histogram' && type !== 'gaugehistogram') return
  const name = labels.text(at.name)
  const what = name === `${family.name}_bucket` ? 'bucket' : name === `${family.name}_count` ? 'count' : undefined
  if (what !== undefined) throw cursor.error(at.valueAt, `${what} of ${type} ${quoteText(family.name)} is negative`)
}

/** Reads the timestamp, if there is one, up to the end of the line. Strictly, a blank after the last token is an error. */
function readTimestamp({ cursor, strict }: ParserState): number | undefined {
  if (cursor.atLineEnd()) return undefined
  cursor.skipBlanks()
  if (cursor.atLineEnd() && !strict) return undefined
  const start = cursor.skipToken()
  const timestampMs = parseTimestamp(cursor, start, { end: cursor.at, signed: strict })
  const end = cursor.at
  cursor.skipBlanks()
  if (!cursor.atLineEnd()) throw cursor.unexpected(cursor.at, 'the end of the line after the timestamp')
  if (strict && cursor.at > end) throw cursor.unexpected(end, 'the end of the line after the timestamp')
  return timestampMs
}

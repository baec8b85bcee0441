import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { type KnownLines, KnownLinesBuilder, lineKind } from './known-lines.js'
import { LineMatcher } from './line-matcher.js'

/** Known lines of these texts; a text that begins with `!` is one whose value is not kept. */
function known(...texts: readonly string[]): KnownLines {
  const builder = new KnownLinesBuilder()
  for (const text of texts) {
    const bytes = encodeUtf8(text.replace(/^!/, ''))
    builder.add(bytes, { start: 0, end: bytes.length }, text.startsWith('!') ? lineKind.dropped : lineKind.row)
  }
  return builder.build()
}

/** A matcher of a body that is one window. */
function matcherOf(body: string): LineMatcher {
  const matcher = new LineMatcher()
  matcher.read(encodeUtf8(body))
  return matcher
}

const long = '# HELP a_long_name Help that is longer than thirty-two bytes.\na_long_name{label="value"} '

describe('all lines', () => {
  test.each<[what: string, lines: readonly string[], body: string, values: readonly number[]]>([
    ['of few bytes', ['a ', 'b '], 'a 1\nb 2\n', [1, 2]],
    ['of eight bytes', ['abcdefg '], 'abcdefg 1\n', [1]],
    ['of many', [long, `b${long}`], `${long}1\nb${long}2\n`, [1, 2]],
    ['and more behind them', ['a '], 'a 1\nb 2\n', [1]],
    ['whose values are not all kept', ['a ', '!b ', 'c ', '!d '], 'a 1\nb 2\nc 3\nd 4\n', [1, 3]],
    ['with decimals', ['a ', 'b ', 'c ', 'd '], 'a 0.5\nb 1234567.89\nc 12345678.9\nd 5.\n', [0.5, 1234567.89, 12345678.9, 5]],
    ['with more than nine digits', ['a ', 'b '], 'a 1234567890\nb 123456789.25\n', [1234567890, 123456789.25]],
    ['with signs and exponents', ['a ', 'b ', 'c '], 'a -1\nb -0\nc 1e5\n', [-1, -0, 1e5]],
    ['with what is hardly a number', ['a ', 'b ', 'c '], 'a NaN\nb +Inf\nc .5\n', [Number.NaN, Number.POSITIVE_INFINITY, 0.5]],
  ])('%s', (_, lines, body, values) => {
    const matcher = matcherOf(body)
    const column = new Float64Array(lines.length + 2)
    expect(matcher.matchLines(known(...lines), 0, { values: column, length: 1 })).toBe(lines.length)
    expect(column.subarray(1, 1 + values.length)).toEqual(Float64Array.from(values))
    expect(body.slice(matcher.at)).toBe(
      body
        .split('\n')
        .slice(long === lines[0] ? 4 : lines.length)
        .join('\n'),
    )
  })

  test.each<[what: string, lines: readonly string[], body: string]>([
    ['other bytes', ['a '], 'b 1\n'],
    ['other bytes at the very end of a long line', [long], `${long.slice(0, -2)}? 1\n`],
    ['another second line', ['a ', 'b '], 'a 1\nc 2\n'],
    ['a body that ends', ['a ', 'b '], 'a 1\n'],
    ['a body that ends in the labels', [long], long.slice(0, 20)],
    ['no line feed at the end', ['a '], 'a 1'],
    ['no value', ['a '], 'a \n'],
    ['a point', ['a '], 'a .\n'],
    ['a second point', ['a '], 'a 1.2.3\n'],
    ['a timestamp', ['a '], 'a 1 1700000000000\n'],
    ['a blank behind the value', ['a '], 'a 1 \n'],
    ['a second blank', ['a '], 'a  1\n'],
    ['a carriage return', ['a '], 'a 1\r\n'],
    ['no number', ['a '], 'a x\n'],
    ['what no double holds', ['a '], 'a 1e999\n'],
    ['an empty body', ['a '], ''],
  ])('not with %s', (_, lines, body) => {
    const column = { values: new Float64Array(9), length: 0 }
    expect(matcherOf(body).matchLines(known(...lines), 0, column)).toBeLessThan(lines.length)
  })
})

test('a part of the lines', () => {
  const matcher = matcherOf('b 1\nc 2\ne 3\n')
  const values = new Float64Array(6)
  expect(matcher.matchLines(known('a ', 'b ', 'c ', 'd ', 'e '), 1, { values, length: 0 })).toBe(2)
  expect([matcher.at, values[0], values[1]]).toEqual([8, 1, 2])
})

test('lines gathered from others', () => {
  const builder = new KnownLinesBuilder()
  builder.addLines(known('!x '), 0, 1)
  builder.addLines(known('a ', '!bb ', 'ccc ', 'd '), 1, 3)
  builder.addLines(known('y '), 0, 1)
  expect(builder.build()).toEqual(known('!x ', '!bb ', 'ccc ', 'y '))
})

describe('one line', () => {
  test('anywhere in the known ones', () => {
    const matcher = matcherOf('b -2.5 1700000000000\n')
    expect([matcher.matchLine(known('a ', 'b ', 'c '), 1), matcher.value, matcher.at]).toEqual([true, -2.5, 6])
  })

  test.each(['a 1\n', 'b x\n', 'b 1', ''])('not in %j', (body) => {
    expect(matcherOf(body).matchLine(known('a ', 'b '), 1)).toBe(false)
  })
})

test.each([
  ['a ', true],
  ['# HELP', true],
  ['# TYPE a gauge\n', true],
  ['# TYPE a gauge\nb', false],
  ['# TYPE a gauge\na 1\n', false],
])('whether a window ends within a line: %j', (text, expected) => {
  const matcher = matcherOf(text)
  matcher.end = text.length
  expect(
    matcher.endsWithin(known('# HELP a ?\n# TYPE a gauge\na{b="c"} ', '# TYPE a gauge\na{b="c"} '), text.startsWith('# T') ? 1 : 0),
  ).toBe(text === 'a ' ? false : expected)
})

test.each<[text: string, timestampMs: number | undefined, at: number]>([
  ['1\n', undefined, 1],
  ['1 \t\n', undefined, 3],
  ['1 1700000000000\n', 1_700_000_000_000, 15],
  ['1\t 15 \n', 15, 6],
  ['1 x\n', undefined, 2],
  ['1 -1\n', undefined, 2],
  ['1 1234567890123456\n', undefined, 1],
])('the timestamp behind the value of %j', (text, timestampMs, at) => {
  const matcher = matcherOf(text)
  expect([matcher.matchValue(0), matcher.matchTimestamp(), matcher.at]).toEqual([true, timestampMs, at])
})

test('a body is read where it lies in a larger buffer', () => {
  const body = Buffer.from('xxxa 1\nyyy').subarray(3, 7)
  const column = new Float64Array(2)
  const matcher = new LineMatcher()
  matcher.read(new Uint8Array(body.buffer, body.byteOffset, body.length))
  expect([matcher.matchLines(known('a '), 0, { values: column, length: 0 }), column[0]]).toEqual([1, 1])
})

import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { ParseError } from './parse-error.js'
import { parseTextEntries } from './parse-text.js'
import { type Body, bytesOf, describeEntries, latin1 } from './testdata/describe-entries.js'

/** A body, what the scraper makes of it, what expfmt makes of it. A string is the message of an error. */
type Row = readonly [body: Body, scraped: readonly string[] | string, strict: readonly string[] | string]

describe('where the scraper and expfmt disagree', () => {
  const rows: readonly Row[] = [
    ['a{x="\\q"} 1\n', ['a{x="\\\\q"} 1'], '1:6: expected one of the escape sequences \\\\, \\" and \\n, found "\\\\q"'],
    ['# HELP a x\n# HELP a y\n', [], '2:8: second HELP for metric "a"'],
    ['# HELP a \\q\n', [], '1:10: expected one of the escape sequences \\\\, \\" and \\n, found "\\\\q"'],
    ['# TYPE a gauge\n# TYPE a gauge\n', [], '2:8: second TYPE for metric "a"'],
    ['a 1\n# TYPE a gauge\n', ['a{} 1'], '2:8: TYPE for metric "a" after its samples'],
    ['# TYPE a summary\n# TYPE a_sum gauge\n', [], '2:8: second TYPE for metric "a"'],
    ['a 1', ['a{} 1'], '1:4: expected a line feed at the end of the last line, found the end of the body'],
    ['a 1 5', ['a{} 1 @5'], '1:6: expected a line feed at the end of the last line, found the end of the body'],
    ['# comment', [], '1:10: expected a line feed at the end of the last line, found the end of the body'],
    ['a{x="1" y="2"} 1\n', ['a{x="1",y="2"} 1'], '1:9: expected "," or "}" after a label, found "y=\\"2\\"}"'],
    ['a 1 \n', ['a{} 1'], '1:5: expected an integer timestamp in milliseconds, found the end of the line'],
    ['a 1 5 \n', ['a{} 1 @5'], '1:6: expected the end of the line after the timestamp, found a blank'],
    ['a 1 -5\n', '1:5: expected an unsigned integer timestamp in milliseconds, found "-5"', ['a{} 1 @-5']],
    ['a 1 +5\n', '1:5: expected an unsigned integer timestamp in milliseconds, found "+5"', ['a{} 1 @5']],
    ['  a 1\n', '1:1: expected a metric name at the start of the line, found a blank', ['a{} 1']],
    ['# TYPE a GAUGE\n', '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "GAUGE"', []],
    ['# TYPE a  gauge\n', '1:10: expected a type (counter, gauge, histogram, summary or untyped), found " gauge"', []],
    ['# TYPE a\n', '1:9: expected a type (counter, gauge, histogram, summary or untyped), found the end of the line', []],
    [
      '# TYPE a-b gauge\n',
      '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "b gauge"',
      '1:9: expected a blank after metric name "a", found "-b"',
    ],
    ['# HELP \n', '1:8: expected a metric name after HELP, found the end of the line', []],
    ['#TYPE a bla\n', [], '1:9: expected a type (counter, gauge, histogram, summary or untyped), found "bla"'],
    ['a{x="1\n2"} 1\n', ['a{x="1\\n2"} 1'], '1:5: double quote is not closed, found the end of the line'],
    [
      '# TYPE a summary\na{quantile="x"} 1\n',
      ['a{quantile="x"} 1'],
      '2:3: expected a number as value of label "quantile" of summary "a", found "x"',
    ],
    [
      '# TYPE a histogram\na_bucket{le=""} 1\n',
      ['a_bucket{} 1'],
      '2:10: expected a number as value of label "le" of histogram "a", found ""',
    ],
    ['# TYPE "" gauge\na 1\n', ['a{} 1'], '1:8: metric name is empty'],
    ['# TYPE h histogram\nh_bucket{le="1"} -1\n', ['h_bucket{le="1.0"} -1'], '2:18: bucket of histogram "h" is negative'],
    ['# TYPE h histogram\nh_count -Inf\n', ['h_count{} -Infinity'], '2:9: count of histogram "h" is negative'],
    [
      '# TYPE h gaugehistogram\nh_count -1\n',
      '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "gaugehistogram"',
      '2:9: count of gaugehistogram "h" is negative',
    ],
    [
      '# TYPE h GAUGE_HISTOGRAM\nh_sum -1\n',
      '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "GAUGE_HISTOGRAM"',
      ['h_sum{} -1'],
    ],
  ]
  test.each(rows)('%j', (body, scraped, strict) => {
    expect(describeEntries(body, 'prometheus')).toEqual(scraped)
    expect(describeEntries(body, 'strict')).toEqual(strict)
  })
})

describe('what both refuse', () => {
  const rows: readonly (readonly [body: Body, message: string, scraped?: string])[] = [
    // Lines
    ['a 1\r\n', '1:3: expected a number as value, found "1\\r"'],
    ['\r\n', '1:1: expected a metric name, "{", "#" or an empty line, found "\\r"'],
    ['\u{feff}a 1\n', '1:1: a byte order mark is not part of the format'],
    ['\u{a0}a 1\n', '1:1: expected a metric name, "{", "#" or an empty line, found "\\u00a0a"'],
    ['@a 1\n', '1:1: expected a metric name, "{", "#" or an empty line, found "@a"'],
    ['\0a 1\n', '1:1: expected a metric name, "{", "#" or an empty line, found "\\u0000a"'],
    ['1a 1\n', '1:1: expected a metric name, "{", "#" or an empty line, found "1a"'],
    ['"a" 1\n', '1:1: expected a metric name, "{", "#" or an empty line, found "\\"a\\""'],
    // Values
    ['a\n', '1:2: expected a value after "a", found the end of the line'],
    ['a', '1:2: expected a value after "a", found the end of the body'],
    ['a{x="1"} \n', '1:10: expected a value after "a{x=\\"1\\"}", found the end of the line'],
    ['a\u{a0}1\n', '1:2: expected a number as value, found "\\u00a01"'],
    ['a\0 1\n', '1:2: expected a number as value, found "\\u0000"'],
    ['a true\n', '1:3: expected a number as value, found "true"'],
    ['a 0x10\n', '1:3: expected a number as value, found "0x10"'],
    ['a 0x1p4\n', '1:3: expected a number as value, found "0x1p4"'],
    ['a 1_000\n', '1:3: expected a number as value, found "1_000"'],
    ['a 1e\n', '1:3: expected a number as value, found "1e"'],
    ['a .\n', '1:3: expected a number as value, found "."'],
    ['a -\n', '1:3: expected a number as value, found "-"'],
    ['a 1..2\n', '1:3: expected a number as value, found "1..2"'],
    ['a +nan\n', '1:3: expected a number as value, found "+nan"'],
    ['a infinite\n', '1:3: expected a number as value, found "infinite"'],
    ['a "1"\n', '1:3: expected a number as value, found "\\"1\\""'],
    ['a 1{\n', '1:3: expected a number as value, found "1{"'],
    ['a 1e999\n', '1:3: value "1e999" is beyond the range of a 64-bit float'],
    ['a -1.8e308\n', '1:3: value "-1.8e308" is beyond the range of a 64-bit float'],
    // Timestamps
    ['a 1 1e5\n', '1:5: expected % timestamp in milliseconds, found "1e5"'],
    ['a 1 2.72\n', '1:5: expected % timestamp in milliseconds, found "2.72"'],
    ['a 1 x\n', '1:5: expected % timestamp in milliseconds, found "x"'],
    ['a 1 -\n', '1:5: expected % timestamp in milliseconds, found "-"'],
    ['a 1 5\r\n', '1:5: expected % timestamp in milliseconds, found "5\\r"'],
    ['a 1 1_000\n', '1:5: expected % timestamp in milliseconds, found "1_000"'],
    ['a 1 9007199254740992\n', '1:5: timestamp "9007199254740992" is beyond 2^53 milliseconds'],
    ['a 1 9223372036854775808\n', '1:5: timestamp "9223372036854775808" is beyond 2^53 milliseconds'],
    ['a 1 5 6\n', '1:7: expected the end of the line after the timestamp, found "6"'],
    ['a 1 # {x="1"} 5\n', '1:5: expected % timestamp in milliseconds, found "#"'],
    // Labels
    ['a{x="1",,} 1\n', '1:9: expected a label name or "}", found ",}"'],
    ['a{,} 1\n', '1:3: expected a label name or "}", found ",}"'],
    [
      'a{x="1"\n',
      '1:8: expected "," or "}" after a label, found the end of the line',
      '1:8: expected a label name or "}", found the end of the line',
    ],
    ['a{\n', '1:3: expected a label name or "}", found the end of the line'],
    ['a{', '1:3: expected a label name or "}", found the end of the body'],
    ['a{@="1"} 1\n', '1:3: expected a label name or "}", found "@=\\"1\\"}"'],
    ['a{9x="1"} 1\n', '1:3: expected a label name or "}", found "9x=\\"1\\"}"'],
    ['a{x} 1\n', '1:4: expected "=" after label name "x", found "}"'],
    ['a{x+="1"} 1\n', '1:4: expected "=" after label name "x", found "+=\\"1\\"}"'],
    ['a{x\0="1"} 1\n', '1:4: expected "=" after label name "x", found "\\u0000=\\"1\\"}"'],
    ['a{x:y="1"} 1\n', '1:4: expected "=" after label name "x", found ":y=\\"1\\"}"'],
    ['a{x=1} 1\n', '1:5: expected a value in double quotes for label "x", found "1}"'],
    ["a{x='1'} 1\n", '1:5: expected a value in double quotes for label "x", found "\'1\'}"'],
    ['a{x=} 1\n', '1:5: expected a value in double quotes for label "x", found "}"'],
    [
      'a{x="1} 1\n',
      '1:5: double quote is not closed, found the end of the line',
      '1:5: double quote is not closed, found the end of the body',
    ],
    ['a{x="1\\\n"} 1\n', '1:5: double quote is not closed, found the end of the line'],
    ['a{x="1\\', '1:5: double quote is not closed, found the end of the line'],
    ['a{__name__="b"} 1\n', '1:3: label name "__name__" is reserved'],
    ['a{"__name__"="b"} 1\n', '1:3: label name "__name__" is reserved'],
    ['{__name__="b"} 1\n', '1:2: label name "__name__" is reserved'],
    ['a{x="1",x="2"} 1\n', '1:9: label "x" is given twice'],
    ['a{x="1",y="",x="1"} 1\n', '1:14: label "x" is given twice'],
    ['o{="foo"} 0\n', '1:3: expected a label name or "}", found "=\\"foo\\"}"'],
    ['a{""="1"} 1\n', '1:3: label name is empty'],
    // Quoted names
    ['{A}0\n', '1:3: expected "=" after label name "A", found "}0"'],
    ['{} 1\n', '1:1: expected a metric name before the braces, or in quotes inside them, found none'],
    ['{a="x"} 1\n', '1:1: expected a metric name before the braces, or in quotes inside them, found none'],
    ['{""} 1\n', '1:2: metric name is empty'],
    ['foo{"bar"} 1\n', '1:5: second metric name "bar": the metric is named "foo" already'],
    ['{"foo","bar"} 1\n', '1:8: second metric name "bar": the metric is named "foo" already'],
    ['{"a" x="1"} 1\n', '1:6: expected "=" after label name "a", found "x=\\"1\\"}"'],
    [
      '{"my.dotted.metric", "error.message"="Not Found"}\n',
      '1:50: expected a value after "{\\"my.dotted.metric\\", \\"error.mess...", found the end of the line',
    ],
    ['# HELP a\u{a0}b\n', '1:9: expected a blank after metric name "a", found "\\u00a0b"'],
    ['# HELP a\0x\n', '1:9: expected a blank after metric name "a", found "\\u0000x"'],
    [
      '# TYPE "a gauge\n',
      '1:8: double quote is not closed, found the end of the line',
      '1:8: double quote is not closed, found the end of the body',
    ],
    // Comment lines
    ['# TYPE a bla\n', '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "bla"'],
    ['# TYPE a gauge \n', '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "gauge "'],
    ['# TYPE a gauge\r\n', '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "gauge\\r"'],
    ['# TYPE #\n', '1:8: expected a metric name after TYPE, found "#"'],
    ['# HELP @a text\n', '1:8: expected a metric name after HELP, found "@a"'],
    // UTF-8
    [latin1('a{x="\xff"} 1\n'), '1:6: byte 0xff is not valid UTF-8 here'],
    [latin1('a{x="\xc3\xa9\xed\xa0\x80"} 1\n'), '1:7: byte 0xed is not valid UTF-8 here'],
    [latin1('{"a\xc0\xaf"} 1\n'), '1:4: byte 0xc0 is not valid UTF-8 here'],
    [latin1('a 1\n# HELP a b\xe2\x82\n'), '2:11: byte 0xe2 is not valid UTF-8 here'],
    [latin1('a\xff 1\n'), '1:2: expected a number as value, found "\ufffd"'],
    // Places: a column is a code point, a line may be inside a value
    ['a 1\n\n# \u{1f600}\nb{x="\u{1f600}é",y} 1\n', '4:11: expected "=" after label name "y", found "}"'],
  ]
  // `%` stands for the one word that differs: expfmt takes a sign.
  const signed = (text: string, word: string): string => text.replace('%', word)
  for (const [body, message, scraped = message] of rows) {
    test(JSON.stringify(body), () => {
      expect(describeEntries(body, 'strict')).toBe(signed(message, 'an integer'))
      expect(describeEntries(body, 'prometheus')).toBe(signed(scraped, 'an unsigned integer'))
    })
  }
})

describe('what both take', () => {
  const rows: readonly (readonly [body: string, entries: readonly string[]])[] = [
    ['', []],
    ['\n \t\n\n', []],
    ['#\n# \n#comment\n# HELP\n# TYPE\n# HELPX a b\n\t# \0\n', []],
    ['a 1\n', ['a{} 1']],
    ['# TYPE h histogram\nh_sum -1\nh_count -0\nh_count NaN\n', ['h_sum{} -1', 'h_count{} -0', 'h_count{} NaN']],
    ['# TYPE s summary\ns_count -1\n', ['s_count{} -1']],
    ['a\t \t1\t5\n', ['a{} 1 @5']],
    ['a{} 1\n', ['a{} 1']],
    ['a {x="1"} 1\n', ['a{x="1"} 1']],
    ['a{x="1",}1\n', ['a{x="1"} 1']],
    ['a{ x = "1" , y\t=\t"2" , } -Inf\n', ['a{x="1",y="2"} -Infinity']],
    ['a{x=""} 1\n', ['a{} 1']],
    ['a{x="\0"} 1\n', ['a{x="\\u0000"} 1']],
    ['a{x="\\\\ \\" \\n \\\\n"} 1\n', ['a{x="\\\\ \\" \\n \\\\n"} 1']],
    ['a{x="# {}=, \t"} 1\n', ['a{x="# {}=, \\t"} 1']],
    ['a+1\n', ['a{} 1']],
    [':a:b_C9 1\n', [':a:b_C9{} 1']],
    ['_ 1\n', ['_{} 1']],
    ['a{b="1",A="2",_="3",a="4"} 1\n', ['a{A="2",_="3",a="4",b="1"} 1']],
    ['a 1 0\na 1 08\na 1 9007199254740991\n', ['a{} 1 @0', 'a{} 1 @8', 'a{} 1 @9007199254740991']],
    ['a 1\na 2\n', ['a{} 1', 'a{} 2']],
    ['a{constructor="1",__proto__="2",hasOwnProperty="3"} 1\n', ['a{__proto__="2",constructor="1",hasOwnProperty="3"} 1']],
    // Quoted names
    ['{"a.b"} 1\n', ['a.b{} 1']],
    ['{"a.b",} 1\n', ['a.b{} 1']],
    ['{"a\\"\\\\\\n"} 1\n', ['a"\\\n{} 1']],
    ['{ "a.b" , "l.x" = "v" , y="w" } 1 5\n', ['a.b{l.x="v",y="w"} 1 @5']],
    ['{y="w","a.b"} 1\n', ['a.b{y="w"} 1']],
    ['a{"l.x"="v"} 1\n', ['a{l.x="v"} 1']],
    [' {"a.b"} 1\n', ['a.b{} 1']],
    ['{"日本","żółć"="\u{1f600}"} 1\n', ['日本{żółć="\u{1f600}"} 1']],
    ['{"a","\u{1f600}"="1","\u{fffd}"="2"} 1\n', ['a{\u{fffd}="2",\u{1f600}="1"} 1']],
  ]
  test.each(rows)('%j', (body, entries) => {
    expect(describeEntries(body, 'prometheus')).toEqual(entries)
    expect(describeEntries(body, 'strict')).toEqual(entries)
  })

  test('a comment may hold anything', () => {
    const body = latin1('# \xff\xfe \0\n#\xc0\na 1\n')
    expect(describeEntries(body, 'prometheus')).toEqual(['a{} 1'])
    expect(describeEntries(body, 'strict')).toEqual(['a{} 1'])
  })
})

describe('values', () => {
  const rows: readonly (readonly [text: string, value: number])[] = [
    ['0', 0],
    ['-0', -0],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['-.5', -0.5],
    ['0012.50', 12.5],
    ['1e5', 1e5],
    ['1E+5', 1e5],
    ['1.7560473e+07', 17560473],
    ['1e-999', 0],
    ['0e999999999', 0],
    ['1.7976931348623157e308', 1.7976931348623157e308],
    ['5e-324', 5e-324],
    ['0.1', 0.1],
    ['0.000000000000001', 1e-15],
    ['123456789012345', 123456789012345],
    ['1234567890123456789', 1234567890123456800],
    ['0.30000000000000004', 0.30000000000000004],
    ['9007199254740993', 9007199254740992],
    ['inf', Number.POSITIVE_INFINITY],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-INF', Number.NEGATIVE_INFINITY],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    // prom-client and others write it so.
    ['Nan', Number.NaN],
    ['nan', Number.NaN],
  ]
  test.each(rows)('%s', (text, value) => {
    for (const mode of ['prometheus', 'strict'] as const) {
      const values: number[] = []
      parseTextEntries(encodeUtf8(`a ${text}\n`), { mode }, (entry) => values.push(entry.value))
      expect(values).toStrictEqual([value])
    }
  })
})

describe('entries', () => {
  test('know their line, also behind a value that holds line feeds', () => {
    const lines: number[] = []
    const body = '\n# c\na 1\n\nb{x="\n\n"} 1\nc 1'
    parseTextEntries(encodeUtf8(body), { mode: 'prometheus' }, (entry) => lines.push(entry.line))
    expect(lines).toEqual([3, 5, 8])
  })

  test('do not hang on the body', () => {
    const body = encodeUtf8('a{x="1"} 1\n')
    parseTextEntries(body, { mode: 'strict' }, ({ labels }) => {
      body.fill(0)
      expect(labels.toObject()).toEqual({ __name__: 'a', x: '1' })
    })
  })

  test('come from a view into a larger buffer', () => {
    const whole = encodeUtf8('xx{"a 1\nyy')
    expect(describeEntries(whole.subarray(4, 8), 'strict')).toEqual(['a{} 1'])
  })

  test('many labels', () => {
    const labels = Array.from({ length: 20_000 }, (_, i) => `l${String(99_999 - i)}="v"`)
    const body = (...more: string[]): string => `a{${[...labels, ...more].join()}} 1\n`
    expect(describeEntries(body(), 'strict')).toEqual([`a{${labels.toReversed().join()}} 1`])
    expect(describeEntries(body('l99998="w"'), 'strict')).toBe(`1:${body().length - 2}: label "l99998" is given twice`)
  })

  test('an error has its place as fields', () => {
    const parse = (): void => parseTextEntries(bytesOf('a 1\nb é x\n'), { mode: 'strict' }, () => {})
    expect(parse).toThrow(ParseError)
    expect(parse).toThrow(expect.objectContaining({ code: 'parse', line: 2, column: 3, facts: { line: 2, column: 3 } }))
  })

  test('a million comment lines need no stack', () => {
    expect(describeEntries('#\n'.repeat(1_000_000), 'prometheus')).toEqual([])
    expect(describeEntries('#\n'.repeat(1_000_000), 'strict')).toEqual([])
  })
})

import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { parseTextEntries, parseTextFamilies } from './parse-text.js'
import type { TextMode } from './text-entry.js'

type Body = string | Uint8Array

const bytesOf = (body: Body): Uint8Array => (typeof body === 'string' ? encodeUtf8(body) : body)

/** What a body comes to: `name{a="b"} value @timestamp` for each sample, or the message of the error. */
function entries(body: Body, mode: TextMode): string[] | string {
  const lines: string[] = []
  try {
    parseTextEntries(bytesOf(body), { mode }, ({ labels, value, timestampMs }) => {
      const { __name__: name, ...others } = labels.toObject()
      const inner = Object.entries(others).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
      lines.push(`${name}{${inner.join()}} ${Object.is(value, -0) ? '-0' : value}${timestampMs === undefined ? '' : ` @${timestampMs}`}`)
    })
    return lines
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error.message
  }
}

/** [body, what the scraper makes of it, what expfmt makes of it]; a string is the message of an error. */
const bothModes: readonly (readonly [Body, readonly string[] | string, readonly string[] | string])[] = [
  // The table of protocol.md 5.3, in its order.
  ['a{x="\\q"} 1\n', ['a{x="\\\\q"} 1'], '1:6: expected one of the escape sequences \\\\, \\" and \\n, found "\\\\q"'],
  ['# HELP a x\n# HELP a y\n', [], '2:8: second HELP for metric "a"'],
  ['# TYPE a gauge\n# TYPE a gauge\n', [], '2:8: second TYPE for metric "a"'],
  ['a 1\n# TYPE a gauge\n', ['a{} 1'], '2:8: TYPE for metric "a" after its samples'],
  ['a 1', ['a{} 1'], '1:4: expected a line feed at the end of the last line, found the end of the body'],
  ['a{x="1" y="2"} 1\n', ['a{x="1",y="2"} 1'], '1:9: expected "," or "}" after a label, found "y=\\"2\\"}"'],
  ['a 1 \n', ['a{} 1'], '1:5: expected an integer timestamp in milliseconds, found the end of the line'],
  ['a 1 -5\n', '1:5: expected an unsigned integer timestamp in milliseconds, found "-5"', ['a{} 1 @-5']],
  ['  a 1\n', '1:1: expected a metric name at the start of the line, found a blank', ['a{} 1']],
  ['# TYPE a GAUGE\n', '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "GAUGE"', []],
  ['# TYPE a\n', '1:9: expected a type (counter, gauge, histogram, summary or untyped), found the end of the line', []],
]

describe('both modes', () => {
  test.each(bothModes)('%j', (body, scraped, strict) => {
    expect(entries(body, 'prometheus')).toEqual(scraped)
    expect(entries(body, 'strict')).toEqual(strict)
  })
})

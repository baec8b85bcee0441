import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findJsonFault } from './json-fault.js'

describe('findJsonFault()', () => {
  const rows: readonly (readonly [text: string, fault: string])[] = [
    ['', '1:1: expected a value, found the end'],
    [' \n\t', '2:2: expected a value, found the end'],
    ['no JSON', '1:1: expected a value, found "no"'],
    ['\ufeff{}', '1:1: expected a value, found "\ufeff"'],
    ['{"a":1,}', '1:8: expected a name, found "}"'],
    ['{,', '1:2: expected a name or "}", found ","'],
    ['{"a" 1}', '1:6: expected ":", found "1"'],
    ['{"a":1 "b":2}', '1:8: expected "," or "}", found a string'],
    ['{"a":[1}', '1:8: expected "," or "]", found "}"'],
    ['[,1]', '1:2: expected a value or "]", found ","'],
    ['[1,]', '1:4: expected a value, found "]"'],
    ['[1', '1:3: expected "," or "]", found the end'],
    ['{}\n{}', '2:1: expected the end, found "{"'],
    ['[01]', '1:3: expected "," or "]", found "1"'],
    ['[-]', '1:2: expected a value or "]", found "-"'],
    ['[1.]', '1:3: expected "," or "]", found "."'],
    ['[nul]', '1:2: expected a value or "]", found "nul"'],
    ['["\u{1f600}é", x]', '1:8: expected a value, found "x"'],
    ['["abc', '1:6: expected the end of a string, found the end'],
    ['["a\nb"]', '1:4: expected the end of a string, found "\\n"'],
    ['["a\\x"]', '1:4: expected the end of a string, found "\\\\x"'],
    ['["\\u12g4"]', '1:3: expected the end of a string, found "\\\\u12g4"'],
    ['[\n  {"a": 9007199254740993,\n   b: 1}]', '3:4: expected a name, found "b"'],
  ]
  test.each(rows)('%j: %s', (text, expected) => {
    const { line, column, message } = findJsonFault(text)!
    expect(`${line}:${column}: ${message}`).toBe(expected)
  })

  test('finds one exactly where JSON.parse does', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      ' ',
      '\n',
      '-',
      '0',
      '1',
      '.',
      'e',
      'true',
      'null',
      '"a"',
      '\\u00e9',
      '\u007f',
      '\u001f',
      '\ud800',
      '\u{1f600}',
    )
    const near = fc.tuple(fc.json(), fc.nat(), fc.nat(2), fc.array(piece, { maxLength: 2 })).map(([text, seed, cut, added]) => {
      const at = seed % (text.length + 1)
      return text.slice(0, at) + added.join('') + text.slice(at + cut)
    })
    const texts = fc.oneof(
      near,
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(findJsonFault(text) === undefined).toBe(isJson(text))
      }),
      { numRuns: 5000, seed: 1 },
    )
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

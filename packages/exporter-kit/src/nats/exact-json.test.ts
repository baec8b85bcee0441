import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type JsonValue, parseExactJson } from './exact-json.js'

/** As JSON.parse gives it, for comparison. */
function plain(value: JsonValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, member]) => [key, plain(member)]))
  return Array.isArray(value) ? value.map(plain) : value
}

describe('integers', () => {
  test.each<[string, number | bigint]>([
    ['0', 0],
    ['-0', -0],
    ['-12', -12],
    ['999999999999999', 999999999999999],
    ['-1000000000000000', -1000000000000000],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
    ['1844674407370955161500', 1.8446744073709552e21],
    ['9007199254740993.0', 9007199254740992],
    ['1e3', 1000],
    ['0.13310580204778158', 0.13310580204778158],
  ])('%s', (text, value) => expect(parseExactJson(text)).toBe(value))

  test('of a million digits cost no more than reading them', () => {
    expect(() => parseExactJson('9'.repeat(1_000_000))).toThrow('expected a number that 64 bits can hold')
  })
})

test('strings and their escapes', () => {
  const text = String.raw`["", "a", "\"", "\\", "\\\"", "\n\u003e", "\ud83d\ude00", "x\\"]`
  expect(parseExactJson(text)).toEqual(['', 'a', '"', '\\', '\\"', '\n>', '😀', 'x\\'])
})

test('__proto__ is a key like any other, and the last of two equal keys counts', () => {
  const value = parseExactJson('{"__proto__": {"polluted": 1}, "constructor": 2, "a": 1, "a": 2}')
  expect(value).toEqual(
    new Map<string, unknown>([
      ['__proto__', new Map([['polluted', 1]])],
      ['constructor', 2],
      ['a', 2],
    ]),
  )
  expect('polluted' in {}).toBe(false)
})

describe('what is no JSON is refused with its place', () => {
  test.each([
    ['', 'character 1: expected a value, found the end'],
    ['404 page not found', 'character 5: expected the end, found "page not found"'],
    ['<html>', 'character 1: expected a value, found "<html>"'],
    ['{"a": 1', 'character 8: expected "," or "}", found the end'],
    ['{"a" 1}', 'character 6: expected ":", found "1}"'],
    ['{a: 1}', 'character 2: expected a key, found "a: 1}"'],
    ['{"a": 1,}', 'character 9: expected a key, found "}"'],
    ['[1,]', 'character 4: expected a value, found "]"'],
    ['[1 2]', 'character 4: expected "," or "]", found "2]"'],
    ['"a', 'character 1: expected a string, found "\\"a"'],
    ['"a\\"', 'character 1: expected a string, found "\\"a\\\\\\""'],
    ['"\\x"', 'character 1: expected a string, found "\\"\\\\x\\""'],
    ['"a\nb"', 'character 1: expected a string, found "\\"a\\nb\\""'],
    ['01', 'character 2: expected the end, found "1"'],
    ['-', 'character 1: expected a value, found "-"'],
    ['-01', 'character 3: expected the end, found "1"'],
    ['1.e3', 'character 2: expected the end, found ".e3"'],
    ['1e', 'character 2: expected the end, found "e"'],
    ['"a\\', 'character 1: expected a string, found "\\"a\\\\"'],
    ['+1', 'character 1: expected a value, found "+1"'],
    ['.5', 'character 1: expected a value, found ".5"'],
    ['1.', 'character 2: expected the end, found "."'],
    ['1e999', 'character 1: expected a number that 64 bits can hold, found "1e999"'],
    ['NaN', 'character 1: expected a value, found "NaN"'],
    ['nul', 'character 1: expected a value, found "nul"'],
    ['\u00a01', 'character 1: expected a value, found "\u00a01"'],
  ])('%j', (text, message) => {
    expect(() => parseExactJson(text)).toThrow(expect.objectContaining({ code: 'parse', message: `JSON, ${message}` }))
  })

  test('as is what is nested without end', () => {
    expect(parseExactJson('['.repeat(100) + ']'.repeat(100))).toBeInstanceOf(Array)
    const message = 'JSON is nested more than 100 levels deep'
    expect(() => parseExactJson('['.repeat(200_000))).toThrow(expect.objectContaining({ code: 'limit', message }))
  })
})

test('property: but for large integers JSON reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(plain(parseExactJson(text))).toEqual(JSON.parse(text))
    }),
  )
})

test('property: an integer of 64 bits is read exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (integer) => {
      const value = parseExactJson(String(integer))
      expect(typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : value).toBe(integer)
    }),
  )
})

test('property: any text is read or refused with a PromlineError', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseExactJson(text)
      } catch (error) {
        expect(error).toMatchObject({ name: 'PromlineError', code: 'parse' })
      }
    }),
  )
})

import { describe, expect, test } from 'vitest'
import { parseExactJson } from './exact-json.js'
import { JsonRecord } from './json-record.js'

const record = (text: string): JsonRecord => new JsonRecord(parseExactJson(text), '/jsz')

test('what is missing or null is nothing', () => {
  for (const none of [record('{}'), record('{"a": null}')]) {
    expect([none.number('a'), none.integer('a'), none.text('a'), none.flag('a')]).toEqual([0, 0n, '', false])
    expect([none.records('a'), none.texts('a'), none.has('a'), [...none.record('a').keys()]]).toEqual([[], [], false, []])
    expect(none.record('a').record('b').record('c').number('d')).toBe(0)
  }
})

test('what is there is read as it is', () => {
  const some = record('{"n": 18446744073709551615, "s": "x", "f": true, "r": {"a": 1}, "l": [{"a": 2}], "t": ["u"]}')
  expect([some.number('n'), some.integer('n'), some.text('s'), some.flag('f')]).toEqual([2n ** 64n - 1n, 2n ** 64n - 1n, 'x', true])
  expect([some.record('r').number('a'), some.records('l')[0]?.number('a'), some.texts('t')]).toEqual([1, 2, ['u']])
})

describe('what is of another type is an error that names it', () => {
  const odd = record(
    '{"list": [1], "text": "1", "number": 1, "half": 0.5, "object": {"n": "x"}, "mixed": ["a", 1], "rows": [{"n": []}, null], "true": true}',
  )
  test.each<[string, () => unknown, string]>([
    ['a text as a number', () => odd.number('text'), '/jsz text: expected a number, found "1"'],
    ['a list as a number', () => odd.number('list'), '/jsz list: expected a number, found a list'],
    ['a fraction as an integer', () => odd.integer('half'), '/jsz half: expected an integer, found 0.5'],
    ['an object as a text', () => odd.text('object'), '/jsz object: expected a string, found an object'],
    ['a number as a flag', () => odd.flag('number'), '/jsz number: expected true or false, found 1'],
    ['a number as an object', () => odd.record('number'), '/jsz number: expected an object, found 1'],
    ['a flag as a list', () => odd.records('true'), '/jsz true: expected a list, found true'],
    ['a member within', () => odd.record('object').number('n'), '/jsz object n: expected a number, found "x"'],
    ['a member of a row', () => odd.records('list'), '/jsz list[0]: expected an object, found 1'],
    ['a row that is null', () => odd.records('rows'), '/jsz rows[1]: expected an object, found null'],
    ['a text in a list', () => odd.texts('mixed'), '/jsz mixed[1]: expected a string, found 1'],
    ['a long text', () => record(`{"a": "${'x'.repeat(100)}"}`).number('a'), `/jsz a: expected a number, found "${'x'.repeat(40)}"...`],
    ['a document that is a list', () => record('[]'), '/jsz: expected an object, found a list'],
    ['a document that is null', () => record('null'), '/jsz: expected an object, found null'],
  ])('%s', (_what, read, message) => {
    expect(read).toThrow(expect.objectContaining({ code: 'decode', message }))
  })
})

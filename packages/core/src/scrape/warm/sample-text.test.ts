import { expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { endOfComments, endsInQuotes, valueOfSample } from './sample-text.js'

test.each([
  ['a 1\n', 0],
  ['# HELP a b\n# TYPE a gauge\na 1\n', 26],
  ['\n \n\t# x\na 1\n', 8],
  ['# x', 3],
  ['', 0],
])('comments in front of %j', (text, end) => {
  expect(endOfComments(encodeUtf8(text), 0, text.length)).toBe(end)
})

test.each([
  ['a 1\n', 2],
  ['a \t 1\n', 4],
  ['a{b="c"} 1\n', 9],
  ['a {b="c"}1\n', 9],
  ['{"a",b="}\\"x"} 1\n', 15],
  ['a{b="two\nlines"} 1\n', 17],
  ['a\n', -1],
  ['a{b="c\n', -1],
  ['a{b="c" 1\n', -1],
  ['a{b="\\', -1],
])('the value of %j', (text, at) => {
  expect(valueOfSample(encodeUtf8(text), 0, text.length)).toBe(at)
})

test.each([
  ['a{b="c\n', true],
  ['a{b="c\\"\n', true],
  ['a{b="c"\n', false],
  ['a{b="c"} x\na{b="', false],
  ['', false],
])('whether %j ends in quotes', (text, expected) => {
  expect(endsInQuotes(encodeUtf8(text), 0, text.length)).toBe(expected)
})

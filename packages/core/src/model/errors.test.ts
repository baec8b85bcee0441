import { expect, test } from 'vitest'
import { toError } from './errors.js'

const error = new TypeError('x')

test.each([
  [error, error],
  ['text', new Error('text')],
  [undefined, new Error('undefined')],
  [Object.create(null), new Error('something was thrown that has no text')],
])('what was thrown is an error: %o', (thrown, expected) => {
  expect(toError(thrown)).toEqual(expected)
})

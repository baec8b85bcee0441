import { describe, expect, test } from 'vitest'
import { formatFigure, formatSpread, ratios, spreadOf } from './statistics.js'

describe('spreadOf', () => {
  test.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[5, 1, 3], { median: 3, min: 1, max: 5 }],
    [[4, 1, 2, 10], { median: 3, min: 1, max: 10 }],
  ])('%j', (values, spread) => expect(spreadOf(values)).toEqual(spread))
})

test('ratios are taken pair by pair', () => {
  expect(ratios([10, 8], [5, 2])).toEqual([2, 4])
})

test.each([
  [0, '0.00'],
  [0.01234, '0.0123'],
  [0.00001, '0.0000'],
  [1.239, '1.24'],
  [12.34, '12.3'],
  [123.4, '123'],
  [12345.6, '12346'],
  [Number.NaN, '-'],
])('%d is written as %s', (value, text) => expect(formatFigure(value)).toBe(text))

test('a spread is a median and its bounds', () => {
  expect(formatSpread({ median: 1.5, min: 1, max: 20 })).toBe('1.50 (1.00-20.0)')
})

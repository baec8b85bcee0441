import { describe, expect, test } from 'vitest'
import { type CaseResult, figureOf, formatResult, timesLess } from './result.js'

const result: CaseResult = {
  name: 'system/n',
  columns: [{ title: 'CPU', bounds: true }, { title: 'peer / x' }],
  rows: [
    { subject: 'peer', figures: { CPU: [3, 4, 8] } },
    { subject: 'ours', figures: { CPU: [1], 'peer / x': [3, 2] }, remark: 'new' },
  ],
  notes: ['Left out: other'],
}

test('a table has a median of each figure, with bounds where the column has them and there are several rounds', () => {
  expect(formatResult(result)).toBe(`| system/n |              CPU | peer / x | remark |
|----------|-----------------:|---------:|-------:|
| peer     | 4.00 (3.00-8.00) |          |        |
| ours     |             1.00 |     2.50 |    new |

Left out: other
`)
})

describe('figureOf', () => {
  test('is the spread of a figure', () => {
    expect(figureOf([result], { name: 'system/n', subject: 'peer', title: 'CPU' })).toEqual({ median: 4, min: 3, max: 8 })
  })

  test.each([
    ['case', { name: 'system/m', subject: 'peer', title: 'CPU' }],
    ['subject', { name: 'system/n', subject: 'nobody', title: 'CPU' }],
    ['figure', { name: 'system/n', subject: 'peer', title: 'peer / x' }],
  ])('is undefined for a %s that did not run', (_, place) => expect(figureOf([result], place)).toBeUndefined())
})

test('ratios to peers are taken round by round', () => {
  expect(
    timesLess(
      [1, 2],
      [
        ['a', [2, 8]],
        ['b', [3, 3]],
      ],
    ),
  ).toEqual({ 'a / x': [2, 4], 'b / x': [3, 1.5] })
})

import { expect, test } from 'vitest'
import { markdownTable } from './table.js'

test('columns are as wide as their widest cell, figures to the right', () => {
  const table = markdownTable(
    ['case', 'x'],
    [
      ['a longer name', '1.00'],
      ['b', '20'],
    ],
  )
  expect(table).toBe(`| case          |    x |
|---------------|-----:|
| a longer name | 1.00 |
| b             |   20 |
`)
})

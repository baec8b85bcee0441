import { expect, test } from 'vitest'
import { longestStall } from './stalls.js'

test.each([
  [
    'the longest',
    [
      [1000, 2],
      [1100, 30],
      [1200, 7],
    ],
    30,
  ],
  [
    'none outside',
    [
      [900, 80],
      [1400, 50],
      [1200, 7],
    ],
    7,
  ],
  ['one that began inside', [[1310, 60]], 60],
  ['nothing', [], 0],
] as const)('of the stalls from 1000 to 1300: %s', (_, noted, expected) => {
  expect(longestStall(noted, 1000, 1300)).toBe(expected)
})

import { expect, test } from 'vitest'
import { slopeOf } from './slope.js'

test.each([
  [
    [
      [0, 1],
      [1, 3],
      [2, 5],
    ],
    2,
    0,
  ],
  [
    [
      [0, 7],
      [10, 7],
      [20, 7],
    ],
    0,
    0,
  ],
  // By hand: mean 2 and 3, spread 2, slope 1/2, residual 3/2.
  [
    [
      [1, 2],
      [2, 4],
      [3, 3],
    ],
    0.5,
    Math.sqrt(0.75),
  ],
  [
    [
      [0, 1],
      [1, 3],
    ],
    0,
    Number.POSITIVE_INFINITY,
  ],
  [
    [
      [1, 1],
      [1, 2],
      [1, 3],
    ],
    0,
    Number.POSITIVE_INFINITY,
  ],
  [[], 0, Number.POSITIVE_INFINITY],
] as const)('the slope of %j is %f, give or take %f', (points, slope, error) => {
  const found = slopeOf(points)
  expect(found.slope).toBeCloseTo(slope, 12)
  if (error === Number.POSITIVE_INFINITY) expect(found.error).toBe(error)
  else expect(found.error).toBeCloseTo(error, 12)
})

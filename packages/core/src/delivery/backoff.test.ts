import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.js'

describe('backoffMs()', () => {
  const limits = { minBackoffMs: 30, maxBackoffMs: 5_000 }

  it.each([
    [1, 30],
    [2, 60],
    [8, 3_840],
    [9, 5_000],
    [5_000, 5_000],
  ])('after %i failures draws from 0 to %i ms', (failures, ceiling) => {
    expect(backoffMs(failures, { ...limits, random: () => 0 })).toBe(0)
    expect(backoffMs(failures, { ...limits, random: () => 0.5 })).toBe(ceiling / 2)
    expect(backoffMs(failures, { ...limits, random: () => 0.999_999 })).toBe(ceiling)
  })

  it.each([Number.NaN, -1, 2, Number.POSITIVE_INFINITY])('waits for the ceiling where %d is drawn', (drawn) => {
    expect(backoffMs(3, { ...limits, random: () => drawn })).toBe(120)
  })
})

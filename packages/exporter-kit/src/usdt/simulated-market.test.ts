import { createFakeClock } from '@promline/core/testing'
import { describe, expect, test } from 'vitest'
import { robustMean } from './robust-mean.js'
import { simulatedMarket } from './simulated-market.js'

const signal = new AbortController().signal

/** The rates of ten days, one in ten minutes, and how many offers were trimmed in all. */
async function tenDays(seed: number): Promise<{ rates: number[]; trimmed: number }> {
  let nowMs = 0
  const market = simulatedMarket({ seed, clock: { ...createFakeClock(), monotonicMs: () => nowMs } })
  const rates: number[] = []
  let trimmed = 0
  for (let i = 0; i < 1_440; i++, nowMs += 600_000) {
    const found = robustMean(await market.prices({ signal }))!
    rates.push(found.mean)
    trimmed += found.trimmed
  }
  return { rates, trimmed }
}

describe('simulatedMarket()', () => {
  test('is the same for the same seed, and another for another', async () => {
    const [a, b, c] = await Promise.all([tenDays(1), tenDays(1), tenDays(2)])
    expect(b).toEqual(a)
    expect(c.rates).not.toEqual(a.rates)
  })

  test('walks near 26,000, and has an outlier in about one answer of ten', async () => {
    const { rates, trimmed } = await tenDays(7)
    expect(Math.min(...rates)).toBeGreaterThan(25_500)
    expect(Math.max(...rates)).toBeLessThan(26_500)
    expect(Math.max(...rates) - Math.min(...rates)).toBeGreaterThan(100)
    const steps = rates.slice(1).map((rate, i) => Math.abs(rate - rates[i]!))
    expect(Math.max(...steps)).toBeLessThan(150)
    expect(trimmed).toBeGreaterThan(100)
    expect(trimmed).toBeLessThan(200)
  })

  test('stands still while the clock does, but for the offers', async () => {
    const market = simulatedMarket({ clock: createFakeClock() })
    const first = robustMean(await market.prices({ signal }))!
    const second = robustMean(await market.prices({ signal }))!
    expect(Math.abs(first.mean - second.mean)).toBeLessThan(10)
  })
})

import { expect, test } from 'vitest'
import { createLabels, emptyLabels } from '../model/labels.js'
import { scrapeOffsetMs, slotMsOf } from './spread.js'
import type { Target } from './target.js'

const target = (i: number): Target => ({
  jobName: 'j',
  address: `host-${i}:9100`,
  url: `http://host-${i}:9100/metrics`,
  publicUrl: `http://host-${i}:9100/metrics`,
  labels: createLabels({ instance: `host-${i}:9100` }),
  discoveredLabels: emptyLabels,
  intervalMs: 10_000,
  timeoutMs: 10_000,
})

test('is the same for the same target and seed, and another for another', () => {
  expect(scrapeOffsetMs(target(1), 'a')).toBe(scrapeOffsetMs(target(1), 'a'))
  expect(scrapeOffsetMs(target(1), 'a')).not.toBe(scrapeOffsetMs(target(1), 'b'))
  expect(scrapeOffsetMs(target(1), 'a')).not.toBe(scrapeOffsetMs(target(2), 'a'))
})

test('spreads a thousand targets evenly', () => {
  const tenths = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 1000; i++) {
    const offsetMs = scrapeOffsetMs(target(i), 'seed')
    expect(Number.isInteger(offsetMs) && offsetMs >= 0 && offsetMs < 10_000).toBe(true)
    tenths[Math.floor(offsetMs / 1000)]!++
  }
  // 100 each on average; the standard deviation is 9.5.
  for (const count of tenths) expect(Math.abs(count - 100)).toBeLessThan(50)
})

test.each([
  { offsetMs: 1234, intervalMs: 10_000, targets: 1, slotMs: 1234 },
  { offsetMs: 1234, intervalMs: 10_000, targets: 199, slotMs: 1234 },
  { offsetMs: 1234, intervalMs: 10_000, targets: 200, slotMs: 1200 },
  { offsetMs: 1299, intervalMs: 10_000, targets: 1000, slotMs: 1250 },
  { offsetMs: 1234, intervalMs: 10_000, targets: 5000, slotMs: 1230 },
  { offsetMs: 1234, intervalMs: 10_000, targets: 1_000_000, slotMs: 1234 },
  { offsetMs: 7, intervalMs: 20, targets: 1, slotMs: 0 },
])('of $targets targets every $intervalMs ms, the slot of $offsetMs is $slotMs', ({ offsetMs, slotMs, ...load }) => {
  expect(slotMsOf(offsetMs, load)).toBe(slotMs)
})

import { expect, test } from 'vitest'
import { figuresOf } from './report.js'
import type { SoakReport } from './run-soak.js'

const megabyte = 1024 * 1024

/** A run of so many minutes whose heap grows by so many megabytes a minute, and its descriptors by so many from one sample to the next. */
function reportOf(run: { minutes: number; growth: number; more?: number; missing?: number; violations?: string[] }): SoakReport {
  const { minutes, growth, more = 0, missing = 0, violations = [] } = run
  const samples = Array.from({ length: 60 }, (_, i) => {
    const atMs = (minutes * 60_000 * i) / 60
    return { atMs, heapUsedBytes: (30 + growth * (atMs / 60_000)) * megabyte, rssBytes: 0, delayP99Ms: i, delayMaxMs: 2 * i }
  })
  const descriptors = samples.map((_, i) => 40 + Math.floor(more * i))
  const options = { minutes, rate: 1, seed: 1 }
  return { options, seconds: 1, samples, descriptors, faults: 0, acknowledged: 0, missing, duplicates: 0, violations }
}

const runs: readonly (readonly [name: string, run: Parameters<typeof reportOf>[0], isGood: boolean])[] = [
  ['a flat one', { minutes: 10, growth: 0 }, true],
  ['slow growth', { minutes: 10, growth: 0.45 }, true],
  ['a leak', { minutes: 10, growth: 0.55 }, false],
  ['a short one that fills its tables', { minutes: 0.75, growth: 2 }, true],
  ['a short one with a large leak', { minutes: 0.75, growth: 4 }, false],
  ['descriptors that stay open', { minutes: 10, growth: 0, more: 1 }, false],
  ['a loss', { minutes: 10, growth: 0, missing: 1 }, false],
  ['a violation', { minutes: 10, growth: 0, violations: ['altered'] }, false],
]

test.each(runs)('%s', (_, run, isGood) => {
  expect(figuresOf(reportOf(run)).isGood).toBe(isGood)
})

test('delays are those of the intervals, and the longest', () => {
  expect(figuresOf(reportOf({ minutes: 1, growth: 0 })).delayMs).toEqual({ p99: 30, worstP99: 59, longest: 118 })
})

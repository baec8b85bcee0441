import { describe, expect, test } from 'vitest'
import { parseGoDuration, parseGoTime, parseNatsUptime, toSeconds, toUnixMs, toUnixSeconds } from './go-time.js'

const hour = 3_600_000_000_000n

describe('durations', () => {
  test.each<[string, bigint | undefined]>([
    ['0', 0n],
    ['0s', 0n],
    ['249µs', 249_000n],
    ['249μs', 249_000n],
    ['249us', 249_000n],
    ['1.12457ms', 1_124_570n],
    ['1.5s', 1_500_000_000n],
    ['.5s', 500_000_000n],
    ['1.s', 1_000_000_000n],
    ['17ns', 17n],
    ['0.3ns', 0n],
    ['1h2m3s', hour + 123_000_000_000n],
    ['-1m', -60_000_000_000n],
    ['+1m', 60_000_000_000n],
    ['876000h', 876_000n * hour],
    ['', undefined],
    ['1', undefined],
    ['s', undefined],
    ['.s', undefined],
    ['1d', undefined],
    ['1 s', undefined],
    ['1s ', undefined],
    ['1S', undefined],
    [`${'1'.repeat(200)}s`, undefined],
  ])('%j', (text, ns) => expect(parseGoDuration(text)).toBe(ns))
})

describe('uptimes', () => {
  test.each<[string, bigint | undefined]>([
    ['6s', 6_000_000_000n],
    ['1m6s', 66_000_000_000n],
    ['2d0h0m0s', 48n * hour],
    ['1y2d3h4m5s', (365n + 2n) * 24n * hour + 3n * hour + 245_000_000_000n],
    ['7d', 7n * 24n * hour],
    ['1y', 365n * 24n * hour],
    ['1y3h', 365n * 24n * hour + 3n * hour],
    ['', undefined],
    ['d', undefined],
    ['1d1y', undefined],
    ['soon', undefined],
  ])('%j', (text, ns) => expect(parseNatsUptime(text)).toBe(ns))
})

describe('times', () => {
  test.each<[string, bigint | undefined]>([
    ['1970-01-01T00:00:00Z', 0n],
    ['2026-11-21T23:16:25.159527896Z', 1_795_302_985_159_527_896n],
    ['2026-11-21T23:16:25.1Z', 1_795_302_985_100_000_000n],
    ['2026-11-22T01:16:25.5+02:00', 1_795_302_985_500_000_000n],
    ['2026-11-21T18:46:25.5-04:30', 1_795_302_985_500_000_000n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000_000_000n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
    ['2023-02-29T00:00:00Z', undefined],
    ['2026-04-31T00:00:00Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-11-21T24:00:00Z', undefined],
    ['2026-11-21T23:60:00Z', undefined],
    ['2026-11-21T23:16:25', undefined],
    ['2026-11-21 23:16:25Z', undefined],
    ['2026-11-21', undefined],
    ['2.15.2', undefined],
    ['', undefined],
  ])('%j', (text, ns) => expect(parseGoTime(text)).toBe(ns))
})

test('seconds and milliseconds are rounded as Go rounds them', () => {
  expect(toSeconds(249_000n)).toBe(0.000249)
  expect(toSeconds(6_902_560_026n)).toBe(6.902560026)
  expect(toSeconds(-1_500_000_000n)).toBe(-1.5)
  expect(toUnixMs(1_795_302_985_159_527_896n)).toBe(1_795_302_985_159)
  expect([toUnixMs(-1n), toUnixSeconds(-1n)]).toEqual([-1, -1])
  expect(toUnixSeconds(1_795_302_985_999_999_999n)).toBe(1_795_302_985)
})

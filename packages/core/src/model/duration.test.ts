import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDurationMs } from './duration.js'

describe('parseDurationMs', () => {
  const valid: [text: string, ms: number][] = [
    ['0', 0],
    ['0s', 0],
    ['1ms', 1],
    ['15s', 15_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1y2w3d4h5m6s7ms', 33_019_506_007],
    ['007s', 7000],
  ]
  test.each(valid)('reads %s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  const invalid = ['', '1', 's', '1.5s', '-1s', '+1s', '1s1m', '1 s', ' 1s', '1S', '1min', '1s1s', '1h30', '300y', '1us']
  test.each(invalid)('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined()
  })
})

describe('formatDuration', () => {
  const cases: [ms: number, text: string][] = [
    [0, '0s'],
    [500, '500ms'],
    [15_000, '15s'],
    [60_000, '1m'],
    [90_000, '1m30s'],
    [7 * 86_400_000, '1w'],
    [90 * 86_400_000, '90d'],
    [365 * 86_400_000, '1y'],
    [366 * 86_400_000, '366d'],
  ]
  test.each(cases)('writes %i as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  test('is read back', () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDurationMs(formatDuration(ms)) === ms))
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDurationMs } from './duration.js'

describe('parseDurationMs()', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['1ms', 1],
    ['15s', 15_000],
    ['90s', 90_000],
    ['1m', 60_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
    ['1y', 31_536_000_000],
    ['1y2w3d4h5m6s7ms', 33_019_506_007],
    ['007s', 7_000],
  ])('reads %s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  it.each(['', '1', '15', 's', '1.5s', '-1s', '1s1m', '1 s', ' 1s', '1S', '1min', '1s1s', '1h30', '300y', '+1s', '1us'])(
    'refuses %j',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined()
    },
  )
})

describe('formatDuration()', () => {
  it.each([
    [0, '0s'],
    [15_000, '15s'],
    [5_400_000, '1h30m'],
    [1_001, '1s1ms'],
  ])('writes %d', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('is read back', () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDurationMs(formatDuration(ms)) === ms))
  })
})

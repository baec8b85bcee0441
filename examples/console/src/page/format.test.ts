import { describe, expect, it } from 'vitest'
import { ago, bytes, count, digits, duration, perSecond, plural, seconds, seriesName, shortCount, total, value } from './format.js'

describe('numbers', () => {
  it.each([
    [count(0), '0'],
    [count(1_234_567), '1,234,567'],
    [plural(1, 'segment'), '1 segment'],
    [plural(0, 'segment'), '0 segments'],
    [plural(1_200, 'sample'), '1,200 samples'],
    [digits(0), '0'],
    [digits(26_234.56), '26,235'],
    [digits(-0.123456), '-0.12346'],
    [digits(1_234_567), '1.23 M'],
    [shortCount(0), '0'],
    [shortCount(999), '999'],
    [shortCount(1_234), '1.23 k'],
    [shortCount(-1_234_567), '-1.23 M'],
    [shortCount(5e9), '5 G'],
    [shortCount(2.5e12), '2.5 T'],
    [perSecond(1_200_000), '1.2 M samples/s'],
    [perSecond(2.3), '2.3 samples/s'],
    [bytes(0), '0 B'],
    [bytes(1_023), '1,020 B'],
    [bytes(1_024), '1 KiB'],
    [bytes(3.4 * 1024 ** 2), '3.4 MiB'],
    [bytes(1024 ** 3), '1 GiB'],
    [bytes(1024 ** 5), '1,020 TiB'],
    [value(0.1 + 0.2), '0.3'],
    [value(1_234_567_890.4), '1234567890'],
    [String(total({ samples: 1, histograms: 2, exemplars: 3 })), '6'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected)
  })
})

describe('times', () => {
  it.each([
    [duration(0), '0 ms'],
    [duration(999), '999 ms'],
    [duration(1_234), '1.23 s'],
    [duration(119_000), '119 s'],
    [duration(120_000), '2 min'],
    [duration(7_200_000), '2 h'],
    [duration(172_800_000), '2 d'],
    [seconds(0), '0 s'],
    [seconds(999), '0 s'],
    [seconds(1_999), '1 s'],
    [seconds(180_500), '3 min'],
    [ago(10_000, 10_500), 'now'],
    [ago(10_000, 9_000), 'now'],
    [ago(10_000, 12_900), '2 s ago'],
    [ago(0, 600_000), '10 min ago'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected)
  })
})

describe('seriesName()', () => {
  it.each([
    [{ __name__: 'up' }, 'up'],
    [{ __name__: 'up', job: 'a "b"' }, 'up{job="a \\"b\\""}'],
    [{ a: '1', b: '2' }, '{a="1", b="2"}'],
    [{}, ''],
  ])('%j', (labels: Record<string, string>, expected) => {
    expect(seriesName(labels)).toBe(expected)
  })
})

import { describe, expect, it } from 'vitest'
import { isStaleBits, writeValueLE } from './staleness.js'

function bytesOf(value: number, stale: boolean): string {
  const bytes = new Uint8Array(8)
  writeValueLE(new DataView(bytes.buffer), 0, { value, stale })
  return Buffer.from(bytes).toString('hex')
}

describe('writeValueLE()', () => {
  it.each([
    [Number.NaN, true, '020000000000f07f'],
    [1, true, '020000000000f07f'],
    [Number.NaN, false, '010000000000f87f'],
    [1, false, '000000000000f03f'],
    [-0, false, '0000000000000080'],
    [Number.POSITIVE_INFINITY, false, '000000000000f07f'],
  ])('writes %d (stale: %s) as %s', (value, stale, bytes) => {
    expect(bytesOf(value, stale)).toBe(bytes)
  })
})

describe('isStaleBits()', () => {
  it.each([
    [0x7ff00000, 2, true],
    [0x7ff80000, 2, true],
    [0x7ff80000, 1, false],
    [0x7ff80000, 0, false],
    [0x7ff00000, 1, false],
    [0, 2, false],
  ])('takes %d and %d for a marker: %s', (high, low, stale) => {
    expect(isStaleBits(high, low)).toBe(stale)
  })
})

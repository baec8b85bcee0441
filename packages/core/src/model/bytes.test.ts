import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareCodePoints, encodeUtf8, varintSize, writeVarint } from './bytes.js'

describe('compareCodePoints()', () => {
  it.each([
    ['a', 'b', -1],
    ['b', 'a', 1],
    ['a', 'a', 0],
    ['a', 'ab', -1],
    ['', 'a', -1],
    ['\u{1F600}', '\uFFFD', 1],
    ['\uE000', '\u{10000}', -1],
    ['Z', '_', -1],
  ])('orders %j and %j as their UTF-8 bytes', (a, b, sign) => {
    expect(Math.sign(compareCodePoints(a, b))).toBe(sign)
  })

  it('agrees with the bytes for any two strings', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(encodeUtf8(a), encodeUtf8(b)))
      }),
    )
  })
})

describe('writeVarint()', () => {
  it.each([
    [0, [0]],
    [127, [127]],
    [128, [0x80, 1]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 1]],
    [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('writes %d', (value, bytes) => {
    const target = new Uint8Array(5)
    expect(writeVarint(target, 0, value)).toBe(bytes.length)
    expect([...target.subarray(0, bytes.length)]).toEqual(bytes)
    expect(varintSize(value)).toBe(bytes.length)
  })
})

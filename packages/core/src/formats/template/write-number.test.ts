import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxNumberBytes, writeNumber } from './write-number.js'

/** The text; undefined where the number has too many digits. Written in the middle, so that a byte before it would be seen. */
function written(value: number): string | undefined {
  const bytes = new Uint8Array(maxNumberBytes + 10).fill(0x23)
  const end = writeNumber(bytes, 5, value)
  expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe('#####')
  if (end < 0) return undefined
  expect(end - 5).toBeLessThanOrEqual(maxNumberBytes)
  expect(bytes.subarray(5 + maxNumberBytes).every((byte) => byte === 0x23)).toBe(true)
  return Buffer.from(bytes.subarray(5, end)).toString('latin1')
}

const rows: readonly (readonly [value: number, text: string | undefined])[] = [
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [-10, '-10'],
  [999_999_999, '999999999'],
  [1_000_000_000, '1000000000'],
  [2_147_483_648, '2147483648'],
  [1_000_000_000_001, '1000000000001'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
  [2 ** 53, undefined],
  [0.5, '0.5'],
  [-0.25, '-0.25'],
  [0.000001, '0.000001'],
  [0.0000001, undefined],
  [9.99e-7, undefined],
  [0.000007852, '0.000007852'],
  [0.1234567891, undefined],
  [999_999.999999999, '999999.999999999'],
  [1_000_000.0000001, undefined],
  [3.00001, '3.00001'],
  [1.000001, '1.000001'],
  [100.001, '100.001'],
  [999_999_999.999999, '999999999.999999'],
  [1_700_000_000.123, '1700000000.123'],
  [1_700_000_000.12, '1700000000.12'],
  [999_999_999_999.999, '999999999999.999'],
  [1_000_000_000_000.5, undefined],
  [0.1 + 0.2, undefined],
  [1 / 3, undefined],
  [5e-324, undefined],
  [1e21, undefined],
  [Number.MAX_VALUE, undefined],
]

describe('writeNumber()', () => {
  test.each(rows)('%d', (value, text) => expect(written(value)).toBe(text))

  test('every number that it writes is written as JavaScript does', () => {
    const decimal = fc.tuple(fc.integer({ min: -(10 ** 15), max: 10 ** 15 }), fc.integer({ min: 0, max: 12 }))
    const number = fc.oneof(
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      decimal.map(([digits, places]) => digits / 10 ** places),
    )
    fc.assert(
      fc.property(number, (value) => {
        const text = written(value)
        if (text !== undefined) expect(text).toBe(Object.is(value, -0) ? '-0' : String(value))
      }),
      { seed: 1, numRuns: 20_000 },
    )
  })

  test('whole numbers and decimals of up to six places are written', () => {
    const short = fc
      .tuple(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: 0, max: 6 }))
      .map(([digits, places]) => digits / 10 ** places)
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), short), (value) => written(value) !== undefined),
      { seed: 1, numRuns: 5_000 },
    )
  })
})

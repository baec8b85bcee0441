import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { readGoFloat } from '../../model/go-float.js'
import { createRandom } from '../../model/testdata/random.js'
import { NumberReader } from './number-reader.js'

/** Numbers in the suite; as many as one likes by the environment. */
const count = Number(process.env['PROMLINE_NUMBERS'] ?? 60_000)

const reader = new NumberReader()

/** What the reader makes of a text that a line feed follows; undefined where it does not take all of it. */
function read(text: string): number | undefined {
  const bytes = encodeUtf8(`m ${text}\n`)
  const value = reader.read(bytes, 2)
  return reader.end === bytes.length - 1 ? value : undefined
}

function assertAsPlain(text: string): void {
  const value = readGoFloat(text)
  const expected = typeof value === 'number' ? value : undefined
  const found = read(text)
  if (!Object.is(found, expected)) expect({ text, found }).toEqual({ text, found: expected })
}

describe('bit for bit as the plain parser', () => {
  test.each([
    ['0', 0],
    ['-0', -0],
    ['+0', 0],
    ['0e30', 0],
    ['-0.0e-30', -0],
    ['123456789', 123456789],
    ['1234567890', 1234567890],
    ['007', 7],
    ['5.', 5],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['5.e3', 5000],
    ['1E3', 1000],
    ['1e+03', 1000],
    ['1e-07', 1e-7],
    ['1e22', 1e22],
    ['1e23', 1e23],
    ['9007199254740993', 9007199254740992],
    ['9007199254740993.0000000000000000001', 9007199254740994],
    ['0.1', 0.1],
    ['0.30000000000000004', 0.30000000000000004],
    ['1.7976931348623157e+308', Number.MAX_VALUE],
    ['4.9e-324', 5e-324],
    ['2e-324', 0],
    ['00000000000000000000000000000001', 1],
    ['0.00000000000000000000000000000000000001', 1e-38],
    ['NaN', Number.NaN],
    ['nan', Number.NaN],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected)
    assertAsPlain(text)
  })

  test.each([
    '',
    '.',
    '-',
    '+',
    '-.',
    'e5',
    '1e',
    '1e+',
    '1.2.3',
    '--1',
    '+-1',
    '0x10',
    '1_000',
    '1e999',
    '1 ',
    '1\t2',
    '1\r',
    'x',
    'Na',
    '1,5',
  ])('not %j', (text) => expect(read(text)).toBeUndefined())

  test(`${count} numbers of every length and exponent`, { timeout: 0 }, () => {
    const random = createRandom(1)
    for (let i = 0; i < count; i++) assertAsPlain(randomDecimal(random))
  })

  test(`${count} shortest forms of doubles`, { timeout: 0 }, () => {
    const random = createRandom(2)
    const bits = new DataView(new ArrayBuffer(8))
    for (let i = 0; i < count; i++) {
      bits.setUint32(0, random(2 ** 32))
      bits.setUint32(4, random(2 ** 32))
      const any = bits.getFloat64(0)
      const usual = ((random(2 ** 31) * 2 ** 22 + random(2 ** 22)) / 2 ** 53) * 10 ** (random(24) - 10)
      for (const value of [any, usual]) if (Number.isFinite(value)) assertAsPlain(i % 2 === 0 ? String(value) : value.toExponential())
    }
  })

  test(`${count / 10} numbers on and beside the middle between two doubles`, { timeout: 0 }, () => {
    const random = createRandom(3)
    for (let i = 0; i < count / 10; i++) {
      // An odd integer of 54 bits lies in the middle; so do its multiples by powers of two.
      const middle = (2n ** 53n + BigInt(random(2 ** 31)) * 2n ** 21n + BigInt(random(2 ** 21)) * 2n + 1n) * 2n ** BigInt(random(8))
      for (const beside of [middle - 1n, middle, middle + 1n]) {
        const digits = String(beside)
        const point = 1 + random(digits.length)
        assertAsPlain(digits)
        assertAsPlain(`${digits}.${'0'.repeat(random(4))}${random(2)}`)
        assertAsPlain(`${digits.slice(0, point)}.${digits.slice(point)}e${digits.length - point}`)
      }
    }
  })
})

test('stops at the first byte that cannot be part of the number', () => {
  const bytes = encodeUtf8('12.5 1700000000000\n')
  expect([reader.read(bytes, 0), reader.end]).toEqual([12.5, 4])
})

function randomDecimal(random: (bound: number) => number): string {
  const length = 1 + random(22)
  let digits = ''
  while (digits.length < length) digits += String(random(1e9))
  digits = digits.slice(0, length)
  const sign = ['', '', '-', '+'][random(4)]!
  const point = random(2) === 0 ? random(length + 1) : length
  const text = point < length ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits
  const exponent = random(3) === 0 ? `${'eE'[random(2)]!}${['', '+', '-'][random(3)]!}${random(50)}` : ''
  return sign + text + exponent
}

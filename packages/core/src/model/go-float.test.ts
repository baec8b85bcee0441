import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatGoFloat, formatOpenMetricsFloat, formatPlainFloat, parseGoFloat, readGoFloat } from './go-float.js'

/** Value, Go's 'g', Go's 'f', OpenMetrics: all taken from Go programs. */
const rows: readonly (readonly [value: number, shortest: string, plain: string, openMetrics: string])[] = [
  [0, '0', '0', '0.0'],
  [-0, '-0', '-0', '0.0'],
  [1, '1', '1', '1.0'],
  [-1, '-1', '-1', '-1.0'],
  [0.5, '0.5', '0.5', '0.5'],
  [100000, '100000', '100000', '100000.0'],
  [123456.789, '123456.789', '123456.789', '123456.789'],
  [999999.9999999999, '999999.9999999999', '999999.9999999999', '999999.9999999999'],
  [1000000, '1e+06', '1000000', '1e+06'],
  [-1000000, '-1e+06', '-1000000', '-1e+06'],
  [17560473, '1.7560473e+07', '17560473', '1.7560473e+07'],
  [123456789, '1.23456789e+08', '123456789', '1.23456789e+08'],
  [0.0001, '0.0001', '0.0001', '0.0001'],
  [0.00012, '0.00012', '0.00012', '0.00012'],
  [0.00001, '1e-05', '0.00001', '1e-05'],
  [2.5e-5, '2.5e-05', '0.000025', '2.5e-05'],
  [1e-7, '1e-07', '0.0000001', '1e-07'],
  [-1.5e-7, '-1.5e-07', '-0.00000015', '-1.5e-07'],
  [1e20, '1e+20', '100000000000000000000', '1e+20'],
  [1e21, '1e+21', '1000000000000000000000', '1e+21'],
  [-1.25e22, '-1.25e+22', '-12500000000000000000000', '-1.25e+22'],
  [1e100, '1e+100', `1${'0'.repeat(100)}`, '1e+100'],
  [5e-324, '5e-324', `0.${'0'.repeat(323)}5`, '5e-324'],
  [Number.MAX_VALUE, '1.7976931348623157e+308', `17976931348623157${'0'.repeat(292)}`, '1.7976931348623157e+308'],
  [Number.NaN, 'NaN', 'NaN', 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf', '+Inf', '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf', '-Inf', '-Inf'],
]

describe('writing', () => {
  test.each(rows)('%d', (value, shortest, plain, openMetrics) => {
    expect(formatGoFloat(value)).toBe(shortest)
    expect(formatPlainFloat(value)).toBe(plain)
    expect(formatOpenMetricsFloat(value)).toBe(openMetrics)
  })
})

describe('reading', () => {
  const valid: readonly (readonly [text: string, value: number])[] = [
    ['1', 1],
    ['+1', 1],
    ['-0', -0],
    ['.5', 0.5],
    ['5.', 5],
    ['5.e3', 5000],
    ['1e5', 1e5],
    ['1E+5', 1e5],
    ['1e-999', 0],
    ['1.7976931348623158e308', Number.MAX_VALUE],
    ['inf', Number.POSITIVE_INFINITY],
    ['+INF', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['nAn', Number.NaN],
  ]
  test.each(valid)('%s', (text, value) => expect(parseGoFloat(text)).toBe(value))

  const syntax = [
    '',
    ' 1',
    '1 ',
    '1\n',
    '.',
    '+',
    '-.',
    'e5',
    '1e',
    '1e+',
    '1.5.',
    '0x10',
    '0x1p4',
    '1_000',
    '+nan',
    '-NaN',
    'infi',
    'infinityy',
    '--1',
    '1,5',
    '١',
  ]
  test.each(syntax)('%j is none', (text) => {
    expect(readGoFloat(text)).toBe('syntax')
    expect(parseGoFloat(text)).toBeUndefined()
  })

  test.each(['1e999', '-1e309', '1.7976931348623159e308', `1${'0'.repeat(309)}`])('%s is beyond the range', (text) => {
    expect(readGoFloat(text)).toBe('range')
    expect(parseGoFloat(text)).toBeUndefined()
  })
})

test('every value comes back from each form, and the plain one has no exponent', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(parseGoFloat(formatGoFloat(value))).toBe(value)
      expect(parseGoFloat(formatPlainFloat(value))).toBe(value)
      expect(parseGoFloat(formatOpenMetricsFloat(value))).toBe(value === 0 ? 0 : value)
      if (Number.isFinite(value)) expect(formatPlainFloat(value)).not.toContain('e')
      expect(formatGoFloat(value)).toMatch(/^(-?\d+(\.\d+)?(e[+-]\d{2,3})?|NaN|[+-]Inf)$/)
    }),
    { seed: 1, numRuns: 2_000 },
  )
})

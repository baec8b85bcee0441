import { expect, test } from 'vitest'
import { acceptsGzip } from './accepts-gzip.js'

test.each<[string | undefined, boolean]>([
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['deflate, gzip;q=1.0, *;q=0.5', true],
  ['gzip ; q = 0.001', true],
  ['*', true],
  ['*;q=0, gzip', true],
  [undefined, false],
  ['', false],
  ['identity', false],
  ['gzip;q=0', false],
  ['gzip; q=0.000', false],
  ['*, gzip;q=0', false],
  ['br, deflate', false],
  ['xgzip, gzipped', false],
])('%j: %s', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected)
})

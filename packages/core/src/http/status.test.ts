import { expect, test } from 'vitest'
import { blockedReason, retryAfterMs, type StatusClass, statusClass } from './status.js'

const classes: [StatusClass, ...number[]][] = [
  ['ok', 200, 202, 204, 299],
  ['retryable', 408, 425, 429, 500, 502, 503, 599],
  ['blocked', 300, 301, 302, 307, 308, 399, 401, 403, 404],
  ['too-large', 413],
  ['invalid', 100, 400, 402, 405, 409, 415, 422, 451],
]
test.each(classes)('%s', (expected, ...statuses) => {
  for (const status of statuses) expect([status, statusClass(status)]).toEqual([status, expected])
})

test('a blocked status says why', () => {
  expect([401, 403, 404, 302, 200, 500].map(blockedReason)).toEqual([
    'credentials',
    'credentials',
    'not found',
    'redirect',
    undefined,
    undefined,
  ])
})

const nowMs = Date.parse('2026-08-01T12:00:00Z')
const waits: [value: string | undefined, waitMs: number | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['0', undefined],
  ['2', 2000],
  [' 2 ', 2000],
  ['300', 300_000],
  ['301', 300_000],
  ['99999999999999999999', 300_000],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['2026-08-01T12:00:10Z', undefined],
  ['Sat, 01 Aug 2026 12:00:10 GMT', 10_000],
  ['Saturday, 01-Aug-26 12:00:10 GMT', 10_000],
  ['Sat, 01 Aug 2026 13:00:00 GMT', 300_000],
  ['Sat, 01 Aug 2026 12:00:00 GMT', undefined],
  ['Sat, 01 Aug 2026 11:00:00 GMT', undefined],
  ['Sat, 99 Foo 2026 11:00:00 GMT', undefined],
]
test.each(waits)('Retry-After %j', (value, waitMs) => {
  expect(retryAfterMs(value, nowMs)).toBe(waitMs)
})

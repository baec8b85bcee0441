import { expect, test } from 'vitest'
import { keptForMs } from './keep-alive.js'

const fiveMinutes = 300_000

const cases: [headers: Record<string, string>, isOld: boolean, expected: number][] = [
  [{}, false, fiveMinutes],
  [{ connection: 'close' }, false, 0],
  [{ connection: 'keep-alive, Close' }, false, 0],
  [{ connection: 'closed' }, false, fiveMinutes],
  [{ 'keep-alive': 'timeout=5' }, false, 4000],
  [{ 'keep-alive': 'max=100, Timeout=60' }, false, 59_000],
  [{ 'keep-alive': 'timeout=1' }, false, 0],
  [{ 'keep-alive': 'timeout=0' }, false, 0],
  [{ 'keep-alive': 'timeout=100000' }, false, fiveMinutes],
  [{ 'keep-alive': 'timeout=soon' }, false, fiveMinutes],
  [{ 'keep-alive': 'xtimeout=5' }, false, fiveMinutes],
  [{}, true, 0],
  [{ connection: 'Keep-Alive' }, true, fiveMinutes],
  [{ connection: 'keep-alive', 'transfer-encoding': 'chunked' }, true, 0],
]
test.each(cases)('%j, HTTP/1.0: %s', (headers, isOld, expected) => {
  expect(keptForMs({ status: 200, headers, isOld })).toBe(expected)
})

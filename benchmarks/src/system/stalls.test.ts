import { expect, test } from 'vitest'
import { longestStall } from './stalls.js'

const stall = (endMs: number, lateMs: number, cpuMs = 1000) => ({ endMs, lateMs, cpuMs })

test.each([
  ['the longest', [stall(1000, 2), stall(1100, 30), stall(1200, 7)], { wallMs: 30, busyMs: 30 }],
  ['none outside', [stall(900, 80), stall(1400, 50), stall(1200, 7)], { wallMs: 7, busyMs: 7 }],
  ['one that began inside', [stall(1310, 60)], { wallMs: 60, busyMs: 60 }],
  ['as far as the process was at work', [stall(1100, 90, 20), stall(1200, 40, 70)], { wallMs: 90, busyMs: 40 }],
  ['nothing', [], { wallMs: 0, busyMs: 0 }],
])('of the stalls from 1000 to 1300: %s', (_, stalls, expected) => {
  expect(longestStall(stalls, 1000, 1300)).toEqual(expected)
})

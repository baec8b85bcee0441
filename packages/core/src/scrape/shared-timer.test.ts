import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { createSharedTimer } from './shared-timer.js'

function create() {
  const clock = createFakeClock()
  const timer = createSharedTimer(clock)
  const calls: string[] = []
  const schedule = (delayMs: number, name: string): (() => void) =>
    timer.schedule(delayMs, () => calls.push(`${name}@${clock.monotonicMs()}`))
  return { clock, timer, calls, schedule }
}

test('calls in the order of time, and what is due at one time in the order of the calls, with one timer', async () => {
  const { clock, calls, schedule } = create()
  for (const [delayMs, name] of [
    [20, 'a'],
    [10, 'b'],
    [30, 'c'],
    [10, 'd'],
    [10.5, 'e'],
    [0, 'f'],
  ] as const)
    schedule(delayMs, name)
  expect(clock.timers).toBe(1)
  await clock.advance(100)
  expect(calls).toEqual(['f@0', 'b@10', 'd@10', 'e@10', 'a@20', 'c@30'])
  expect(clock.timers).toBe(0)
})

test('what is a millisecond apart is called apart', async () => {
  const { clock, calls, schedule } = create()
  schedule(10, 'a')
  schedule(11, 'b')
  await clock.advance(100)
  expect(calls).toEqual(['a@10', 'b@11'])
})

test('waits whole milliseconds, rounded up', async () => {
  const { clock, calls, schedule } = create()
  schedule(0.2, 'a')
  await clock.advance(100)
  expect(calls).toEqual(['a@1'])
})

test('what was cancelled is not called, and keeps no timer', async () => {
  const { clock, calls, schedule } = create()
  const cancelled = [schedule(10, 'a'), schedule(5, 'b')]
  schedule(20, 'c')
  for (const cancel of cancelled) cancel()
  for (const cancel of cancelled) cancel()
  expect(clock.timers).toBe(1)
  await clock.advance(100)
  expect(calls).toEqual(['c@20'])
  schedule(10, 'd')()
  expect(clock.timers).toBe(0)
})

test('a callback may schedule, and cancel one of a later time', async () => {
  const { clock, timer, calls, schedule } = create()
  const cancel = schedule(30, 'a')
  timer.schedule(10, () => {
    cancel()
    schedule(0, 'b')
    schedule(10, 'c')
  })
  await clock.advance(100)
  expect(calls).toEqual(['b@10', 'c@20'])
})

test('tells the time of its clock', async () => {
  const { clock, timer } = create()
  await clock.advance(7)
  expect([timer.nowMs(), timer.monotonicMs()]).toEqual([clock.nowMs(), clock.monotonicMs()])
})

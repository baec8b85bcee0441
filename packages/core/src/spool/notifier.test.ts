import { expect, it } from 'vitest'
import { Notifier } from './notifier.js'
import { stateOf } from './testdata/spools.js'

it('wakes all who wait, once', async () => {
  const notifier = new Notifier()
  notifier.notify()
  const first = [notifier.wait(), notifier.wait(new AbortController().signal)]
  expect(await Promise.all(first.map(stateOf))).toEqual(['pending', 'pending'])
  notifier.notify()
  const second = notifier.wait()
  expect(await Promise.all([...first, second].map(stateOf))).toEqual(['resolved', 'resolved', 'pending'])
})

it('wakes at an abort, however often the signal came before, and does not wait where it came too late', async () => {
  const notifier = new Notifier()
  const stop = new AbortController()
  const first = notifier.wait(stop.signal)
  notifier.notify()
  await first
  const second = notifier.wait(stop.signal)
  expect(await stateOf(second)).toBe('pending')
  stop.abort()
  expect(await stateOf(second)).toBe('resolved')
  expect(await stateOf(notifier.wait(stop.signal))).toBe('resolved')
  expect(await stateOf(notifier.wait())).toBe('pending')
})

import { expect, test } from 'vitest'
import { Deadline } from './deadline.js'

const never = new Promise<never>(() => {})

test('ends a race with what was being done', async () => {
  const deadline = new Deadline(20, undefined)
  deadline.phase = () => 'dreaming'
  await expect(deadline.race(never)).rejects.toMatchObject({
    code: 'timeout',
    message: 'timed out after 20 ms while dreaming',
    facts: { timeoutMs: 20, phase: 'dreaming' },
  })
  expect(deadline.signal.aborted).toBe(true)
})

test('lets a promise that is sooner win, and leaves no listener behind', async () => {
  const caller = new AbortController()
  const deadline = new Deadline(10_000, caller.signal)
  expect(await deadline.race(Promise.resolve(1))).toBe(1)
  deadline.release()
  caller.abort()
  expect(deadline.signal.aborted).toBe(false)
})

test('gives back the time for which this process was busy, once', async () => {
  const deadline = new Deadline(50, undefined)
  const start = performance.now()
  while (performance.now() - start < 300);
  const arrived = new Promise((resolve) => setImmediate(() => resolve('read after the busy time')))
  expect(await deadline.race(arrived)).toBe('read after the busy time')
  await expect(deadline.race(never)).rejects.toMatchObject({ code: 'timeout' })
})

test('tells of a failure once, and not after its release', async () => {
  const caller = new AbortController()
  const deadline = new Deadline(10_000, caller.signal)
  const told: string[] = []
  deadline.onFailure = (error) => void told.push(error.message)
  caller.abort()
  caller.abort()
  expect([told, deadline.error?.message]).toEqual([['given up by the caller'], 'given up by the caller'])
  await expect(deadline.race(never)).rejects.toBe(deadline.error)
  expect(deadline.signal.reason).toBe(deadline.error)
  const released = new Deadline(10_000, new AbortController().signal)
  released.onFailure = () => expect.unreachable()
  released.release()
  expect(released.onFailure).toBeUndefined()
})

test('a caller that has given up before', () => {
  expect(new Deadline(10_000, AbortSignal.abort()).error).toMatchObject({ code: 'unavailable', message: 'given up by the caller' })
})

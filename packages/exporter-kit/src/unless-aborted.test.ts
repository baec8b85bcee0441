import { expect, test, vi } from 'vitest'
import { unlessAborted } from './unless-aborted.js'

test('is what the promise comes to, and holds on to no signal', async () => {
  const { signal } = new AbortController()
  const removed = vi.spyOn(signal, 'removeEventListener')
  expect(await unlessAborted(Promise.resolve(5), signal)).toBe(5)
  await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  expect(removed).toHaveBeenCalledTimes(2)
})

test.each([
  ['before', true],
  ['meanwhile', false],
])('rejects where the signal aborts %s, whatever the promise does then', async (_when, isBefore) => {
  const controller = new AbortController()
  const why = new Error('enough')
  if (isBefore) controller.abort(why)
  let fail = (_error: Error): void => {}
  const promise = new Promise<never>((_, reject) => {
    fail = reject
  })
  const [plain, named] = [unlessAborted(promise, controller.signal), unlessAborted(promise, controller.signal, () => new Error('given up'))]
  controller.abort(why)
  await expect(plain).rejects.toBe(why)
  await expect(named).rejects.toThrow('given up')
  fail(new Error('too late'))
})

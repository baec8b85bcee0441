import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { callOnAbort, dropAbortCall } from './abort-calls.js'

test('calls what was not taken back, once, with one listener for all', () => {
  const controller = new AbortController()
  const { signal } = controller
  const called: string[] = []
  const calls = ['a', 'b', 'c', 'd'].map((name) => () => void called.push(name))
  for (const call of calls) callOnAbort(signal, call)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  dropAbortCall(signal, calls[1]!)
  dropAbortCall(signal, calls[1]!)
  dropAbortCall(signal, calls[3]!)
  controller.abort()
  expect(called).toEqual(['a', 'c'])
  dropAbortCall(signal, calls[0]!)
})

test('what a call takes back is not called', () => {
  const controller = new AbortController()
  const other = (): void => expect.unreachable()
  const called: string[] = []
  callOnAbort(controller.signal, () => {
    called.push('first')
    dropAbortCall(controller.signal, other)
  })
  callOnAbort(controller.signal, other)
  controller.abort()
  expect(called).toEqual(['first'])
})

test('to take back what was never asked for does nothing', () => {
  dropAbortCall(new AbortController().signal, () => {})
})

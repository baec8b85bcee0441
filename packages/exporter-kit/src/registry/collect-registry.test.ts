import { getEventListeners } from 'node:events'
import { createFakeClock } from '@promline/core/testing'
import { describe, expect, test } from 'vitest'
import { createCollect } from './collect-registry.js'

function collectorOf(metrics: () => Promise<string>) {
  const clock = createFakeClock()
  return { clock, collect: createCollect({ contentType: 'text/plain', metrics }, { timeoutMs: 500, clock }) }
}

const never = (): Promise<string> => new Promise(() => {})
const throwing = (): Promise<string> => {
  throw new Error('at once')
}

describe('createCollect()', () => {
  test('gives the text of the registry, and leaves no timer', async () => {
    const { clock, collect } = collectorOf(async () => 'up 1\n')
    expect(await collect()).toBe('up 1\n')
    expect(clock.timers).toBe(0)
  })

  test.each<[what: string, metrics: () => Promise<string>, error: object]>([
    ['a rejection', async () => Promise.reject(new Error('down')), { message: 'down' }],
    ['a throw before there is a promise', throwing, { message: 'at once' }],
    ['no answer', never, { code: 'timeout', message: 'the registry was not collected within 500 ms' }],
  ])('rejects for %s', async (_what, metrics, error) => {
    const { clock, collect } = collectorOf(metrics)
    const rejected = expect(collect()).rejects.toMatchObject(error)
    await clock.advance(500)
    await rejected
    expect(clock.timers).toBe(0)
  })

  test('begins none while eight that were given up have not ended', async () => {
    const ends: ((text: string) => void)[] = []
    const { clock, collect } = collectorOf(() => new Promise((resolve) => ends.push(resolve)))
    for (let i = 0; i < 8; i++) {
      const rejected = expect(collect()).rejects.toMatchObject({ code: 'timeout' })
      await clock.advance(500)
      await rejected
    }
    const message = '8 collections that were given up have not ended'
    await expect(collect()).rejects.toMatchObject({ code: 'unavailable', message })
    ends[0]!('late')
    await clock.advance(0)
    const collected = collect()
    ends[8]!('up 1\n')
    expect(await collected).toBe('up 1\n')
  })

  test.each([
    ['hangs', never],
    ['throws at once', throwing],
  ])('heeds a signal, and leaves no listener where a metric %s', async (_what, metrics) => {
    const { clock, collect } = collectorOf(metrics)
    const stopping = new AbortController()
    const rejected = expect(collect(stopping.signal)).rejects.toThrow(metrics === never ? 'stop' : 'at once')
    stopping.abort(new Error('stop'))
    await rejected
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
    expect(clock.timers).toBe(0)
  })
})

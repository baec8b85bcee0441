import type { ServerResponse } from 'node:http'
import { createFakeClock, type FakeClock } from '@promline/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type FakeMonitor, startFakeMonitor } from './fake-monitor.test.helper.js'
import { NatsMonitor } from './nats-monitor.js'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

/** A client of a made-up server, with an identity that is known for a second. */
async function monitorOf(answers: FakeMonitor['answers']): Promise<{ fake: FakeMonitor; monitor: NatsMonitor; clock: FakeClock }> {
  const clock = createFakeClock()
  const fake = await startFakeMonitor(answers)
  const target = { url: fake.url, name: 'a', http: {} }
  const monitor = new NatsMonitor({ target, timeoutMs: 10_000, maxBodyBytes: 1_000, identityMaxAgeMs: 1_000, clock })
  cleanUp.push(
    () => fake.close(),
    () => monitor.close(),
  )
  return { fake, monitor, clock }
}

const { signal } = new AbortController()
const varz = (id: string): string => `{"server_id": "${id}", "server_name": "n"}`

describe('the identity of a server', () => {
  test('is asked for once by all, and again when the server may have been replaced', async () => {
    const { fake, monitor, clock } = await monitorOf({ '/varz': varz('A') })
    const asked = await Promise.all([monitor.identity(signal), monitor.identity(signal)])
    expect(asked).toEqual([
      { id: 'A', name: 'n' },
      { id: 'A', name: 'n' },
    ])
    fake.answers['/varz'] = varz('B')
    await clock.advance(999)
    expect(await monitor.identity(signal)).toEqual({ id: 'A', name: 'n' })
    expect(fake.requests).toEqual(['/varz'])
    await clock.advance(1)
    expect(await monitor.identity(signal)).toEqual({ id: 'B', name: 'n' })
    expect(monitor.lastIdentity).toEqual({ id: 'B', name: 'n' })
  })

  test('comes with /varz itself', async () => {
    const { fake, monitor } = await monitorOf({ '/varz': varz('A') })
    await monitor.varz(signal)
    expect(await monitor.identity(signal)).toEqual({ id: 'A', name: 'n' })
    expect(fake.requests).toEqual(['/varz'])
  })

  test('that could not be learned is asked for again', async () => {
    const { fake, monitor } = await monitorOf({})
    await expect(monitor.identity(signal)).rejects.toMatchObject({ code: 'status' })
    fake.answers['/varz'] = varz('A')
    expect(await monitor.identity(signal)).toEqual({ id: 'A', name: 'n' })
  })

  test('is given to the others where one gives up, who learns so at once', async () => {
    let answer = (): void => {}
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    let slow: ServerResponse | undefined
    const { monitor } = await monitorOf({
      '/varz': (_request, response) => {
        slow = response
        answer()
      },
    })
    const hasty = new AbortController()
    const first = monitor.identity(hasty.signal)
    const second = monitor.identity(signal)
    await asked
    const why = new Error('no time')
    hasty.abort(why)
    await expect(first).rejects.toBe(why)
    slow?.end(varz('A'))
    expect(await second).toEqual({ id: 'A', name: 'n' })
  })

  test('is not waited for by close()', async () => {
    let asked = (): void => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const { monitor } = await monitorOf({ '/varz': () => asked() })
    const identity = monitor.identity(signal)
    await isAsked
    await Promise.all([expect(identity).rejects.toMatchObject({ code: 'unavailable' }), monitor.close()])
  })
})

import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type Batch, batchOf, type Consume } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { createRemoteWriteSink } from '../sink/sink.js'
import { createRemoteWriteSource } from './source.js'

const batch = batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs: 1700000000000 }])

describe('createRemoteWriteSource()', () => {
  it('listens, takes what a sink sends, and stops', async () => {
    const batches: Batch[] = []
    const consume: Consume = async (one) => {
      batches.push(one)
      return { status: 'spooled' }
    }
    const source = createRemoteWriteSource({ name: 'receiver', listen: '127.0.0.1:0' })
    expect(source.url).toBeUndefined()
    const stop = new AbortController()
    const running = source.run(consume, { signal: stop.signal })
    const url = await source.listening
    expect(source.url).toBe(url)

    const sink = createRemoteWriteSink({ url })
    const signal = new AbortController().signal
    expect(await sink.send(sink.encode([batch])[0]!.body, { signal, attempt: 0 })).toEqual({ status: 'delivered' })
    expect(batches).toHaveLength(1)

    const healthy = await fetch(new URL('/-/healthy', url))
    expect([healthy.status, await healthy.text()]).toEqual([200, 'healthy\n'])
    const elsewhere = await fetch(new URL('/write', url))
    expect([elsewhere.status, await elsewhere.text()]).toEqual([404, 'not found: remote write is at /api/v1/write\n'])
    expect(await statusOf(url, { method: 'POST', path: url }, sink.encode([batch])[0]!.body)).toBe(204)
    expect(await statusOf(url, { method: 'GET', path: 'http://x/-/healthy' })).toBe(200)
    expect(await statusOf(url, { method: 'GET', path: 'http://x/write' })).toBe(404)
    stop.abort()
    await running
    await sink.close?.()
    await expect(fetch(url)).rejects.toThrow()
  })

  it('takes the requests under way to their end', async () => {
    let release: () => void = () => {}
    let onStarted: () => void = () => {}
    const started = new Promise<void>((resolve) => {
      onStarted = resolve
    })
    const consume: Consume = () =>
      new Promise((resolve) => {
        release = () => resolve({ status: 'spooled' })
        onStarted()
      })
    const source = createRemoteWriteSource({ name: 'receiver', listen: '127.0.0.1:0', path: '/write' })
    const stop = new AbortController()
    const running = source.run(consume, { signal: stop.signal })
    const sink = createRemoteWriteSink({ url: await source.listening })
    const sent = sink.send(sink.encode([batch])[0]!.body, { signal: new AbortController().signal, attempt: 0 })
    await started
    stop.abort()
    release()
    expect(await sent).toEqual({ status: 'delivered' })
    await running
    await sink.close?.()
  })

  it('rejects where it cannot listen', async () => {
    const source = createRemoteWriteSource({ name: 'receiver', listen: 'nonsense' })
    const running = source.run(() => Promise.reject(new Error('unreachable')), { signal: new AbortController().signal })
    await expect(running).rejects.toThrow('listen address "nonsense" is not host:port')
    await expect(source.listening).rejects.toThrow('listen address "nonsense" is not host:port')
  })
})

/** Sends a request with a target that `fetch` cannot say. */
async function statusOf(url: string, options: { method: string; path: string }, body?: Uint8Array): Promise<number> {
  const request = httpRequest(url, options)
  request.end(body)
  const [response] = await once(request, 'response')
  response.resume()
  return response.statusCode
}

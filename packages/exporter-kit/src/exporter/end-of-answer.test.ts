import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, test } from 'vitest'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { ask } from './ask.test.helper.js'
import { isOver, whenOver } from './end-of-answer.js'
import { createExporterHandler } from './exporter-handler.js'

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Sends this many requests at once, on one connection. */
function pipeline(port: number, requests: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  closing.push(() => socket.destroy())
  socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(requests))
  return socket
}

describe('whenOver()', () => {
  test('calls back once for each answer that is sent', async () => {
    const over: (string | undefined)[] = []
    const port = await serve((request, response) => {
      whenOver(response, () => over.push(request.headers.host))
      response.end()
    })
    const socket = pipeline(port, 3).resume()
    await expect.poll(() => over).toEqual(['x', 'x', 'x'])
    socket.destroy()
    await ask(`http://127.0.0.1:${port}/`)
    await expect.poll(() => over).toEqual(['x', 'x', 'x', `127.0.0.1:${port}`])
  })

  test('calls back for every pipelined request of a client that goes away, with one listener for all of them', async () => {
    const over: boolean[] = []
    let begun = 0
    let listeners = 0
    const port = await serve((request, response) => {
      const before = request.socket.listenerCount('close')
      whenOver(response, () => over.push(isOver(response)))
      listeners += request.socket.listenerCount('close') - before
      begun++
    })
    const socket = pipeline(port, 30)
    await expect.poll(() => begun).toBe(30)
    socket.destroy()
    await expect.poll(() => over).toEqual(Array.from({ length: 30 }, () => true))
    expect(listeners).toBe(1)
  })
})

describe('scrapes', () => {
  /** A page that comes when the test says so. */
  function startPending() {
    const self = new Registry()
    let show = (_page: string): void => {}
    const page = new Promise<string>((resolve) => {
      show = resolve
    })
    const registry: MetricRegistry = { contentType: Registry.PROMETHEUS_CONTENT_TYPE, metrics: () => page }
    const handler = createExporterHandler({ registry, selfRegistry: self, maxRequestsInFlight: 30 })
    const shown = (metric: string) => self.getSingleMetricAsString(`promhttp_metric_handler_${metric}`)
    return { handler, show, shown }
  }

  test('of a client that goes away have ended, pipelined ones too, and are not counted as answered', async () => {
    const { handler, show, shown } = startPending()
    const port = await serve((request, response) => void handler(request, response))
    const socket = pipeline(port, 30)
    await expect.poll(() => shown('requests_in_flight')).toMatch(/in_flight 30$/)
    socket.destroy()
    await expect.poll(() => shown('requests_in_flight')).toMatch(/in_flight 0$/)
    show('up 1\n')
    expect((await ask(`http://127.0.0.1:${port}/metrics`)).body.toString()).toBe('up 1\n')
    expect(await shown('requests_total')).toMatch(/code="200"\} 1\n/)
  })

  test('are answered through an adapter whose socket is a bare object', async () => {
    const { handler, show, shown } = startPending()
    const port = await serve((request, response) => {
      Object.defineProperty(request, 'socket', { value: { encrypted: true } })
      void handler(request, response)
    })
    show('up 1\n')
    expect((await ask(`http://127.0.0.1:${port}/metrics`)).status).toBe(200)
    await expect.poll(() => shown('requests_in_flight')).toMatch(/in_flight 0$/)
  })
})

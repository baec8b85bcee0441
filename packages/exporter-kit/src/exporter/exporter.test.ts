import { get } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import type { Clock, Logger } from '@promline/core'
import { Registry as PrometheusIoRegistry } from '@prometheus-io/client'
import { Gauge, type OpenMetricsContentType, Registry } from 'prom-client'
import { afterEach, describe, expect, test } from 'vitest'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { ask } from './ask.test.helper.js'
import { createExporter, type Exporter, type ExporterOptions } from './exporter.js'

const exporters: Exporter[] = []
afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.close()
})

async function start(registry: MetricRegistry, options: Partial<ExporterOptions> = {}): Promise<string> {
  const exporter = await createExporter({ listen: '127.0.0.1:0', registry, ...options })
  exporters.push(exporter)
  return exporter.url
}

function demoRegistry(): Registry {
  const registry = new Registry()
  new Gauge({ name: 'up', help: 'Up', registers: [registry] }).set(1)
  return registry
}

const demoPage = '# HELP up Up\n# TYPE up gauge\nup 1\n'

describe('/metrics', () => {
  test.each([
    ['prom-client', new Registry()],
    ['@prometheus-io/client', new PrometheusIoRegistry()],
  ])('has the content type and the text of a registry of %s', async (_client, registry) => {
    const { status, headers, body } = await ask(`${await start(registry)}/metrics`)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body.toString()).toBe(await registry.metrics())
  })

  test('has the content type of an OpenMetrics registry', async () => {
    const registry = new Registry<OpenMetricsContentType>()
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    const { headers, body } = await ask(`${await start(registry)}/metrics`)
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(body.toString()).toMatch(/# EOF\n$/)
  })

  test('is compressed where that is accepted', async () => {
    const url = `${await start(demoRegistry())}/metrics`
    const compressed = await ask(url, { headers: { 'accept-encoding': 'gzip' } })
    expect(compressed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(gunzipSync(compressed.body).toString()).toBe(demoPage)
    const plain = await ask(url, { headers: { 'accept-encoding': 'gzip;q=0' } })
    expect(plain.headers).not.toHaveProperty('content-encoding')
    expect(plain.headers).toMatchObject({ vary: 'accept-encoding', 'content-length': String(demoPage.length) })
    expect(plain.body.toString()).toBe(demoPage)
  })

  test('answers HEAD with the headers alone', async () => {
    const { status, headers, body } = await ask(`${await start(demoRegistry())}/metrics`, { method: 'HEAD' })
    expect({ status, length: headers['content-length'], body: body.toString() }).toEqual({ status: 200, length: '34', body: '' })
  })

  test('ignores a query', async () => {
    expect((await ask(`${await start(demoRegistry())}/metrics?a=b`)).body.toString()).toBe(demoPage)
  })

  test('is found by its absolute URL, as a proxy may ask', async () => {
    const url = await start(demoRegistry())
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.end(`GET ${url}/metrics?a=b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*up 1\n$/s)
  })

  test('is collected once for all who ask at the same time, and anew for those who come later', async () => {
    let collections = 0
    let release = (): void => {}
    const registry: MetricRegistry = {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      metrics: () => {
        const text = `collections ${++collections}\n`
        return new Promise((resolve) => {
          release = () => resolve(text)
        })
      },
    }
    const url = `${await start(registry)}/metrics`
    const pending = Array.from({ length: 5 }, (_, i) => ask(url, { headers: i % 2 === 0 ? { 'accept-encoding': 'gzip' } : {} }))
    // Health is answered from the same connection queue: when it is there, the five before it are being served.
    await ask(url.replace('/metrics', '/-/healthy'))
    release()
    const texts = (await Promise.all(pending)).map(({ headers, body }) =>
      (headers['content-encoding'] ? gunzipSync(body) : body).toString(),
    )
    expect(texts).toEqual(Array.from({ length: 5 }, () => 'collections 1\n'))
    const later = ask(url)
    await ask(url.replace('/metrics', '/-/healthy'))
    release()
    expect((await later).body.toString()).toBe('collections 2\n')
  })

  test('answers 503 where a metric throws, tells the log why, and the client nothing', async () => {
    const errors: object[] = []
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (facts) => errors.push(facts) }
    const registry = new Registry()
    new Gauge({
      name: 'broken',
      help: 'Broken',
      registers: [registry],
      collect: () => {
        throw new Error('secret database password')
      },
    })
    const { status, body } = await ask(`${await start(registry, { logger })}/metrics`)
    expect(status).toBe(503)
    expect(body.toString()).toBe('The metrics could not be collected; the log of the exporter says why.\n')
    expect(errors).toEqual([{ error: new Error('secret database password') }])
  })

  test('answers 503 where a metric does not answer, and tries again for the next', async () => {
    const due: (() => void)[] = []
    const clock: Clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      schedule: (_delayMs, callback) => {
        due.push(callback)
        return () => {}
      },
    }
    let calls = 0
    const registry: MetricRegistry = {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      metrics: () => (++calls === 1 ? new Promise(() => {}) : Promise.resolve('up 1\n')),
    }
    const url = `${await start(registry, { clock, collectTimeoutMs: 250 })}/metrics`
    const stuck = ask(url)
    await ask(url.replace('/metrics', '/-/healthy'))
    for (const callback of due) callback()
    expect((await stuck).status).toBe(503)
    expect((await ask(url)).body.toString()).toBe('up 1\n')
  })
})

describe('beside the metrics', () => {
  test('/-/healthy says so', async () => {
    const { status, body } = await ask(`${await start(demoRegistry())}/-/healthy`)
    expect([status, body.toString()]).toEqual([200, 'The exporter is healthy.\n'])
  })

  test('/ is a page with a link', async () => {
    const { status, headers, body } = await ask(await start(demoRegistry()))
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(body.toString()).toContain('<a href="/metrics">')
  })

  test.each(['/metric', '/metrics/', '/favicon.ico', '//metrics'])('%s is not there', async (path) => {
    const { status, body } = await ask(`${await start(demoRegistry())}${path}`)
    expect([status, body.toString()]).toEqual([404, `There is nothing at ${path}; the metrics are at /metrics.\n`])
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not allowed', async (method) => {
    const { status, headers, body } = await ask(`${await start(demoRegistry())}/metrics`, { method })
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
    expect(body.toString()).toBe(`${method} is not allowed here, only GET and HEAD are.\n`)
  })
})

describe('the exporter', () => {
  test('says in one line that the port is in use', async () => {
    const url = await start(demoRegistry())
    const address = url.replace('http://', '')
    const refused = createExporter({ listen: address, registry: demoRegistry() })
    await expect(refused).rejects.toMatchObject({
      code: 'address',
      message: `exporter: cannot listen on ${address}: the port is in use (stop what listens there, or choose another)`,
    })
  })

  test('is gone after close(), which may be called twice, and at the end of `await using`', async () => {
    const exporter = await createExporter({ listen: '127.0.0.1:0', registry: demoRegistry() })
    await exporter.close()
    await exporter.close({ deadlineMs: 10 })
    await expect(new Promise((resolve, reject) => get(exporter.url, resolve).on('error', reject))).rejects.toThrow('ECONNREFUSED')
    let url: string
    {
      await using second = await createExporter({ listen: '127.0.0.1:0', registry: demoRegistry() })
      url = second.url
    }
    await expect(ask(url)).rejects.toThrow('ECONNREFUSED')
  })
})

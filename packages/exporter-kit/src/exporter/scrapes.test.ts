import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { Logger } from '@promline/core'
import { createFakeClock } from '@promline/core/testing'
import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client'
import { afterEach, describe, expect, test } from 'vitest'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { ask } from './ask.test.helper.js'
import { createExporter, type Exporter, type ExporterOptions } from './exporter.js'
import { createExporterHandler } from './exporter-handler.js'

const exporters: Exporter[] = []
afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.close({ deadlineMs: 100 })
})

async function start(registry: MetricRegistry, options: Partial<ExporterOptions> = {}): Promise<string> {
  const exporter = await createExporter({ listen: '127.0.0.1:0', registry, ...options })
  exporters.push(exporter)
  return `${exporter.url}/metrics`
}

const textType = 'text/plain; version=0.0.4; charset=utf-8'
const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** A registry that answers when the test says so. */
function pendingRegistry() {
  const pending: { resolve(text: string): void; reject(error: Error): void }[] = []
  const registry: MetricRegistry = {
    contentType: textType,
    metrics: () => new Promise((resolve, reject) => pending.push({ resolve, reject })),
  }
  return { registry, pending }
}

function recordingLogger() {
  const lines: string[] = []
  const log = (level: string) => (_facts: object, message: string) => void lines.push(`${level}: ${message}`)
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  return { lines, logger }
}

/** Health is answered in the order of arrival: when it is there, the requests before it are being served. */
async function arrived(url: string): Promise<void> {
  await ask(url.replace('/metrics', '/-/healthy'))
}

describe('the format', () => {
  const text = '# HELP a_total A\n# TYPE a_total counter\na_total 1\n'
  const openMetrics = '# HELP a A\n# TYPE a counter\na_total 1\n# EOF\n'
  const prometheus3 =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
    'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
  const textRegistry = (): MetricRegistry => {
    const registry = new Registry()
    new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc()
    return registry
  }
  const openMetricsRegistry = (): MetricRegistry => {
    const registry = new Registry<OpenMetricsContentType>()
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    const counter = new Counter({ name: 'a', help: 'A', enableExemplars: true, registers: [registry] })
    counter.inc({ value: 1, labels: {}, exemplarLabels: { trace_id: '7' } })
    return registry
  }

  test.each<[what: string, () => MetricRegistry, accept: string, contentType: string, page: string | RegExp]>([
    ['text as text', textRegistry, 'text/plain', textType, text],
    ['text as OpenMetrics', textRegistry, 'application/openmetrics-text;version=1.0.0', openMetricsType, openMetrics],
    ['text for Prometheus 3', textRegistry, prometheus3, `${openMetricsType}; escaping=allow-utf-8`, openMetrics],
    ['text for a browser', textRegistry, 'text/html,*/*;q=0.8', textType, text],
    ['OpenMetrics as text', openMetricsRegistry, 'text/plain;version=0.0.4', textType, text],
    [
      'OpenMetrics as it is, with exemplars',
      openMetricsRegistry,
      prometheus3,
      `${openMetricsType}; escaping=allow-utf-8`,
      / # \{trace_id="7"\} 1 /,
    ],
    [
      'OpenMetrics of the first draft',
      textRegistry,
      'application/openmetrics-text',
      openMetricsType.replace('1.0.0', '0.0.1'),
      openMetrics,
    ],
  ])('%s', async (_what, create, accept, contentType, page) => {
    const { status, headers, body } = await ask(await start(create()), { headers: { accept } })
    expect([status, headers['content-type'], headers['vary']]).toEqual([200, contentType, 'accept, accept-encoding'])
    if (typeof page === 'string') expect(body.toString()).toBe(page)
    else expect(body.toString()).toMatch(page)
  })

  test("is the registry's own for everybody where that is chosen", async () => {
    const url = await start(textRegistry(), { negotiate: false })
    const { headers, body } = await ask(url, { headers: { accept: prometheus3 } })
    expect([headers['content-type'], body.toString()]).toEqual([textType, text])
  })

  test('names in quotes are for those who know them', async () => {
    const registry: MetricRegistry = { contentType: textType, metrics: async () => '# TYPE "a.b" gauge\n{"a.b","c.d"="1"} 1\n' }
    const url = await start(registry)
    const bodyFor = async (accept: string) => (await ask(url, { headers: { accept } })).body.toString()
    expect(await bodyFor('text/plain')).toBe('# TYPE a_b gauge\na_b{c_d="1"} 1\n')
    expect(await bodyFor('*/*')).toBe('# TYPE a_b gauge\na_b{c_d="1"} 1\n')
    expect((await ask(url)).body.toString()).toBe('# TYPE a_b gauge\na_b{c_d="1"} 1\n')
    expect((await ask(await start(registry, { negotiate: false }))).body.toString()).toBe('# TYPE "a.b" gauge\n{"a.b","c.d"="1"} 1\n')
    expect(await bodyFor('text/plain;version=1.0.0;escaping=allow-utf-8')).toBe('# TYPE "a.b" gauge\n{"a.b","c.d"="1"} 1\n')
    expect(await bodyFor('text/plain;escaping=dots')).toBe('# TYPE a_dot_b gauge\na_dot_b{c_dot_d="1"} 1\n')
  })

  test('of a page that cannot be read is what the registry has; the log says why', async () => {
    const { lines, logger } = recordingLogger()
    const registry: MetricRegistry = { contentType: textType, metrics: async () => 'a one\n' }
    const { status, headers, body } = await ask(await start(registry, { logger }), { headers: { accept: prometheus3 } })
    expect([status, headers['content-type'], body.toString()]).toEqual([200, textType, 'a one\n'])
    expect(lines).toEqual([expect.stringMatching(/^warn: The metrics could not be read, and are exposed as the registry has them: /)])
  })
})

describe("the client's timeout", () => {
  test.each([
    ['10', 9_500],
    ['1', 900],
    ['0.2', 180],
  ])('of %s s is answered with 503 after %s ms; others go on waiting', async (seconds, waitMs) => {
    const clock = createFakeClock()
    const { lines, logger } = recordingLogger()
    const { registry, pending } = pendingRegistry()
    const url = await start(registry, { clock, logger, collectTimeoutMs: 60_000 })
    const patient = ask(url)
    const hurried = ask(url, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': seconds } })
    await arrived(url)
    await clock.advance(waitMs - 1)
    expect(lines).toEqual([])
    await clock.advance(1)
    const { status, body } = await hurried
    const text = `The metrics were not collected within ${waitMs} ms; the scrape is given up by its client after ${seconds} s.\n`
    expect([status, body.toString()]).toEqual([503, text])
    expect(lines).toEqual([`warn: A scrape was answered with 503: the metrics were not collected within ${waitMs} ms.`])
    expect(pending).toHaveLength(1)
    pending[0]!.resolve('up 1\n')
    expect((await patient).body.toString()).toBe('up 1\n')
    expect(clock.timers).toBe(0)
  })

  test.each(['', 'soon', '0', '-1', 'NaN', '1e999'])('of %j is none', async (seconds) => {
    const { registry, pending } = pendingRegistry()
    const clock = createFakeClock()
    const url = await start(registry, { clock })
    const scrape = ask(url, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': seconds } })
    await arrived(url)
    await clock.advance(9_999)
    pending[0]!.resolve('up 1\n')
    expect((await scrape).status).toBe(200)
  })
})

describe('a gathering', () => {
  test('that fails fails for all who wait, is logged once, and the next begins anew', async () => {
    const { lines, logger } = recordingLogger()
    const { registry, pending } = pendingRegistry()
    const url = await start(registry, { logger })
    const first = ask(url)
    await arrived(url)
    const joined = ask(url)
    await arrived(url)
    pending[0]!.reject(new Error('down'))
    expect([(await first).status, (await joined).status]).toEqual([503, 503])
    expect(lines).toEqual(['error: The metrics could not be collected.'])
    const next = ask(url)
    await arrived(url)
    pending[1]!.resolve('up 1\n')
    expect((await next).body.toString()).toBe('up 1\n')
  })

  test('that throws at once fails one scrape, not all that come after', async () => {
    let broken = true
    const metrics = (): Promise<string> => {
      if (broken) throw new Error('at once')
      return Promise.resolve('up 1\n')
    }
    const url = await start({ contentType: textType, metrics })
    expect((await ask(url)).status).toBe(503)
    broken = false
    expect((await ask(url)).status).toBe(200)
  })

  test('that gives no text fails, and the log says so', async () => {
    const errors: unknown[] = []
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (facts) => errors.push(facts) }
    const registry = new Registry()
    // What a program without types may do.
    Object.defineProperty(registry, 'metrics', { value: async () => undefined })
    expect((await ask(await start(registry, { logger }))).status).toBe(503)
    expect(errors).toMatchObject([{ error: { code: 'contract', message: 'metrics() of the registry gave no text but undefined' } }])
  })

  test('is not begun while eight that were given up have not ended, so that a metric that hangs fills no memory', async () => {
    const clock = createFakeClock()
    const errors: unknown[] = []
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (facts) => errors.push(facts) }
    const { registry, pending } = pendingRegistry()
    const url = await start(registry, { clock, logger })
    for (let i = 0; i < 8; i++) {
      const stuck = ask(url)
      await arrived(url)
      await clock.advance(10_000)
      expect((await stuck).status).toBe(503)
    }
    expect((await ask(url)).status).toBe(503)
    expect(pending).toHaveLength(8)
    expect(errors.at(-1)).toMatchObject({ error: { code: 'unavailable', message: '8 collections that were given up have not ended' } })
    pending[0]!.resolve('up 1\n')
    const next = ask(url)
    await arrived(url)
    pending[8]!.resolve('up 2\n')
    expect((await next).body.toString()).toBe('up 2\n')
  })

  test('whose client has gone away ends without an answer', async () => {
    const { registry, pending } = pendingRegistry()
    const self = new Registry()
    const url = await start(registry, { selfRegistry: self })
    const { host, port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`GET /metrics HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    await once(socket, 'connect')
    await expect.poll(() => pending).toHaveLength(1)
    socket.destroy()
    await expect.poll(() => self.getSingleMetricAsString('promhttp_metric_handler_requests_in_flight')).toMatch(/in_flight 0$/)
    pending[0]!.resolve('up 1\n')
    await arrived(url)
    expect(await self.getSingleMetricAsString('promhttp_metric_handler_requests_total')).toMatch(/code="200"\} 0\n/)
  })

  test('is not begun for a client that has gone away before', async () => {
    const { registry, pending } = pendingRegistry()
    const self = new Registry()
    const handler = createExporterHandler({ registry, selfRegistry: self })
    let handled = false
    const server = createServer((request, response) => {
      socket.destroy()
      response.once('close', () => {
        void handler(request, response).then(() => {
          handled = true
        })
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
    await expect.poll(() => handled).toBe(true)
    expect(pending).toEqual([])
    expect(await self.getSingleMetricAsString('promhttp_metric_handler_requests_in_flight')).toMatch(/in_flight 0$/)
    server.close()
  })
})

describe('limits', () => {
  test('more scrapes than may be under way are answered with 503', async () => {
    const { registry, pending } = pendingRegistry()
    const url = await start(registry, { maxRequestsInFlight: 2 })
    const scrapes = [ask(url), ask(url)]
    await arrived(url)
    const { status, headers, body } = await ask(url)
    const text = '2 scrapes are under way, which is the limit of this exporter; try again later.\n'
    expect([status, headers['retry-after'], body.toString()]).toEqual([503, '1', text])
    pending[0]!.resolve('up 1\n')
    await Promise.all(scrapes)
    const later = ask(url)
    await arrived(url)
    pending[1]!.resolve('up 1\n')
    expect((await later).status).toBe(200)
  })

  test('a client that does not read its page is cut off', async () => {
    const clock = createFakeClock()
    const { lines, logger } = recordingLogger()
    // More than the sockets of both sides hold.
    const page = `a{x="${'x'.repeat(32 * 1024 * 1024)}"} 1\n`
    const url = await start({ contentType: textType, metrics: async () => page }, { clock, logger, responseTimeoutMs: 5_000 })
    const { host, port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`GET /metrics HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    await once(socket, 'readable')
    await clock.advance(5_000)
    expect(lines).toEqual(['warn: A scrape was cut off: its answer was not read within 5000 ms.'])
    socket.on('error', () => {}).resume()
    await once(socket, 'close')
    expect(socket.bytesRead).toBeLessThan(page.length)
  })

  test('no registry is refused as well', () => {
    const nothing: object = { registry: undefined }
    expect(() => createExporterHandler(Object.assign({ registry: new Registry() }, nothing))).toThrow(
      'exporter: the registry must have a contentType and metrics()',
    )
  })

  test.each(['contentType', 'metrics'])('a registry without %s is refused, before a scrape finds out', async (member) => {
    const registry = new Registry()
    // What a program without types may do.
    Object.defineProperty(registry, member, { value: undefined })
    const message = "exporter: the registry must have a contentType and metrics(), as prom-client's has"
    await expect(createExporter({ listen: '127.0.0.1:0', registry })).rejects.toMatchObject({ code: 'options', message })
  })

  test.each(['collectTimeoutMs', 'maxRequestsInFlight', 'responseTimeoutMs'])('%s out of range is refused', async (option) => {
    const created = createExporter({ listen: '127.0.0.1:0', registry: new Registry(), [option]: 0 })
    await expect(created).rejects.toMatchObject({ code: 'options', message: `exporter: ${option} must be from 1 to 2147483647, not 0` })
  })
})

describe('/-/ready', () => {
  test.each<[what: string, ready: ExporterOptions['ready'], status: number, text: string]>([
    ['nothing is asked', undefined, 200, 'The exporter is ready.\n'],
    ['it is', () => true, 200, 'The exporter is ready.\n'],
    ['it is, later', async () => true, 200, 'The exporter is ready.\n'],
    ['it is not', async () => false, 503, 'The exporter is not ready.\n'],
    ['it is not, for a reason', () => 'no rate was fetched yet', 503, 'The exporter is not ready: no rate was fetched yet.\n'],
    [
      'the check throws',
      () => {
        throw new Error('secret')
      },
      503,
      'The exporter is not ready: the check failed; the log of the exporter says why.\n',
    ],
  ])('where %s', async (_what, ready, status, text) => {
    const { lines, logger } = recordingLogger()
    const url = await start(new Registry(), { logger, ...(ready && { ready }) })
    const answered = await ask(url.replace('/metrics', '/-/ready'))
    expect([answered.status, answered.body.toString()]).toEqual([status, text])
    expect(lines).toEqual(_what === 'the check throws' ? ['error: The check of readiness failed: secret'] : [])
  })

  test('where the check hangs', async () => {
    const clock = createFakeClock()
    const url = await start(new Registry(), { clock, ready: () => new Promise(() => {}) })
    const answered = ask(url.replace('/metrics', '/-/ready'))
    await arrived(url)
    await clock.advance(900)
    expect((await answered).body.toString()).toBe('The exporter is not ready: the check did not answer within 900 ms.\n')
  })
})

describe('the metrics about itself', () => {
  test('count answers by status and failures by cause, also in the registry that is exposed', async () => {
    const registry = new Registry()
    let broken = false
    new Gauge({
      name: 'up',
      help: 'Up',
      registers: [registry],
      collect() {
        if (broken) throw new Error('down')
        this.set(1)
      },
    })
    const url = await start(registry, { selfRegistry: registry })
    await ask(url)
    broken = true
    await ask(url)
    await arrived(url)
    broken = false
    const lines = (await ask(url)).body.toString().split('\n')
    expect(lines.filter((line) => line.startsWith('promhttp_'))).toEqual([
      'promhttp_metric_handler_requests_total{code="200"} 1',
      'promhttp_metric_handler_requests_total{code="500"} 0',
      'promhttp_metric_handler_requests_total{code="503"} 1',
      'promhttp_metric_handler_requests_in_flight 1',
      'promhttp_metric_handler_errors_total{cause="encoding"} 0',
      'promhttp_metric_handler_errors_total{cause="gathering"} 1',
    ])
  })

  test('go with the exporter, and where it cannot listen', async () => {
    const selfRegistry = new Registry()
    const exporter = await createExporter({ listen: '127.0.0.1:0', registry: new Registry(), selfRegistry })
    expect(selfRegistry.getMetricsAsArray()).toHaveLength(3)
    const taken = createExporter({ listen: new URL(exporter.url).host, registry: new Registry(), selfRegistry: new Registry() })
    await expect(taken).rejects.toMatchObject({ code: 'address' })
    await exporter.close()
    expect(selfRegistry.getMetricsAsArray()).toEqual([])
  })
})

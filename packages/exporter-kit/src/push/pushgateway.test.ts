import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type Clock, isPromlineError, type Logger, Secret, systemClock } from '@promline/core'
import { Counter, Gauge, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { atEnd, type FakeAnswer, startFakePushgateway, status } from './fake-pushgateway.test.helper.js'
import { createPushgateway, type Pushgateway } from './pushgateway.js'
import type { PushgatewayOptions } from './pushgateway-options.js'

const page = '# HELP a A\n# TYPE a gauge\na 1\n'
const registry: MetricRegistry = { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: async () => page }

function connect(url: string, options: Partial<PushgatewayOptions> = {}): Pushgateway {
  const gateway = createPushgateway({ url, random: () => 0, ...options })
  atEnd(() => gateway.close())
  return gateway
}

/** A clock on which every delay is over at once; the deadline, which is asked for first, only when the delays add up to it. */
function hurriedClock(): { clock: Clock; delaysMs: number[] } {
  const delaysMs: number[] = []
  let nowMs = 0
  const clock: Clock = {
    nowMs: () => 1_700_000_000_000 + nowMs,
    monotonicMs: () => nowMs,
    schedule(delayMs, callback) {
      if (delayMs === 30_000) return () => {}
      delaysMs.push(delayMs)
      nowMs += delayMs
      setImmediate(callback)
      return () => {}
    },
  }
  return { clock, delaysMs }
}

/** `code: message`, without the port. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!isPromlineError(error)) throw error
  return `${error.code}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, 'gateway')}`
}

describe('a push', () => {
  test('is a PUT of the text to the path of the group', async () => {
    const { url, requests } = await startFakePushgateway()
    await connect(url).push({ job: 'nightly', grouping: { instance: 'airflow', path: '/var/tmp' }, registry })
    expect(requests).toMatchObject([{ method: 'PUT', path: '/metrics/job/nightly/instance/airflow/path@base64/L3Zhci90bXA', body: page }])
    expect(requests[0]!.headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': String(page.length),
      'user-agent': expect.stringMatching(/^promline\//),
    })
    expect(requests[0]!.headers).not.toHaveProperty('content-encoding')
  })

  test('is a POST where it is added, and a DELETE without a body where the group goes', async () => {
    const { url, requests } = await startFakePushgateway(status(200), status(202))
    const gateway = connect(url)
    await gateway.add({ job: 'j', registry })
    await gateway.delete({ job: 'j', grouping: { instance: '' } })
    expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/metrics/job/j', page],
      ['DELETE', '/metrics/job/j/instance@base64/=', ''],
    ])
    expect(requests[1]!.headers).not.toHaveProperty('content-type')
  })

  test('takes a registry of prom-client', async () => {
    const { url, requests } = await startFakePushgateway()
    const metrics = new Registry()
    new Counter({ name: 'rows_total', help: 'Rows', labelNames: ['table'], registers: [metrics] }).inc({ table: 't' }, 3)
    new Gauge({ name: 'odd', help: 'Odd', registers: [metrics] }).set(Number.NaN)
    await connect(url).push({ job: 'j', registry: metrics })
    expect(requests[0]!.body).toBe(await metrics.metrics())
  })

  test.each(['', '/', '/gateway', '/gateway/'])('goes below the path of the url: %j', async (path) => {
    const { url, requests } = await startFakePushgateway()
    await connect(url + path).push({ job: 'j', registry })
    expect(requests[0]!.path).toBe(`${path.replace(/\/$/, '')}/metrics/job/j`)
  })

  test('is compressed on demand', async () => {
    const { url, requests } = await startFakePushgateway()
    await connect(url, { gzip: true }).push({ job: 'j', registry })
    expect(requests[0]).toMatchObject({ body: page, headers: { 'content-encoding': 'gzip' } })
  })

  test.each<[string, Partial<PushgatewayOptions>, string, string | undefined]>([
    ['of the options', { http: { basicAuth: { username: 'u', password: { value: new Secret('p') } } } }, '', 'Basic dTpw'],
    ['a bearer token', { http: { authorization: { credentials: { value: new Secret('t') } } } }, '', 'Bearer t'],
    ['of the url', {}, 'u:p%40@', 'Basic dTpwQA=='],
    [
      'of the options before those of the url',
      { http: { authorization: { credentials: { value: new Secret('t') } } } },
      'u:p@',
      'Bearer t',
    ],
    ['none', {}, '', undefined],
  ])('has the credentials %s', async (_name, options, user, header) => {
    const { url, requests } = await startFakePushgateway()
    await connect(url.replace('//', `//${user}`), options).push({ job: 'j', registry })
    expect(requests[0]!.headers.authorization).toBe(header)
  })

  test('has headers of the options', async () => {
    const { url, requests } = await startFakePushgateway()
    await connect(url, { http: { headers: { 'X-Scope-OrgID': 'team' } } }).push({ job: 'j', registry })
    expect(requests[0]!.headers['x-scope-orgid']).toBe('team')
  })
})

describe('an answer', () => {
  test.each([200, 202])('%d is a success', async (code) => {
    const { url, requests } = await startFakePushgateway(status(code))
    await connect(url).push({ job: 'j', registry })
    expect(requests).toHaveLength(1)
  })

  test.each<[string, FakeAnswer, string]>([
    ['201', status(201), 'status: PUT http://gateway/metrics/job/j: 201 Created'],
    ['204', status(204), 'status: PUT http://gateway/metrics/job/j: 204 No Content'],
    [
      '301 elsewhere',
      status(301, 'Moved', { location: '/metrics/job/j/instance' }),
      'status: PUT http://gateway/metrics/job/j: 301 Moved Permanently to http://gateway/metrics/job/j/instance: a push follows no redirect, which may lose its body; set url to the Pushgateway itself',
    ],
    [
      '307 with a secret',
      status(307, '', { location: 'https://u:secret@other/metrics?token=secret' }),
      'status: PUT http://gateway/metrics/job/j: 307 Temporary Redirect to https://other/metrics: a push follows no redirect, which may lose its body; set url to the Pushgateway itself',
    ],
    [
      '302 to nowhere',
      status(302, '', { location: 'http://[' }),
      'status: PUT http://gateway/metrics/job/j: 302 Found to <invalid URL>: a push follows no redirect, which may lose its body; set url to the Pushgateway itself',
    ],
    ['304', status(304), 'status: PUT http://gateway/metrics/job/j: 304 Not Modified'],
    [
      '400 with the reason',
      status(400, 'pushed metrics are invalid:\n* metric "x"\n'),
      'status: PUT http://gateway/metrics/job/j: 400 Bad Request: pushed metrics are invalid: * metric "x"',
    ],
    ['401', status(401, 'Unauthorized'), 'status: PUT http://gateway/metrics/job/j: 401 Unauthorized: Unauthorized'],
    ['404', status(404), 'status: PUT http://gateway/metrics/job/j: 404 Not Found'],
    ['413', status(413, '\u001b[31mno\u0000'), 'status: PUT http://gateway/metrics/job/j: 413 Payload Too Large: [31mno'],
    [
      '400 with a long page',
      status(400, 'x'.repeat(10_000)),
      `status: PUT http://gateway/metrics/job/j: 400 Bad Request: ${'x'.repeat(500)}...`,
    ],
    ['499', status(499), 'status: PUT http://gateway/metrics/job/j: 499'],
    [
      '400 with an endless page',
      (response) => {
        response.writeHead(400)
        const write = (): boolean => response.write(Buffer.alloc(65_536))
        response.on('drain', write)
        write()
      },
      'limit: PUT http://gateway/metrics/job/j: the body reaches the limit of 1048576 bytes',
    ],
  ])('%s is refused at once', async (_name, answer, message) => {
    const { url, requests } = await startFakePushgateway(answer)
    expect(await failure(connect(url).push({ job: 'j', registry }))).toBe(message)
    expect(requests).toHaveLength(1)
  })

  test('a refusal has its facts', async () => {
    const { url } = await startFakePushgateway(status(308, '', { location: '/x' }))
    await expect(connect(url).delete({ job: 'j' })).rejects.toMatchObject({
      code: 'status',
      facts: { method: 'DELETE', url: `${url}/metrics/job/j`, status: 308, location: `${url}/x` },
    })
  })

  test('a redirect is not followed, be it one without a body', async () => {
    const { url, requests } = await startFakePushgateway(status(307, '', { location: '/metrics/job/other' }))
    await expect(connect(url).delete({ job: 'j' })).rejects.toThrow('307')
    expect(requests).toHaveLength(1)
  })
})

describe('a failure that may pass', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('%d is tried again with the same body', async (code) => {
    const { url, requests } = await startFakePushgateway(status(code), status(code), status(200))
    let collections = 0
    const counted = { ...registry, metrics: async () => `a ${++collections}\n` }
    await connect(url).push({ job: 'j', registry: counted })
    expect(requests.map(({ body }) => body)).toEqual(['a 1\n', 'a 1\n', 'a 1\n'])
  })

  test('pauses grow, and are logged', async () => {
    const { url } = await startFakePushgateway(...Array.from({ length: 7 }, () => status(503, 'starting')), status(200))
    const warnings: string[] = []
    const logger: Logger = { debug() {}, info() {}, warn: (_facts, message) => warnings.push(message), error() {} }
    const { clock, delaysMs } = hurriedClock()
    await connect(url, { clock, logger, random: () => 0.999 }).push({ job: 'j', registry })
    expect(delaysMs).toEqual([200, 400, 800, 1_599, 3_197, 4_995, 4_995])
    expect(warnings[0]).toBe(`A push failed and is tried again in 200 ms: PUT ${url}/metrics/job/j: 503 Service Unavailable: starting`)
  })

  test.each([
    ['seconds', '7', 7_000],
    ['a date', new Date(1_700_000_009_000).toUTCString(), 9_000],
  ])('Retry-After counts: %s', async (_name, value, delayMs) => {
    const { url } = await startFakePushgateway(status(429, '', { 'retry-after': value }), status(200))
    const { clock, delaysMs } = hurriedClock()
    await connect(url, { clock }).push({ job: 'j', registry })
    expect(delaysMs).toEqual([delayMs])
  })

  test('is told where the deadline has no room for another attempt', async () => {
    const { url, requests } = await startFakePushgateway(status(503, 'no leader', { 'retry-after': '31' }))
    const { clock } = hurriedClock()
    expect(await failure(connect(url, { clock }).push({ job: 'j', registry }))).toBe(
      'status: PUT http://gateway/metrics/job/j: 503 Service Unavailable: no leader (given up after 1 attempt: the deadline of 30000 ms has no room for another)',
    )
    expect(requests).toHaveLength(1)
  })

  test('is told after the last of many attempts', async () => {
    const { url, requests } = await startFakePushgateway(status(500))
    const { clock } = hurriedClock()
    const pushed = connect(url, { clock, random: () => 0.999 }).add({ job: 'j', registry })
    expect(await failure(pushed)).toBe(
      'status: POST http://gateway/metrics/job/j: 500 Internal Server Error (given up after 10 attempts: the deadline of 30000 ms has no room for another)',
    )
    expect(requests).toHaveLength(10)
  })

  async function startRaw(onConnection: (socket: Socket, count: number) => void): Promise<string> {
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.on('error', () => {})
      onConnection(socket, connections)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => sockets.add(socket))
    atEnd(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const address = server.address()
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  }

  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'
  test.each<[string, (socket: Socket) => void]>([
    ['a reset connection', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['a closed connection', (socket) => socket.once('data', () => socket.end())],
    ['half an answer', (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab'))],
    ['what is not HTTP', (socket) => socket.once('data', () => socket.end('220 mail ESMTP\r\n'))],
    ['silence', () => {}],
  ])('%s is tried again', async (_name, behave) => {
    let tries = 0
    const url = await startRaw((socket, count) => {
      tries = count
      if (count === 1) behave(socket)
      else socket.once('data', () => socket.write(ok))
    })
    await connect(url, { timeoutMs: 500 }).push({ job: 'j', registry })
    expect(tries).toBe(2)
  })

  test('a server that does not listen is told', async () => {
    const { clock } = hurriedClock()
    const message = await failure(connect('http://127.0.0.1:1', { clock, random: () => 0.999 }).push({ job: 'j', registry }))
    expect(message).toBe(
      'connect: PUT http://gateway/metrics/job/j: connection refused (given up after 10 attempts: the deadline of 30000 ms has no room for another)',
    )
  })

  test('a server that never answers ends with the deadline', async () => {
    const url = await startRaw(() => {})
    expect(await failure(connect(url, { deadlineMs: 100 }).push({ job: 'j', registry }))).toBe(
      'timeout: PUT http://gateway/metrics/job/j: no answer within 100 ms',
    )
  })

  test('a server that does not speak TLS is for a person, and not tried again', async () => {
    const { url, requests } = await startFakePushgateway()
    const message = await failure(connect(url.replace('http:', 'https:')).push({ job: 'j', registry }))
    expect(message).toBe('tls: PUT https://gateway/metrics/job/j: the peer does not speak TLS')
    expect(requests).toEqual([])
  })
})

describe('the caller', () => {
  test('is refused a group and a registry before anything is sent', async () => {
    const { url, requests } = await startFakePushgateway()
    const gateway = connect(url)
    await expect(gateway.push({ job: '', registry })).rejects.toMatchObject({ code: 'options', message: 'push: the job must not be empty' })
    await expect(gateway.delete({ job: 'j', grouping: { job: 'k' } })).rejects.toMatchObject({ code: 'options' })
    await expect(gateway.add({ job: 'j', registry: { ...registry, metrics: async () => 'a 1 1\n' } })).rejects.toMatchObject({
      code: 'encode',
    })
    const broken = new Error('broken')
    await expect(gateway.push({ job: 'j', registry: { ...registry, metrics: () => Promise.reject(broken) } })).rejects.toBe(broken)
    expect(requests).toEqual([])
  })

  test('is told of a registry that is not collected', async () => {
    const stuck = { ...registry, metrics: () => new Promise<string>(() => {}) }
    expect(await failure(connect('http://127.0.0.1:1', { deadlineMs: 20 }).push({ job: 'j', registry: stuck }))).toBe(
      'timeout: PUT http://gateway/metrics/job/j: the registry was not collected within 20 ms',
    )
  })

  test.each(['before', 'during a request', 'during a pause'])('can give up: %s', async (when) => {
    const controller = new AbortController()
    const giveUp = (): void => controller.abort(new Error('stopping'))
    const { url } = await startFakePushgateway((response) => {
      if (when === 'during a request') giveUp()
      else response.writeHead(503).end()
    })
    if (when === 'before') giveUp()
    const clock: Clock = {
      ...systemClock,
      schedule: (delayMs, callback) => {
        if (delayMs === 30_000) return systemClock.schedule(delayMs, callback)
        giveUp()
        return () => {}
      },
    }
    const pushed = connect(url, { clock }).push({ job: 'j', registry, signal: controller.signal })
    await expect(pushed).rejects.toMatchObject({
      code: 'unavailable',
      message: `PUT ${url}/metrics/job/j: given up by the caller`,
      cause: new Error('stopping'),
    })
  })

  test('cannot push after close()', async () => {
    const { url, requests } = await startFakePushgateway()
    const gateway = connect(url)
    await gateway.close()
    await gateway.close()
    expect(await failure(gateway.push({ job: 'j', registry }))).toBe('closed: the Pushgateway client is closed')
    expect(requests).toEqual([])
  })

  test.each(['collected', 'answered', 'tried again'])('may close while a push is being %s: that ends first', async (state) => {
    let closed: Promise<void> | undefined
    const close = (): void => {
      closed = gateway.close()
    }
    const { url, requests } = await startFakePushgateway((response) => {
      if (state === 'answered') close()
      response.writeHead(state === 'tried again' ? 503 : 200).end()
    }, status(200))
    const logger: Logger = { debug() {}, info() {}, warn: close, error() {} }
    const gateway = connect(url, { logger })
    const collected: MetricRegistry = {
      ...registry,
      async metrics() {
        await Promise.resolve()
        if (state === 'collected') close()
        return page
      },
    }
    await gateway.push({ job: 'j', registry: collected })
    await closed
    expect(requests).toHaveLength(state === 'tried again' ? 2 : 1)
  })
})

describe('createPushgateway()', () => {
  test.each<[Partial<PushgatewayOptions>, string]>([
    [{ url: 'localhost:9091' }, 'Pushgateway: url is not an absolute http or https URL'],
    [{ url: 'pushgateway' }, 'Pushgateway: url is not an absolute http or https URL'],
    [{ url: 'http://u:secret@h:99999' }, 'Pushgateway: url is not an absolute http or https URL'],
    [{ url: ' http://h' }, 'Pushgateway: url is not an absolute http or https URL'],
    [{ url: 'http://u:50%@h' }, 'Pushgateway: url has a login that is not percent-encoded: "%" is written %25'],
    [{ url: 'http://h?x=1' }, 'Pushgateway: url must have neither a query nor a fragment'],
    [{ url: 'http://h/?' }, 'Pushgateway: url must have neither a query nor a fragment'],
    [{ url: 'http://h#x' }, 'Pushgateway: url must have neither a query nor a fragment'],
    [{ timeoutMs: 0 }, 'Pushgateway: timeoutMs must be from 1 to 2147483647, not 0'],
    [{ deadlineMs: Number.NaN }, 'Pushgateway: deadlineMs must be from 1 to 2147483647, not NaN'],
    [{ timeoutMs: JSON.parse('"5"') }, 'Pushgateway: timeoutMs must be from 1 to 2147483647, not 5'],
    [{ http: { headers: { authorization: 'x' } } }, 'header "authorization" is reserved'],
  ])('refuses %j', (options, message) => {
    expect(() => createPushgateway({ url: 'http://h', ...options })).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})

import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { answer } from './answer.js'
import { createHttpListener, type HttpListener, type HttpListenerOptions } from './listener.js'
import { readRequestBody } from './request-body.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function serve(handler: HttpListenerOptions['handler'], options: Partial<HttpListenerOptions> = {}): Promise<HttpListener> {
  const listener = await createHttpListener({ name: 'test', listen: '127.0.0.1:0', handler, ...options })
  cleanups.push(() => listener.close({ deadlineMs: 0 }))
  return listener
}

/** Status, headers and body of one request on a connection of its own. */
async function fetchText(url: string, options: { method?: string; body?: string | Buffer } = {}) {
  const request = httpRequest(url, { method: options.method ?? (options.body === undefined ? 'GET' : 'POST'), agent: false })
  request.on('error', () => {}).end(options.body)
  const [response] = await once(request, 'response')
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

describe('createHttpListener', () => {
  test('takes a free port and serves', async () => {
    const { url } = await serve((request, response) => answer(response, 200, `you asked for ${request.url}`))
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await fetchText(`${url}/x`)).toMatchObject({ status: 200, body: 'you asked for /x\n' })
  })

  test('listens on all addresses', async () => {
    expect((await serve(() => {}, { listen: ':0' })).url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
  })

  test('says that the port is in use', async () => {
    const { url } = await serve(() => {})
    const { host } = new URL(url)
    const error = await createHttpListener({ name: 'exporter', listen: host, handler: () => {} }).catch((thrown: unknown) => thrown)
    expect(isPromlineError(error, 'address')).toBe(true)
    expect(error).toMatchObject({
      message: `exporter: cannot listen on ${host}: the port is in use (stop what listens there, or choose another)`,
      facts: { listen: host },
    })
  })

  const unusable: [listen: string, message: string | RegExp][] = [
    ['192.0.2.1:0', 'exporter: cannot listen on 192.0.2.1:0: this machine does not have the address'],
    ['8000', 'listen address "8000" is not host:port, [IPv6]:port or :port'],
  ]
  test.each(unusable)('cannot listen on %s', async (listen, message) => {
    await expect(createHttpListener({ name: 'exporter', listen, handler: () => {} })).rejects.toMatchObject({ code: 'address', message })
  })

  const failures: [name: string, handler: HttpListenerOptions['handler']][] = [
    [
      'throws',
      () => {
        throw new Error('canary')
      },
    ],
    ['rejects', () => Promise.reject(new Error('canary'))],
  ]
  test.each(failures)('a handler that %s is answered with 500 without detail, and logged', async (_name, handler) => {
    const logged: string[] = []
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_facts, message) => void logged.push(message) }
    const { url } = await serve(handler, { logger })
    expect(await fetchText(url)).toMatchObject({ status: 500, body: 'internal error\n' })
    expect(logged).toEqual(['test: a request failed: canary'])
  })

  test('a handler that fails in the middle ends the connection', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200).write('half')
      throw new Error('late')
    })
    await expect(fetchText(url)).rejects.toThrow(/aborted|socket hang up/)
  })

  test('close lets a request end, takes no other, and does not wait for kept connections', async () => {
    let waiting: ServerResponse | undefined
    const listener = await serve((_request, response) => {
      waiting = response
    })
    const { hostname, port } = new URL(listener.url)
    const socket = connect(Number(port), hostname)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const response = once(socket, 'data')
    await expect.poll(() => waiting).toBeDefined()
    const closed = listener.close()
    await expect(fetchText(listener.url)).rejects.toThrow('ECONNREFUSED')
    if (waiting !== undefined) answer(waiting, 200, 'done')
    expect(String((await response)[0])).toContain('done')
    await closed
    expect(listener.close()).toBe(closed)
  })

  test('close ends what is left at its deadline', async () => {
    let entered = false
    const listener = await serve(() => {
      entered = true
    })
    const failed = expect(fetchText(listener.url)).rejects.toThrow('socket hang up')
    await expect.poll(() => entered).toBe(true)
    await listener.close({ deadlineMs: 50 })
    await failed
  })

  const slow: [name: string, sent: string, options: Partial<HttpListenerOptions>][] = [
    ['headers', 'POST / HTTP/1.1\r\nhost: ', { headersTimeoutMs: 100 }],
    ['body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1', { headersTimeoutMs: 100, requestTimeoutMs: 100 }],
  ]
  test.each(slow)('a client that is slow with its %s is given up', async (_name, sent, options) => {
    const { url } = await serve(() => {}, options)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(sent)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  })

  test('more connections than allowed are dropped', async () => {
    const { url } = await serve(() => {}, { maxConnections: 1 })
    const port = Number(new URL(url).port)
    const first = connect(port, '127.0.0.1')
    cleanups.push(() => first.destroy())
    await once(first, 'connect')
    const second = connect(port, '127.0.0.1')
    second.on('error', () => {})
    await once(second, 'close')
    expect(first.destroyed).toBe(false)
  })
})

describe('readRequestBody', () => {
  const read = (options: Partial<Parameters<typeof readRequestBody>[1]> = {}) =>
    serve(async (request, response) => {
      try {
        const body = await readRequestBody(request, { maxBytes: 10, timeoutMs: 10_000, ...options })
        answer(response, 200, Buffer.from(body).toString())
      } catch (error) {
        if (!isPromlineError(error)) throw error
        answer(response, Number(error.facts['status']), `${error.code}: ${error.message}`)
      }
    })

  test('ends where a body is not admitted any further', async () => {
    const asked: number[] = []
    const { url } = await read({
      admit: (bytes) => {
        asked.push(bytes)
        return bytes < 5
      },
    })
    expect(await fetchText(url, { body: '01234' })).toMatchObject({
      status: 503,
      body: 'limit: there is no room for more of the request body\n',
    })
    expect(asked).toEqual([5])
    expect(await fetchText(url, { body: '0123' })).toMatchObject({ status: 200 })
  })

  test('reads a whole body, up to the limit', async () => {
    const { url } = await read()
    expect(await fetchText(url, { body: '0123456789' })).toMatchObject({ status: 200, body: '0123456789\n' })
    expect(await fetchText(url, { method: 'POST' })).toMatchObject({ status: 200, body: '' })
  })

  test('413 by its content-length; the client that still sends reads the answer', async () => {
    const { url } = await read()
    const answered = await fetchText(url, { body: Buffer.alloc(5_000_000) })
    expect(answered).toMatchObject({
      status: 413,
      headers: { connection: 'close' },
      body: 'limit: the request body is larger than 10 bytes\n',
    })
  })

  test('413 by counting', async () => {
    const { url } = await read()
    const request = httpRequest(url, { method: 'POST', agent: false, headers: { 'transfer-encoding': 'chunked' } })
    request.write('012345')
    request.end('67890')
    const [response] = await once(request, 'response')
    expect(response.statusCode).toBe(413)
    expect(await text(response)).toBe('limit: the request body is larger than 10 bytes\n')
  })

  test('408 for a body that does not come', async () => {
    const { url } = await read({ timeoutMs: 100 })
    const request = httpRequest(url, { method: 'POST', agent: false, headers: { 'content-length': '5' } })
    request.on('error', () => {}).write('0')
    const [response] = await once(request, 'response')
    expect(response.statusCode).toBe(408)
    expect(await text(response)).toBe('timeout: the request body did not come within 100 ms\n')
  })

  test('a client that goes away', async () => {
    let seen: unknown
    const { url } = await serve(async (request) => {
      seen = await readRequestBody(request, { maxBytes: 10, timeoutMs: 10_000 }).catch((error: unknown) => error)
    })
    const request = httpRequest(url, { method: 'POST', agent: false, headers: { 'content-length': '5' } })
    request.on('error', () => {}).write('0', () => setImmediate(() => request.destroy()))
    await expect.poll(() => seen).toMatchObject({ code: 'connect', message: 'the client went away before the end of its request body' })
  })

  test('a client that went away before the body was asked for, as while its password was hashed', async () => {
    let seen: unknown
    const { url } = await serve(async (request) => {
      await new Promise((resolve) => request.once('close', resolve))
      seen = await readRequestBody(request, { maxBytes: 10, timeoutMs: 10_000 }).catch((error: unknown) => error)
    })
    const request = httpRequest(url, { method: 'POST', agent: false, headers: { 'content-length': '5' } })
    request.on('error', () => {}).write('0', () => setImmediate(() => request.destroy()))
    await expect.poll(() => seen).toMatchObject({ code: 'connect', message: 'the client went away before the end of its request body' })
  })
})

describe('a client that waits to be asked for its body', () => {
  const readers: [name: string, read: (request: IncomingMessage) => Promise<unknown>][] = [
    ['readRequestBody', (request) => readRequestBody(request, { maxBytes: 10, timeoutMs: 10_000 })],
    ['an iteration', text],
  ]
  test.each(readers)('is asked once by %s, if at all', async (_, read) => {
    const { url } = await serve(async (request, response) => {
      if (request.headers.authorization === undefined) return answer(response, 401, 'who?')
      answer(response, 200, String(await read(request)).length.toString())
    })
    const ask = async (headers: Record<string, string>): Promise<string> => {
      const request = httpRequest(url, {
        method: 'POST',
        agent: false,
        headers: { expect: '100-continue', 'content-length': '5', ...headers },
      })
      let asked = 0
      request.on('continue', () => {
        asked++
        request.end('hello')
      })
      request.on('error', () => {}).flushHeaders()
      const [response] = await once(request, 'response')
      response.resume()
      request.destroy()
      return `${response.statusCode}, asked ${asked} times`
    }
    expect(await ask({})).toBe('401, asked 0 times')
    expect(await ask({ authorization: 'x' })).toBe('200, asked 1 times')
  })
})

describe('answer', () => {
  test('gives length, type and own headers, and keeps the connection', async () => {
    const { url } = await serve((_request, response) => answer(response, 429, 'slow down', { 'retry-after': '3' }))
    expect(await fetchText(url)).toMatchObject({
      status: 429,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': '10', 'retry-after': '3' },
      body: 'slow down\n',
    })
  })

  test('has no body for HEAD and 204', async () => {
    const { url } = await serve((request, response) => answer(response, request.method === 'HEAD' ? 200 : 204, 'text'))
    expect(await fetchText(url, { method: 'HEAD' })).toMatchObject({ status: 200, headers: { 'content-length': '5' }, body: '' })
    const empty = await fetchText(url)
    expect(empty).toMatchObject({ status: 204, body: '' })
    expect(empty.headers).not.toHaveProperty('content-length')
  })
})

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './client-options.js'
import { createHttpClient } from './http-client.js'
import { Secret } from './secret.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return address.port
}

async function listen(server: Server, sockets: Set<Socket> = new Set()): Promise<string> {
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${portOf(server)}`
}

const serveHttp = (handler: RequestListener, sockets?: Set<Socket>) => listen(createServer(handler), sockets)
/** Speaks without listening first: what a broken or hostile server says. */
const serveRaw = (onRequest: (socket: Socket) => void, sockets?: Set<Socket>) =>
  listen(
    createTcpServer((socket) => socket.on('data', () => onRequest(socket))),
    sockets,
  )

function createClient(options: HttpClientOptions = {}): HttpClient {
  const client = createHttpClient({ ...options, userAgent: 'promline/test' })
  cleanups.push(() => client.close())
  return client
}

function get(client: HttpClient, url: string, request: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  return client.request({ method: 'GET', url, timeoutMs: 10_000, maxBodyBytes: 1_000_000, ...request })
}

/** `code: message` of a request that must fail. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!isPromlineError(error)) throw error
  return `${error.code}: ${error.message}`
}

const textOf = (response: HttpResponse) => Buffer.from(response.body).toString('utf8')

describe('good servers', () => {
  test('gives status, headers and body, whatever the status', async () => {
    const url = await serveHttp((_request, response) => {
      response.writeHead(503, { 'X-Twice': ['a', 'b'], 'retry-after': '2' }).end('busy')
    })
    const response = await get(createClient(), `${url}/x`)
    expect(response).toMatchObject({ status: 503, headers: { 'x-twice': 'a, b', 'retry-after': '2' } })
    expect(textOf(response)).toBe('busy')
  })

  test('sends method, path, query, body and headers; the request may set its own', async () => {
    let seen: object | undefined
    const url = await serveHttp((request, response) => {
      text(request).then(
        (body) => {
          seen = { method: request.method, url: request.url, headers: request.headers, body }
          response.end()
        },
        () => response.destroy(),
      )
    })
    const client = createClient({ headers: { 'X-Scope-OrgID': 'tenant', 'X-Key': new Secret('k') } })
    const headers = { 'Content-Type': 'text/x', 'accept-encoding': 'identity' }
    await client.request({
      method: 'POST',
      url: `${url}/a%20b?c=d&e=%26`,
      headers,
      body: Buffer.from('hello'),
      timeoutMs: 10_000,
      maxBodyBytes: 100,
    })
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/a%20b?c=d&e=%26',
      body: 'hello',
      headers: {
        'user-agent': 'promline/test',
        'accept-encoding': 'identity',
        'content-type': 'text/x',
        'content-length': '5',
        'x-scope-orgid': 'tenant',
        'x-key': 'k',
      },
    })
  })

  test('inflates gzip, in several members too, and asks for it', async () => {
    const url = await serveHttp((request, response) => {
      const body = Buffer.concat([gzipSync(`${request.headers['accept-encoding']} `), gzipSync('twice')])
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body)
    })
    expect(textOf(await get(createClient(), url))).toBe('gzip twice')
  })

  test('an empty answer is not broken gzip', async () => {
    const url = await serveHttp((_request, response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end())
    expect((await get(createClient(), url)).body.length).toBe(0)
  })

  test('keeps connections, and tries once more where a kept one was closed', async () => {
    const sockets = new Set<Socket>()
    let connections = 0
    let requests = 0
    const server = createTcpServer((socket) => {
      connections++
      let onThisSocket = 0
      socket.on('data', () => {
        requests++
        // The second request on a connection finds it closed, as with a server whose idle timeout has just passed.
        if (++onThisSocket > 1) socket.end()
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      })
    })
    const url = await listen(server, sockets)
    const client = createClient()
    expect(textOf(await get(client, url))).toBe('ok')
    await nextTurn() // until then the connection counts as busy
    expect(textOf(await get(client, url))).toBe('ok')
    expect({ connections, requests }).toEqual({ connections: 2, requests: 3 })
  })

  test('is closed once', async () => {
    const client = createClient()
    await client.close()
    await client.close()
    expect(await failure(get(client, 'http://127.0.0.1:1/'))).toBe('closed: the HTTP client is closed')
  })
})

describe('limits and hostile servers', () => {
  const endless = async (head: string, piece: Buffer) => {
    const sockets = new Set<Socket>()
    const url = await serveRaw((socket) => {
      socket.write(head)
      const pump = () => {
        while (!socket.destroyed && socket.write(piece));
      }
      socket.on('drain', pump)
      pump()
    }, sockets)
    return { url, sockets }
  }
  const closed = (sockets: Set<Socket>) => expect.poll(() => sockets.size).toBe(0)

  test('an endless body ends at the limit, and its connection with it', async () => {
    const { url, sockets } = await endless('HTTP/1.1 200 OK\r\n\r\n', Buffer.alloc(65_536, 'a'))
    expect(await failure(get(createClient(), `${url}/m?token=canary`))).toBe(`limit: ${url}/m: the body reaches the limit of 1000000 bytes`)
    await closed(sockets)
  })

  test('a gzip bomb ends at the limit of what it inflates to', async () => {
    const url = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)))
    })
    const before = process.memoryUsage.rss()
    expect(await failure(get(createClient(), url))).toBe(`limit: ${url}/: the body reaches the limit of 1000000 bytes`)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
  })

  test('a content-length at the limit is refused before the body', async () => {
    const url = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n'))
    expect(await failure(get(createClient(), url))).toBe(`limit: ${url}/: the body reaches the limit of 1000000 bytes`)
  })

  test('one byte below the limit is taken', async () => {
    const url = await serveHttp((_request, response) => response.end('1234'))
    expect(textOf(await get(createClient(), url, { maxBodyBytes: 5 }))).toBe('1234')
    expect(await failure(get(createClient(), url, { maxBodyBytes: 4 }))).toBe(`limit: ${url}/: the body reaches the limit of 4 bytes`)
  })

  const slow: [phase: string, answer: string][] = [
    ['waiting for the answer', ''],
    ['waiting for the answer', 'HTTP/1.1 200 OK\r\nx-slow: '],
    ['reading the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1'],
    ['reading the body', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f'],
  ]
  test.each(slow)('a server that stops while the client is %s', async (phase, said) => {
    const sockets = new Set<Socket>()
    const url = await serveRaw((socket) => socket.write(said), sockets)
    const request = get(createClient(), url, { timeoutMs: 200 })
    expect(await failure(request)).toBe(`timeout: ${url}/: timed out after 200 ms while ${phase}`)
    await closed(sockets)
  })

  test('the caller may give up', async () => {
    const sockets = new Set<Socket>()
    const url = await serveRaw(() => {}, sockets)
    const controller = new AbortController()
    const request = failure(get(createClient(), url, { signal: controller.signal }))
    await expect.poll(() => sockets.size).toBe(1)
    controller.abort()
    expect(await request).toBe(`unavailable: ${url}/: given up by the caller`)
    await closed(sockets)
    expect(await failure(get(createClient(), url, { signal: controller.signal }))).toBe(`unavailable: ${url}/: given up by the caller`)
  })

  const broken: [expected: string, answer: string | Buffer, end?: 'end' | 'reset'][] = [
    ['connect: connection closed by the peer', '', 'end'],
    ['connect: connection closed by the peer', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1', 'end'],
    ['connect: connection reset by the peer', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1', 'reset'],
    ['protocol: Response does not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/)', 'hello\r\n\r\n'],
    [
      'protocol: Response does not match the HTTP/1.1 protocol (Invalid character in chunk size)',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
    ],
    ['limit: the headers of the answer are larger than 16 KiB', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
    ['protocol: the gzip body is broken', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello'],
    ['protocol: the gzip body ends too early', cutGzip()],
    [
      'protocol: the content-encoding "br" is not supported: only gzip is asked for',
      'HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx',
    ],
    [
      'protocol: the content-encoding "gzip, gzip" is not supported: only gzip is asked for',
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip, gzip\r\ncontent-length: 1\r\n\r\nx',
    ],
  ]
  test.each(broken)('%s', async (expected, said, end) => {
    const url = await serveRaw((socket) => {
      socket.write(said, () => {
        if (end === 'end') socket.end()
        // After the client has read what was written: a reset overtakes data that waits.
        if (end === 'reset') setTimeout(() => socket.resetAndDestroy(), 50)
      })
    })
    const [code, ...reason] = expected.split(': ')
    expect(await failure(get(createClient(), url))).toBe(`${code}: ${url}/: ${reason.join(': ')}`)
  })

  test('nobody listens', async () => {
    const server = createTcpServer()
    const url = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    expect(await failure(get(createClient(), url))).toBe(`connect: ${url}/: connection refused`)
  })

  const urls: [url: string, expected: string][] = [
    ['ftp://127.0.0.1/', 'protocol: ftp://127.0.0.1/: the URL is not an absolute http or https URL'],
    ['/metrics', 'protocol: <invalid URL>: the URL is not an absolute http or https URL'],
  ]
  test.each(urls)('%s', async (url, expected) => {
    expect(await failure(get(createClient(), url))).toBe(expected)
  })
})

function cutGzip(): Buffer {
  const body = gzipSync('hello world').subarray(0, -4)
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`), body])
}

describe('credentials', () => {
  const echo = () => serveHttp((request, response) => response.end(request.headers.authorization ?? 'none'))
  const value = (text: string) => ({ value: new Secret(text) })

  const cases: [options: HttpClientOptions, userInfo: string, expected: string][] = [
    [{}, '', 'none'],
    [{ basicAuth: { username: 'ä', password: value('p:w') } }, '', `Basic ${Buffer.from('ä:p:w').toString('base64')}`],
    [{ authorization: { credentials: value('t') } }, '', 'Bearer t'],
    [{ authorization: { type: 'Token', credentials: value('t') } }, '', 'Token t'],
    [{}, 'user:p%40ss@', `Basic ${Buffer.from('user:p@ss').toString('base64')}`],
    [{ authorization: { credentials: value('t') } }, 'user:pass@', 'Bearer t'],
  ]
  test.each(cases)('%j', async (options, userInfo, expected) => {
    const url = await echo()
    expect(textOf(await get(createClient(options), url.replace('//', `//${userInfo}`)))).toBe(expected)
  })

  test('files are read again when they change', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promline-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    const file = join(folder, 'token')
    const url = await echo()
    const client = createClient({ authorization: { credentials: { file } } })
    expect(await failure(get(client, url))).toBe(
      `unavailable: ${url}/: cannot read the credentials: ENOENT: no such file or directory, stat '${file}'`,
    )
    await writeFile(file, 'one\n')
    expect(textOf(await get(client, url))).toBe('Bearer one')
    await writeFile(file, 'two-longer\r\n')
    expect(textOf(await get(client, url))).toBe('Bearer two-longer')
    await writeFile(file, 'can\nary')
    expect(await failure(get(client, url))).toBe(
      `options: ${url}/: the credentials are empty or hold characters that a header cannot carry`,
    )
  })
})

describe('redirects', () => {
  const seenHeaders: IncomingHttpHeaders[] = []
  const secrets: HttpClientOptions = {
    followRedirects: true,
    authorization: { credentials: { value: new Secret('canary') } },
    headers: { 'X-Scope-OrgID': 'canary' },
  }
  const redirectTo = (location: () => string, status = 302) =>
    serveHttp((_request, response) => response.writeHead(status, { location: location() }).end())
  const target = () => {
    seenHeaders.length = 0
    return serveHttp((request, response) => {
      seenHeaders.push(request.headers)
      response.end('there')
    })
  }

  test('are not followed unless that is wanted', async () => {
    const url = await redirectTo(() => '/elsewhere')
    expect(await get(createClient(), url)).toMatchObject({ status: 302, headers: { location: '/elsewhere' } })
  })

  test.each([301, 302, 303, 307, 308])('%i is followed within the origin, with everything', async (status) => {
    seenHeaders.length = 0
    const url = await serveHttp((request, response) => {
      if (request.url === '/a/b') {
        seenHeaders.push(request.headers)
        response.end('there')
      } else response.writeHead(status, { location: 'b' }).end()
    })
    expect(textOf(await get(createClient(secrets), `${url}/a/x?q=1`))).toBe('there')
    expect(seenHeaders[0]).toMatchObject({ authorization: 'Bearer canary', 'x-scope-orgid': 'canary' })
  })

  test('credentials and configured headers do not leave the origin', async () => {
    const there = await target()
    const url = await redirectTo(() => `${there}/x`)
    const response = await get(createClient(secrets), url, { headers: { accept: 'text/plain' } })
    expect(textOf(response)).toBe('there')
    expect(JSON.stringify(seenHeaders)).not.toContain('canary')
    expect(seenHeaders[0]).toMatchObject({ accept: 'text/plain', 'user-agent': 'promline/test' })
  })

  test('nor do they come back: another origin must not steer them', async () => {
    seenHeaders.length = 0
    const home = await serveHttp((request, response) => {
      if (request.url === '/back') {
        seenHeaders.push(request.headers)
        response.end('back')
      } else response.writeHead(302, { location: `${other}/` }).end()
    })
    const other: string = await redirectTo(() => `${home}/back`)
    expect(textOf(await get(createClient(secrets), home))).toBe('back')
    expect(JSON.stringify(seenHeaders)).not.toContain('canary')
  })

  test('user information in a location is not taken as credentials', async () => {
    const there = await target()
    const url = await redirectTo(() => there.replace('//', '//user:pass@'))
    await get(createClient({ followRedirects: true }), url)
    expect(seenHeaders[0]?.authorization).toBeUndefined()
  })

  test('a request with a body is not sent elsewhere', async () => {
    const url = await redirectTo(() => '/x', 307)
    const response = await get(createClient(secrets), url, { method: 'POST', body: Buffer.from('x') })
    expect(response.status).toBe(307)
  })

  test('ten are followed, an eleventh is not', async () => {
    let count = 0
    const url = await serveHttp((_request, response) => response.writeHead(302, { location: `/${++count}` }).end())
    expect(await failure(get(createClient(secrets), url))).toBe(`protocol: ${url}/: more than 10 redirects`)
    expect(count).toBe(11)
  })

  test('a location that is no http URL is refused', async () => {
    const url = await redirectTo(() => 'file:///etc/passwd')
    expect(await failure(get(createClient(secrets), url))).toBe(`protocol: ${url}/: the redirect leads to no http or https URL`)
  })

  test('all of a chain has one deadline', async () => {
    const hung = await serveRaw(() => {})
    const url = await redirectTo(() => hung)
    const request = get(createClient(secrets), url, { timeoutMs: 200 })
    expect(await failure(request)).toBe(`timeout: ${url}/: timed out after 200 ms while waiting for the answer`)
  })
})

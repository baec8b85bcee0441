import { createServer as createTcpServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HttpClientOptions } from './client-options.js'
import {
  createClient as createClientOf,
  failure,
  get,
  listen,
  say,
  serveHttp,
  serveRaw,
  textOf,
  transports,
} from './servers.test.helper.js'

describe.each(transports)('limits and hostile servers over %s', (_name, transport) => {
  const createClient = (options: HttpClientOptions = {}) => createClientOf({ ...transport, ...options })

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
    const url = await say(said, end)
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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HttpClientOptions, HttpRequest } from './client-options.js'
import {
  answer,
  atEnd,
  createClient as createClientOf,
  failure,
  get,
  serveCounting,
  serveHttp,
  serveRaw,
  textOf,
  transports,
} from './servers.test.helper.js'

describe.each(transports)('connections of %s', (_name, transport) => {
  const createClient = (options: HttpClientOptions = {}) => createClientOf({ ...transport, ...options })
  const post: Partial<HttpRequest> = { method: 'POST', body: Buffer.from('body') }

  test('as many requests at one time as one likes: none waits for another', async () => {
    const waiting: Socket[] = []
    const url = await serveRaw((socket) => {
      if (waiting.push(socket) === 100) for (const other of waiting.splice(0)) other.write(answer)
    })
    const client = createClient()
    const responses = await Promise.all(Array.from({ length: 100 }, () => get(client, url)))
    expect(responses.map((response) => textOf(response))).toEqual(Array.from({ length: 100 }, () => 'ok'))
  })

  const notKept: [why: string, said: string][] = [
    ['the server says so', 'HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\ncontent-length: 2\r\n\r\nok'],
    ['the server speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['the server would close it at once', 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1, max=5\r\ncontent-length: 2\r\n\r\nok'],
    ['something stands behind the answer', `${answer}${answer}`],
  ]
  test.each(notKept)('are not kept where %s', async (_why, said) => {
    const { url, count, sockets } = await serveCounting(said)
    const client = createClient()
    for (let i = 0; i < 2; i++) expect(textOf(await get(client, url))).toBe('ok')
    expect(count).toEqual({ connections: 2, requests: 2 })
    await expect.poll(() => sockets.size).toBe(0)
  })

  test.each<[Partial<HttpRequest>]>([[{}], [post]])('that end while they are kept are replaced without a word: %j', async (request) => {
    const { url, sockets, count } = await serveCounting(answer)
    const client = createClient()
    await get(client, url, request)
    const [socket] = sockets
    socket?.end()
    await expect.poll(() => sockets.size).toBe(0)
    expect(textOf(await get(client, url, request))).toBe('ok')
    expect(count).toEqual({ connections: 2, requests: 2 })
  })

  test('on which something comes that nobody asked for are not used again', async () => {
    const { url, sockets, count } = await serveCounting(answer)
    const client = createClient()
    await get(client, url)
    const [socket] = sockets
    socket?.write('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n')
    await expect.poll(() => sockets.size).toBe(0)
    expect((await get(client, url)).status).toBe(200)
    expect(count.connections).toBe(2)
  })

  test('a first connection that ends is not tried again', async () => {
    let requests = 0
    const url = await serveRaw((socket) => {
      requests++
      socket.end()
    })
    expect(await failure(get(createClient(), url))).toBe(`connect: ${url}/: connection closed by the peer`)
    expect(requests).toBe(1)
  })
  const headers: [name: string, value: string, message: string][] = [
    ['X-Y', 'a\r\nX-Z: b', 'header "X-Y" has a value with characters that a header cannot carry'],
    ['X-Y', '\u0100', 'header "X-Y" has a value with characters that a header cannot carry'],
    ['X Y', 'a', 'header name "X Y" is not a token'],
    ['Transfer-Encoding', 'chunked', 'header "Transfer-Encoding" is set by the client'],
    ['content-length', '5', 'header "content-length" is set by the client'],
  ]
  test.each(headers)('a request cannot send %s: %j', async (name, value, message) => {
    const { url, count } = await serveCounting(answer)
    expect(await failure(get(createClient(), url, { headers: { [name]: value } }))).toBe(`options: ${url}/: ${message}`)
    expect(count.requests).toBe(0)
  })

  test('a name with several addresses', async () => {
    const { url } = await serveCounting(answer)
    expect(textOf(await get(createClient(), url.replace('127.0.0.1', 'localhost')))).toBe('ok')
    const closed = createTcpServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const address = closed.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await new Promise((resolve) => closed.close(resolve))
    const refused = `http://localhost:${port}`
    expect(await failure(get(createClient(), refused))).toBe(`connect: ${refused}/: connection refused`)
    expect(await failure(get(createClient(), 'http://no-such-host.invalid'))).toMatch(
      /^connect: http:\/\/no-such-host.invalid\/: (no such host|the name cannot)/,
    )
  })

  test('a server that does not connect in time', async () => {
    // Its process sleeps: the kernel answers until the backlog is full, and then no more.
    const script = `
      const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('node:fs').writeSync(1, String(server.address().port))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      })`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    atEnd(() => child.kill('SIGKILL'))
    const [port] = await once(child.stdout, 'data')
    const url = `http://127.0.0.1:${port}`
    const client = createClient()
    const failures = await Promise.all(Array.from({ length: 5 }, () => failure(get(client, url, { timeoutMs: 300 }))))
    // Two are still accepted by the kernel, and wait for an answer.
    expect(failures).toContain(`timeout: ${url}/: timed out after 300 ms while connecting`)
    expect(failures.filter((text) => !text.startsWith(`timeout: ${url}/: timed out after 300 ms while `))).toEqual([])
    const limited = createClient({ connectTimeoutMs: 300 })
    expect(await failure(get(limited, url, { timeoutMs: 60_000 }))).toBe(`timeout: ${url}/: timed out after 300 ms while connecting`)
    await limited.close()
    await client.close() // at once: nothing is left that tries to connect
  })

  test('an address of version 6', async (context) => {
    const server = createTcpServer((socket) => socket.on('data', () => socket.write(answer)))
    const error = await new Promise((resolve) => server.once('error', resolve).listen(0, '::1', () => resolve(undefined)))
    if (error !== undefined) context.skip('this machine has no IPv6')
    atEnd(() => server.close())
    const address = server.address()
    const client = createClient()
    atEnd(() => client.close())
    expect(textOf(await get(client, `http://[::1]:${typeof address === 'object' ? address?.port : ''}/`))).toBe('ok')
  })

  test('closing waits for what is under way, and ends it all', async () => {
    let finish: () => void = () => {}
    const sockets = new Set<Socket>()
    const url = await serveHttp((_request, response) => {
      finish = () => response.end('late')
    }, sockets)
    const client = createClient()
    const request = get(client, url)
    await expect.poll(() => sockets.size).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    let isClosed = false
    const closing = client.close().then(() => (isClosed = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    finish()
    expect(textOf(await request)).toBe('late')
    await closing
    await expect.poll(() => sockets.size).toBe(0)
  })

  test('a bomb costs what the limit allows', async () => {
    const url = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(200_000_000)))
    })
    let size = 0
    const consume = () => (piece: Uint8Array) => {
      size += piece.length
    }
    expect(await failure(get(createClient(), url, { consume }))).toBe(`limit: ${url}/: the body reaches the limit of 1000000 bytes`)
    expect(size).toBeLessThan(1_000_000)
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '../client-options.js'
import { atEnd, createClient, failure, get, listen, serveHttp, serveRaw, textOf } from '../servers.test.helper.js'

const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const post: Partial<HttpRequest> = { method: 'POST', body: Buffer.from('body') }

/** A server that says `said` to each request, and counts. */
async function serveCounting(said: string | Buffer) {
  const sockets = new Set<Socket>()
  const count = { connections: 0, requests: 0 }
  const server = createTcpServer((socket) => {
    count.connections++
    socket.on('data', () => {
      count.requests++
      socket.write(said)
    })
  })
  return { url: await listen(server, sockets), sockets, count }
}

describe('connections are kept', () => {
  test('for the next request', async () => {
    const { url, count } = await serveCounting(answer)
    const client = createClient()
    for (let i = 0; i < 5; i++) expect(textOf(await get(client, url, i % 2 === 0 ? {} : post))).toBe('ok')
    expect(count).toEqual({ connections: 1, requests: 5 })
  })

  test('as many as there were requests at one time, and none waits for another', async () => {
    const waiting: Socket[] = []
    const sockets = new Set<Socket>()
    const url = await serveRaw((socket) => {
      if (waiting.push(socket) % 100 === 0) for (const other of waiting.splice(0)) other.write(answer)
    }, sockets)
    const client = createClient()
    for (let round = 0; round < 2; round++) {
      const responses = await Promise.all(Array.from({ length: 100 }, () => get(client, url)))
      expect(responses.map((response) => textOf(response))).toEqual(Array.from({ length: 100 }, () => 'ok'))
      expect(sockets.size).toBe(100)
    }
    await client.close()
    await expect.poll(() => sockets.size).toBe(0)
  })

  const notKept: [why: string, said: string][] = [
    ['the server says so', 'HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\ncontent-length: 2\r\n\r\nok'],
    ['the server speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['the server would close it at once', 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1, max=5\r\ncontent-length: 2\r\n\r\nok'],
    ['something stands behind the answer', `${answer}${answer}`],
  ]
  test.each(notKept)('but not where %s', async (_why, said) => {
    const { url, count, sockets } = await serveCounting(said)
    const client = createClient()
    for (let i = 0; i < 2; i++) expect(textOf(await get(client, url))).toBe('ok')
    expect(count).toEqual({ connections: 2, requests: 2 })
    await expect.poll(() => sockets.size).toBe(0)
  })

  const kept: [why: string, said: string][] = [
    ['HTTP/1.0 that says so', 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok'],
    ['an announced timeout', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\ncontent-length: 2\r\n\r\nok'],
    ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ]
  test.each(kept)('with %s', async (_why, said) => {
    const { url, count } = await serveCounting(said)
    const client = createClient()
    for (let i = 0; i < 2; i++) expect(textOf(await get(client, url))).toBe('ok')
    expect(count.connections).toBe(1)
  })

  test('until the announced timeout', async () => {
    const { url, sockets } = await serveCounting('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\ncontent-length: 2\r\n\r\nok')
    await get(createClient(), url)
    expect(sockets.size).toBe(1)
    await expect.poll(() => sockets.size, { timeout: 5000 }).toBe(0)
  })
})

describe('connections that end while they are kept', () => {
  test.each<[Partial<HttpRequest>]>([[{}], [post]])('are replaced without a word: %j', async (request) => {
    const { url, sockets, count } = await serveCounting(answer)
    const client = createClient()
    await get(client, url, request)
    const [socket] = sockets
    socket?.end()
    await expect.poll(() => sockets.size).toBe(0)
    expect(textOf(await get(client, url, request))).toBe('ok')
    expect(count).toEqual({ connections: 2, requests: 2 })
  })

  test.each(['end', 'resetAndDestroy'] as const)('%s as a request comes: it is repeated if it only asks', async (end) => {
    let requests = 0
    const url = await listen(
      createTcpServer((socket) => {
        let onThisSocket = 0
        socket.on('data', () => {
          requests++
          if (++onThisSocket > 1) socket[end]()
          else socket.write(answer)
        })
      }),
    )
    const client = createClient()
    expect(textOf(await get(client, url))).toBe('ok')
    expect(textOf(await get(client, url))).toBe('ok')
    expect(requests).toBe(3)
    // A request that may have done something is the caller's to repeat.
    const reason = end === 'end' ? 'closed' : 'reset'
    expect(await failure(get(client, url, post))).toBe(`connect: ${url}/: connection ${reason} by the peer`)
    expect(requests).toBe(4)
  })

  test('with something that nobody asked for', async () => {
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
})

test('an answer before all of the request was read counts, and its connection is not kept', async () => {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.pause()
      socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 5\r\n\r\nlarge')
    })
  })
  const url = await listen(server, sockets)
  const response = await get(createClient(), url, { method: 'POST', body: Buffer.alloc(20_000_000) })
  expect([response.status, textOf(response)]).toEqual([413, 'large'])
  for (const socket of sockets) socket.resume()
  await expect.poll(() => sockets.size).toBe(0)
})

test('a head and a body go out together, and arrive as they are', async () => {
  const seen: Buffer[] = []
  const url = await serveRaw((socket, data) => {
    seen.push(data)
    socket.write(answer)
  })
  await get(createClient(), `${url}/a%20b?c=d&e=%26`, { ...post, headers: { 'X-Y': 'z', host: 'other.example' } })
  const host = 'other.example'
  const head = ['POST /a%20b?c=d&e=%26 HTTP/1.1', 'connection: keep-alive', 'user-agent: promline/test', 'accept-encoding: gzip', 'x-y: z']
  expect(seen.map(String)).toEqual([[...head, `host: ${host}`, 'content-length: 4', '', 'body'].join('\r\n')])
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
  const phases = new Set(failures.map((text) => text.replace(`timeout: ${url}/: timed out after 300 ms while `, '')))
  expect([...phases].toSorted()).toEqual(['connecting', 'waiting for the answer'])
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
  const consume = () => (piece: Uint8Array) => void (size += piece.length)
  expect(await failure(get(createClient(), url, { consume }))).toBe(`limit: ${url}/: the body reaches the limit of 1000000 bytes`)
  expect(size).toBeLessThan(1_000_000)
})

import { createServer as createTcpServer, type Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import type { HttpRequest } from '../client-options.js'
import { answer, atEnd, createClient, failure, get, listen, serveCounting, serveRaw, textOf } from '../servers.test.helper.js'

const post: Partial<HttpRequest> = { method: 'POST', body: Buffer.from('body') }

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

test('a connection that is kept does not keep the process alive', async () => {
  const { url, sockets } = await serveCounting(answer)
  const client = createClient()
  const count = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  await expect.poll(count).toBe(0) // those of other tests have gone
  for (let i = 0; i < 2; i++) {
    await get(client, url)
    expect([count(), sockets.size]).toEqual([1, 1]) // the server's end
  }
})

test('undici is not loaded for it', async () => {
  vi.doMock('../undici/undici-transport.js', () => expect.unreachable())
  atEnd(() => vi.doUnmock('../undici/undici-transport.js'))
  const { url } = await serveCounting(answer)
  expect((await get(createClient({ tls: { insecureSkipVerify: true } }), url)).status).toBe(200)
  await expect(get(createClient(), url.replace('http', 'https'))).rejects.toThrow()
})

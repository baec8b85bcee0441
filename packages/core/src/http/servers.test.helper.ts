import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './client-options.js'
import { createHttpClient } from './http-client.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Does this after the test, before what was registered earlier. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

/** Listens on a free port until the test ends; `sockets` are the open connections. Returns the URL without a path. */
export async function listen(server: Server, sockets: Set<Socket> = new Set()): Promise<string> {
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return `http://127.0.0.1:${address.port}`
}

export function serveHttp(handler: RequestListener, sockets?: Set<Socket>): Promise<string> {
  return listen(createServer(handler), sockets)
}

/** Speaks without listening: what a broken or hostile server says to whatever it is sent. */
export function serveRaw(onData: (socket: Socket, data: Buffer) => void, sockets?: Set<Socket>): Promise<string> {
  return listen(
    createTcpServer((socket) => socket.on('data', (data: Buffer) => onData(socket, data))),
    sockets,
  )
}

/** A complete answer: 'ok'. */
export const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** A server that says `said` to each request, and counts. */
export async function serveCounting(
  said: string | Buffer,
): Promise<{ url: string; sockets: Set<Socket>; count: { connections: number; requests: number } }> {
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

/** Says this to the first that it is sent on each connection, and perhaps ends it. */
export function say(said: string | Buffer, end?: 'end' | 'reset'): Promise<string> {
  return listen(
    createTcpServer((socket) => {
      socket.once('data', () => {
        socket.write(said, () => {
          if (end === 'end') socket.end()
          // After the client has read what was written: a reset overtakes data that waits.
          if (end === 'reset') setTimeout(() => socket.resetAndDestroy(), 50)
        })
      })
    }),
  )
}

export function createClient(options: HttpClientOptions = {}): HttpClient {
  const client = createHttpClient({ ...options, userAgent: 'promline/test' })
  atEnd(() => client.close())
  return client
}

export function get(client: HttpClient, url: string, request: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  return client.request({ method: 'GET', url, timeoutMs: 10_000, maxBodyBytes: 1_000_000, ...request })
}

/** `code: message` of a request that must fail. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!isPromlineError(error)) throw error
  return `${error.code}: ${error.message}`
}

export function textOf(response: HttpResponse): string {
  return Buffer.from(response.body).toString('utf8')
}

/** The two ways over which plain HTTP goes; whatever one does, the other must do. */
export const transports: readonly [name: string, options: HttpClientOptions][] = [
  ['sockets', {}],
  ['undici', { rawHttp: false }],
]

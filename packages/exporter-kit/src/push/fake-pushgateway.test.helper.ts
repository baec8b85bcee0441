import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { afterEach } from 'vitest'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Does this after the test, before what was registered earlier. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

export interface PushedRequest {
  readonly method: string
  /** As it came. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Decompressed. */
  readonly body: string
}

export interface FakePushgateway {
  readonly url: string
  /** In the order in which they came. */
  readonly requests: readonly PushedRequest[]
}

/** Answers one request; a Pushgateway says 200 with an empty body. */
export type FakeAnswer = (response: ServerResponse) => void

/** A server that records what is pushed, until the test ends. The n-th request gets the n-th answer, later ones the last; default 200. */
export async function startFakePushgateway(...answers: readonly FakeAnswer[]): Promise<FakePushgateway> {
  const requests: PushedRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8')
      requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
      const reply = answers[Math.min(requests.length, answers.length) - 1] ?? status(200)
      reply(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return { url: `http://127.0.0.1:${address.port}`, requests }
}

/** Answers with a status, a text and headers. */
export function status(code: number, text = '', headers: Record<string, string> = {}): FakeAnswer {
  return (response) => response.writeHead(code, headers).end(text)
}

/** The labels of a path, as the handlers of a Pushgateway read them: the path is decoded, then split; an odd component is an error. */
export function decodeGroupPath(path: string): Record<string, string> {
  const parts = decodeURIComponent(path).split('/')
  if (parts.shift() !== '' || parts.shift() !== 'metrics') throw new Error(`not below /metrics: ${path}`)
  if (parts.length % 2 !== 0) throw new Error(`odd number of components: ${path}`)
  const labels: [string, string][] = []
  for (let i = 0; i < parts.length; i += 2) {
    const [name = '', value = ''] = [parts[i], parts[i + 1]]
    if (!name.endsWith('@base64')) labels.push([name, value])
    else labels.push([name.slice(0, -'@base64'.length), Buffer.from(value.replace(/=+$/, ''), 'base64url').toString('utf8')])
  }
  return Object.fromEntries(labels)
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { toError } from '../../model/errors.js'
import type { Destination, DestinationAnswer, ReceivedSample } from './subject.js'

/** What a server says: a status, headers and words. */
export interface HttpSaying {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpDestinationOptions {
  readonly destination: Destination
  /** The samples that a body holds; gzip is undone before. What it throws is answered with 400, and the reason. */
  readonly decode: (body: Buffer, request: IncomingMessage) => readonly ReceivedSample[]
  /** Where the server has words of its own. Default for undefined: 204, 503 with `Retry-After`, 400, 413 and 401. */
  readonly say?: (answer: DestinationAnswer) => HttpSaying | undefined
}

/** A server on loopback that asks the suite about every request. */
export interface HttpDestination {
  /** Such as `http://127.0.0.1:40123`; every path of it takes requests. */
  readonly url: string
  /** Resets what is open. */
  close(): Promise<void>
}

const statuses: Readonly<Record<'delivered' | 'retryable' | 'rejected' | 'partial' | 'too-large' | 'blocked', number>> = {
  delivered: 204,
  retryable: 503,
  rejected: 400,
  partial: 400,
  'too-large': 413,
  blocked: 401,
}

/** The fake for sinks that speak HTTP: starts the server. */
export async function createHttpDestination(options: HttpDestinationOptions): Promise<HttpDestination> {
  const server = createServer((request, response) => {
    // A client that goes away in the middle of its request has nobody to answer.
    respond(options, request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  { destination, decode, say }: HttpDestinationOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  let samples: readonly ReceivedSample[]
  try {
    samples = decode(request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes, request)
  } catch (error) {
    response.writeHead(400).end(`the fake cannot decode the request: ${toError(error).message}`)
    return
  }
  const answer = await destination.receive({ samples, bytes })
  if (answer.status === 'hang') return
  if (answer.status === 'lost') {
    request.socket.destroy()
    return
  }
  const { status, headers, body } = say?.(answer) ?? usualSaying(answer, statuses[answer.status])
  response.writeHead(status, headers).end(body)
}

function usualSaying({ status, retryAfterMs }: DestinationAnswer, code: number): HttpSaying {
  const headers = retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1_000) }
  return { status: code, headers, ...(code !== statuses.delivered && { body: `the destination says ${status}` }) }
}

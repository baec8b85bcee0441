import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { createLabels } from '@promline/core'
import { decodeWriteBody, encodeWriteBody, writeHeaders } from '../e2e/remote-write.js'
import { afterTest } from '../e2e/scope.js'

/** What a sink was sent. */
export interface SinkRequest {
  /** Path and query, as they came. */
  readonly url: string
  readonly body: Buffer
}

/** Answers a request; never, where it does nothing. */
type Answer = (response: ServerResponse, request: SinkRequest) => void

/** A server on loopback that takes what sinks send, gone after the test. */
export class FakeSink {
  readonly requests: SinkRequest[] = []
  url = ''
  #answer: Answer

  constructor(answer: Answer) {
    this.#answer = answer
  }

  /** From now on. */
  answerWith(answer: Answer): void {
    this.#answer = answer
  }

  /** Values of all samples of remote write that were answered or not, sorted. */
  values(): number[] {
    const bodies = this.requests.map(({ body }) => decodeWriteBody(body))
    return bodies.flatMap(({ series }) => series.flatMap(({ samples }) => samples.map(({ value }) => value))).sort((a, b) => a - b)
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const taken = { url: request.url ?? '', body: await buffer(request) }
    this.requests.push(taken)
    this.#answer(response, taken)
  }
}

export const accept: Answer = (response) => response.writeHead(204).end()
export const refuse: Answer = (response) => response.writeHead(503).end('not now')
export const hang: Answer = () => {}

export async function startFakeSink(answer: Answer = accept): Promise<FakeSink> {
  const sink = new FakeSink(answer)
  const server = createServer((request, response) => {
    sink.handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterTest(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address === 'string' || address === null) throw new Error('a server without a port')
  sink.url = `http://127.0.0.1:${address.port}`
  return sink
}

/** Sends one sample by remote write; resolves with the status. */
export async function writeSample(receiver: string, value: number, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const series = {
    labels: createLabels({ __name__: 'written', ...labels }),
    samples: [{ value, stale: false, timestampMs: 1_700_000_000_000 + value }],
    exemplars: [],
    histograms: [],
  }
  return post(receiver, encodeWriteBody([series]))
}

/** Posts a body to a receiver of remote write; resolves with the status. */
export async function post(receiver: string, body: Uint8Array, path = '/api/v1/write'): Promise<number> {
  const response = await fetch(`${receiver}${path}`, {
    method: 'POST',
    headers: writeHeaders,
    body: new Uint8Array(body),
  })
  await response.arrayBuffer()
  return response.status
}

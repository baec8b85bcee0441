import { describe, expect, test } from 'vitest'
import type { HttpClient, HttpRequest, HttpResponse } from '../http/client-options.js'
import { encodeUtf8 } from '../model/bytes.js'
import { PromlineError } from '../model/errors.js'
import { createLabels, emptyLabels } from '../model/labels.js'
import { type FetchOptions, fetchPage } from './fetch-page.js'
import type { Target } from './target.js'

const target: Target = {
  jobName: 'j',
  address: 'h:1',
  url: 'http://h:1/metrics?x=1',
  publicUrl: 'http://h:1/metrics',
  labels: createLabels({ instance: 'h:1', job: 'j' }),
  discoveredLabels: emptyLabels,
  intervalMs: 10_000,
  timeoutMs: 900,
}

const text = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }

async function fetch(answer: Partial<HttpResponse> | Error, config: Partial<FetchOptions['config']> = {}) {
  const requests: HttpRequest[] = []
  const client: HttpClient = {
    request: (request) => {
      requests.push(request)
      if (answer instanceof Error) return Promise.reject(answer)
      return Promise.resolve({ status: 200, headers: text, body: encodeUtf8('a 1\n'), ...answer })
    },
    close: () => Promise.resolve(),
  }
  const { signal } = new AbortController()
  const complete = { enableCompression: true, bodySizeLimitBytes: 1000, ...config }
  const pieces: Uint8Array[] = []
  const page = { write: (piece: Uint8Array) => void pieces.push(piece.slice()), end: () => Promise.resolve() }
  const { bytes } = await fetchPage({ client, target, config: complete, page, signal })
  const body = Buffer.concat(pieces)
  expect(bytes).toBe(body.length)
  return { body: body.toString(), request: requests[0] }
}

test('asks for text, and says how long it will wait', async () => {
  const { body, request } = await fetch({})
  expect(body).toBe('a 1\n')
  expect(request).toMatchObject({
    method: 'GET',
    url: 'http://h:1/metrics?x=1',
    timeoutMs: 900,
    maxBodyBytes: 1000,
    headers: {
      accept: 'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4',
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': '0.9',
    },
  })
})

test('without compression and limit', async () => {
  const { request } = await fetch({}, { enableCompression: false, bodySizeLimitBytes: 0 })
  expect(request).toMatchObject({ maxBodyBytes: Number.MAX_SAFE_INTEGER, headers: { 'accept-encoding': 'identity' } })
})

describe('content types', () => {
  test.each(['text/plain', 'text/plain;version=0.0.4', 'TEXT/PLAIN ; charset=utf-8', 'text/plain; version=1.0.0; escaping=allow-utf-8'])(
    '%s is text',
    async (contentType) => {
      expect((await fetch({ headers: { 'content-type': contentType } })).body).toBe('a 1\n')
    },
  )

  const remedy = "fallback_scrape_protocol: PrometheusText0.0.4 (fallbackScrapeProtocol: 'text') reads it as text"
  const refused: [contentType: string | undefined, message: string][] = [
    [undefined, `the target sends no Content-Type; ${remedy}`],
    ['', `the target sends no Content-Type; ${remedy}`],
    ['text/html; charset=utf-8', `Content-Type "text/html; charset=utf-8" is not supported; ${remedy}`],
    ['text/', `Content-Type "text/" is not supported; ${remedy}`],
  ]
  test.each(refused)('%s', async (contentType, message) => {
    const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType }
    await expect(fetch({ headers })).rejects.toMatchObject({ code: 'protocol', message, body: encodeUtf8('a 1\n') })
    expect((await fetch({ headers }, { fallbackScrapeProtocol: 'text' })).body).toBe('a 1\n')
  })

  // Seconds would be read as milliseconds.
  test.each(['application/openmetrics-text; version=1.0.0', 'Application/vnd.google.protobuf;proto=x'])(
    '%s is no text, whatever the fallback',
    async (type) => {
      const message = `Content-Type ${JSON.stringify(type)} is not offered yet, and it is not what was asked for: text/plain`
      for (const fallback of [{}, { fallbackScrapeProtocol: 'text' } as const]) {
        await expect(fetch({ headers: { 'content-type': type } }, fallback)).rejects.toMatchObject({ code: 'protocol', message })
      }
    },
  )
})

describe('only 200 is a success', () => {
  const statuses: [status: number, message: string][] = [
    [201, 'server returned HTTP status 201 Created'],
    [204, 'server returned HTTP status 204 No Content'],
    [302, 'server returned HTTP status 302 Found'],
    [404, 'server returned HTTP status 404 Not Found'],
    [503, 'server returned HTTP status 503 Service Unavailable'],
    [599, 'server returned HTTP status 599'],
  ]
  test.each(statuses)('%i', async (status, message) => {
    await expect(fetch({ status })).rejects.toMatchObject({ code: 'protocol', message, body: encodeUtf8('a 1\n') })
  })
})

test('a body that is too large names the option', async () => {
  const limit = new PromlineError('limit', 'http://h:1/metrics: the body reaches the limit of 1000 bytes', { facts: { maxBytes: 1000 } })
  await expect(fetch(limit)).rejects.toMatchObject({
    code: 'limit',
    message: 'http://h:1/metrics: the body reaches the limit of 1000 bytes (body_size_limit)',
  })
})

test('other errors of the client pass', async () => {
  const error = new PromlineError('connect', 'http://h:1/metrics: connection refused')
  await expect(fetch(error)).rejects.toBe(error)
})

describe('a body that is streamed', () => {
  const streaming = (status: number, pieces: readonly string[]): HttpClient => ({
    async request(request) {
      const head = { status, headers: text }
      const consumer = request.consume?.(head)
      for (const piece of pieces) await consumer?.(encodeUtf8(piece))
      return { ...head, body: consumer === undefined ? encodeUtf8(pieces.join('')) : new Uint8Array(0) }
    },
    close: () => Promise.resolve(),
  })
  const run = async (status: number, page: FetchOptions['page']) => {
    const config = { enableCompression: true, bodySizeLimitBytes: 0 }
    return fetchPage({ client: streaming(status, ['a 1\n', 'b', ' 2\n']), target, config, page, signal: new AbortController().signal })
  }

  test('goes to the page piece by piece', async () => {
    const seen: string[] = []
    const page = {
      write: async (piece: Uint8Array) => void seen.push(Buffer.from(piece).toString()),
      end: async () => void seen.push('end'),
    }
    expect(await run(200, page)).toEqual({ bytes: 8 })
    expect(seen).toEqual(['a 1\n', 'b', ' 2\n', 'end'])
  })

  test('of another status is gathered', async () => {
    const page = { write: () => expect.unreachable(), end: () => expect.unreachable() }
    await expect(run(500, page)).rejects.toMatchObject({ body: encodeUtf8('a 1\nb 2\n') })
  })

  const failure = new PromlineError('parse', '1:1: no')
  const failing: [when: string, write: () => void | Promise<void>, end: () => Promise<void>][] = [
    [
      'at once',
      () => {
        throw failure
      },
      () => expect.unreachable(),
    ],
    ['later', () => Promise.reject(failure), () => expect.unreachable()],
    ['at its end', () => {}, () => Promise.reject(failure)],
  ]
  test.each(failing)('is read to its end where the page fails %s', async (_when, fail, end) => {
    let written = 0
    const write = () => {
      written++
      return fail()
    }
    expect(await run(200, { write, end })).toEqual({ bytes: 8, failure })
    expect(written).toBe(3)
  })
})

import { once } from 'node:events'
import { type ClientRequest, createServer, type Server, request as httpRequest } from 'node:http'
import { type Batch, type Consume, createLabels, noInstruments, PromlineError, samplesOf, Secret, systemClock } from '@promline/core'
import { afterEach, describe, expect, it } from 'vitest'
import type { SampleValue, WriteRequest } from '../message/write-request.js'
import { snappyCodec } from '../snappy/snappy-codec.js'
import { encodeWriteRequest } from '../v1/encode.js'
import type { RemoteWriteHandlerOptions } from './config.js'
import { createRemoteWriteHandler } from './handler.js'

const nowMs = 1_700_000_000_000
const clock = { ...systemClock, nowMs: () => nowMs }
let server: Server | undefined

afterEach(async () => {
  server?.closeAllConnections()
  if (server !== undefined) await new Promise((resolve) => server?.close(resolve))
  server = undefined
})

interface Receiver {
  readonly url: string
  readonly batches: Batch[]
  readonly codes: string[]
}

async function listen(options: Partial<RemoteWriteHandlerOptions> = {}): Promise<Receiver> {
  const batches: Batch[] = []
  const codes: string[] = []
  const consume: Consume = async (batch) => {
    batches.push(batch)
    return { status: 'spooled' }
  }
  const instruments = {
    ...noInstruments,
    counter: () => (_: number, labels: Readonly<Record<string, string>>) => void codes.push(labels['code'] ?? ''),
  }
  const handler = createRemoteWriteHandler({ consume, clock, instruments, ...options })
  server = createServer((request, response) => void handler(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { url: typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : '', batches, codes }
}

function sample(value: number, timestampMs = nowMs, stale = false): SampleValue {
  return { value, timestampMs, stale }
}

function requestOf(...samples: readonly SampleValue[]): WriteRequest {
  return { series: [{ labels: createLabels({ __name__: 'm', job: 'j' }), samples, exemplars: [], histograms: [] }], metadata: [] }
}

function bodyOf(request: WriteRequest): Uint8Array {
  return snappyCodec.compress(encodeWriteRequest(request).bytes)
}

function post(url: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const type = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  return fetch(url, { method: 'POST', body: new Blob([Uint8Array.from(body)]), headers: { ...type, ...headers } })
}

const good = bodyOf(requestOf(sample(1)))

describe('createRemoteWriteHandler()', () => {
  const taken: readonly [name: string, headers: Readonly<Record<string, string>>][] = [
    ['plain headers', {}],
    ['an empty content type', { 'content-type': '' }],
    ['the message named', { 'content-type': 'application/x-protobuf;proto=prometheus.WriteRequest' }],
    ['blanks and letter case', { 'content-type': ' Application/X-Protobuf ; Proto="prometheus.WriteRequest" ' }],
    ['another parameter', { 'content-type': 'application/x-protobuf; charset=utf-8' }],
    ['an encoding in capitals', { 'content-encoding': 'SNAPPY' }],
    ['an empty encoding', { 'content-encoding': '' }],
    ['a version that it does not look at', { 'x-prometheus-remote-write-version': '9.9.9' }],
  ]
  for (const [name, headers] of taken) {
    it(`takes a request with ${name}`, async () => {
      const receiver = await listen()
      const response = await post(receiver.url, good, headers)
      expect([response.status, await response.text()]).toEqual([204, ''])
      expect(receiver.batches.flatMap((batch) => [...samplesOf(batch)])).toMatchObject([{ value: 1, timestampMs: nowMs, stale: false }])
      expect(receiver.batches[0]!.origin).toEqual({ kind: 'client', id: '127.0.0.1' })
    })
  }

  const damaged = Buffer.from([0xff, 0xff, 0xff])
  /** The least that a request of 2.0 has: the empty string as its first symbol. */
  const version2 = snappyCodec.compress(Buffer.from([0x22, 0]))
  const refused: readonly [headers: Readonly<Record<string, string>>, body: Uint8Array, status: number, text: string][] = [
    [
      { 'content-type': 'application/json' },
      damaged,
      415,
      'content type "application/json" is not supported: expected application/x-protobuf',
    ],
    [{ 'content-type': 'text/plain' }, good, 415, 'content type "text/plain" is not supported: expected application/x-protobuf'],
    [
      { 'content-type': 'application/x-protobuf;proto' },
      good,
      415,
      'content type "application/x-protobuf;proto" has the parameter "proto", which is not key=value',
    ],
    [
      { 'content-type': 'application/x-protobuf;proto=foo.Bar' },
      good,
      415,
      'content type "application/x-protobuf;proto=foo.Bar" names an unknown message: expected proto=prometheus.WriteRequest',
    ],
    [
      { 'content-type': 'application/x-protobuf; proto=io.prometheus.write.v2.Request' },
      good,
      415,
      'remote write 2.0 is not supported here: send remote write 1.0 (prometheus.WriteRequest)',
    ],
    [{ 'content-encoding': 'gzip' }, damaged, 415, 'content encoding "gzip" is not supported: expected snappy'],
    [{ 'content-encoding': 'snappy, snappy' }, damaged, 415, 'content encoding "snappy, snappy" is not supported: expected snappy'],
    [{}, new Uint8Array(0), 400, 'snappy: offset 0: the block ends in its declared length'],
    [{}, damaged, 400, 'snappy: offset 3: the block ends in its declared length'],
    [
      {},
      Buffer.from([0x80, 0x80, 0x80, 0x80, 0x04, 0, 0x61]),
      400,
      'snappy: declared length 1073741824 is above the limit of 33554432 bytes',
    ],
    [{}, snappyCodec.compress(Buffer.from('garbage')), 400, 'WriteRequest, offset 1: field 12 has wire type 7, which is not allowed'],
    [
      {},
      bodyOf({ series: [{ labels: createLabels({ a: 'b' }), samples: [], exemplars: [], histograms: [] }], metadata: [] }),
      400,
      'timeseries[0], offset 10: no metric name (label __name__) in {"a":"b"}',
    ],
    [
      { 'x-prometheus-remote-write-version': '2.0.0' },
      version2,
      415,
      'X-Prometheus-Remote-Write-Version "2.0.0" is not supported here: send remote write 1.0 (0.1.0, prometheus.WriteRequest)',
    ],
    [{}, version2, 400, 'WriteRequest: its 2 bytes have neither timeseries nor metadata of remote write 1.0; 2.0 is not supported here'],
    [
      {},
      bodyOf(requestOf(sample(1, nowMs + 600_001))),
      400,
      'series {"__name__":"m","job":"j"}: timestamp 1700000600001 is too far in the future (the limit is 1700000600000 now)',
    ],
  ]
  for (const [headers, body, status, text] of refused) {
    it(`answers ${status}: ${text}`, async () => {
      const receiver = await listen()
      const response = await post(receiver.url, body, headers)
      expect([response.status, await response.text()]).toEqual([status, `${text}\n`])
      expect(receiver.batches).toEqual([])
      expect(receiver.codes).toEqual([String(status)])
    })
  }

  it('answers other methods with 405, whatever else is wrong', async () => {
    const receiver = await listen()
    const response = await fetch(receiver.url, { headers: { 'content-type': 'text/plain' } })
    expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([
      405,
      'POST',
      'method GET is not allowed: expected POST\n',
    ])
  })

  it('answers a body above the limit with 413', async () => {
    const receiver = await listen({ maxBodyBytes: 10 })
    const response = await post(receiver.url, good)
    expect([response.status, await response.text()]).toEqual([413, 'the request body is larger than 10 bytes\n'])
  })

  it('takes timestamps of the future up to the limit, and all of them without one', async () => {
    const receiver = await listen()
    expect((await post(receiver.url, bodyOf(requestOf(sample(1, nowMs + 600_000))))).status).toBe(204)
    server?.close()
    const open = await listen({ maxFutureMs: 0 })
    expect((await post(open.url, bodyOf(requestOf(sample(1, nowMs * 2))))).status).toBe(204)
  })

  it('refuses histograms that contradict themselves, by series', async () => {
    const receiver = await listen()
    const histogram = {
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 2,
      sum: 1,
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveDeltas: Float64Array.of(1),
      negativeSpans: [],
      resetHint: 'unknown',
    } as const
    const labels = createLabels({ __name__: 'h' })
    const body = bodyOf({
      series: [{ labels, samples: [], exemplars: [], histograms: [{ histogram, stale: false, timestampMs: nowMs }] }],
      metadata: [],
    })
    const response = await post(receiver.url, body)
    expect([response.status, await response.text()]).toEqual([
      400,
      'series {"__name__":"h"}: invalid histogram: buckets hold 1 observations, the count is 2\n',
    ])
  })

  it('takes histograms of finer schemas, in the buckets of schema 8', async () => {
    const receiver = await listen()
    const histogram = {
      schema: 10,
      zeroThreshold: 0,
      zeroCount: 1,
      count: 5,
      sum: 1,
      positiveSpans: [{ offset: 1, length: 4 }],
      positiveDeltas: Float64Array.of(1, 0, 0, 0),
      negativeSpans: [],
      resetHint: 'no',
    } as const
    const labels = createLabels({ __name__: 'h' })
    const histograms = [{ histogram, stale: false, timestampMs: nowMs }]
    const body = bodyOf({ series: [{ labels, samples: [], exemplars: [], histograms }], metadata: [] })
    expect((await post(receiver.url, body)).status).toBe(204)
    expect(receiver.batches[0]!.columns).toMatchObject([
      { histograms: [{ ...histogram, schema: 8, positiveSpans: [{ offset: 1, length: 1 }], positiveDeltas: Float64Array.of(4) }] },
    ])
  })

  it('takes an empty message, which is a request without anything', async () => {
    const receiver = await listen()
    expect((await post(receiver.url, snappyCodec.compress(new Uint8Array(0)))).status).toBe(204)
    expect((await post(receiver.url, bodyOf(requestOf()))).status).toBe(204)
    expect(receiver.batches).toEqual([])
  })

  it('takes metadata alone without a batch, and joins it to series that come later', async () => {
    const receiver = await listen()
    const metadata = [{ name: 'm', type: 'counter', help: 'Things.', unit: '' }] as const
    expect((await post(receiver.url, bodyOf({ series: [], metadata }))).status).toBe(204)
    expect(receiver.batches).toEqual([])
    await post(receiver.url, good)
    expect([...samplesOf(receiver.batches[0]!)][0]!.metadata).toEqual(metadata[0])
  })

  it('gives the same lists where a client repeats itself', async () => {
    const receiver = await listen()
    await post(receiver.url, good)
    await post(receiver.url, bodyOf(requestOf(sample(2, nowMs + 1))))
    expect(receiver.batches[1]!.columns[0]!.series).toBe(receiver.batches[0]!.columns[0]!.series)
  })

  it('answers 503 with Retry-After where the batch is not taken', async () => {
    const consume: Consume = () => Promise.reject(new PromlineError('spool-full', 'spool: the disk is full'))
    const receiver = await listen({ consume, retryAfterSeconds: 7 })
    const response = await post(receiver.url, good)
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      503,
      '7',
      'spool: the disk is full: come again\n',
    ])
  })

  it('says in the log when it begins to answer 503, and when that is over', async () => {
    const logged: string[] = []
    const log = (_: object, message: string): void => void logged.push(message)
    const logger = { debug: log, info: log, warn: log, error: log }
    let isFull = true
    const consume: Consume = async () => {
      if (isFull) throw new PromlineError('spool-full', 'spool: the disk is full')
      return { status: 'spooled' }
    }
    const receiver = await listen({ consume, logger })
    for (let i = 0; i < 3; i++) expect((await post(receiver.url, good)).status).toBe(503)
    isFull = false
    for (let i = 0; i < 2; i++) expect((await post(receiver.url, good)).status).toBe(204)
    expect(logged).toEqual([
      'requests are answered with 503 until they can be taken: spool: the disk is full',
      'requests are taken again; 3 were answered with 503',
    ])
  })

  it('answers 503 where the batch is not taken in time, and tells the consumer', async () => {
    let aborted = false
    const consume: Consume = (_, options) =>
      new Promise(() => {
        options?.signal?.addEventListener('abort', () => {
          aborted = true
        })
      })
    const receiver = await listen({ consume, writeTimeoutMs: 30 })
    const response = await post(receiver.url, good)
    expect([response.status, await response.text()]).toEqual([
      503,
      'timed out after 30 ms while waiting for the pipeline to take the request: come again\n',
    ])
    expect(aborted).toBe(true)
  })

  it('tells the consumer when the client goes away', async () => {
    let onStarted: () => void = () => {}
    const started = new Promise<void>((resolve) => {
      onStarted = resolve
    })
    let onAborted: () => void = () => {}
    const aborted = new Promise<void>((resolve) => {
      onAborted = resolve
    })
    const consume: Consume = (_, options) =>
      new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => {
          onAborted()
          reject(new Error('aborted'))
        })
        onStarted()
      })
    const receiver = await listen({ consume })
    const request = httpRequest(receiver.url, { method: 'POST' })
    request.on('error', () => {})
    request.end(good)
    await started
    request.destroy()
    await aborted
    while (receiver.codes.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(receiver.codes).toEqual(['499'])
  })

  it('turns requests away while too many bytes are under way, and lets one in always', async () => {
    let release: () => void = () => {}
    const consume: Consume = () =>
      new Promise((resolve) => {
        release = () => resolve({ status: 'spooled' })
      })
    const receiver = await listen({ consume, maxPendingBytes: 1 })
    const first = post(receiver.url, good)
    while (release.toString() === '() => {}') await new Promise((resolve) => setImmediate(resolve))
    const second = await post(receiver.url, good)
    expect([second.status, await second.text()]).toEqual([503, 'too much data is under way: come again\n'])
    release()
    expect((await first).status).toBe(204)
  })

  it('counts bodies as they come, and not what their headers say', async () => {
    const receiver = await listen({ maxPendingBytes: 150_000 })
    const open = (bytes: number): { request: ClientRequest; status: Promise<number | undefined> } => {
      const request = httpRequest(receiver.url, { method: 'POST', agent: false, headers: { 'content-length': 1_000_000 } })
      request.on('error', () => {})
      request.write(Buffer.alloc(bytes))
      return { request, status: once(request, 'response').then(([response]) => response.statusCode) }
    }
    const slow = open(1)
    expect((await post(receiver.url, good)).status).toBe(204)
    expect(await open(99_000).status).toBe(503)
    slow.request.destroy()
    await expect(slow.status).rejects.toThrow('socket hang up')
  })

  it('asks for credentials, and takes them as the origin', async () => {
    const receiver = await listen({
      credentials: [
        { kind: 'basic', username: 'u', password: new Secret('p') },
        { kind: 'bearer', name: 'cluster-a', token: new Secret('t') },
      ],
    })
    const missing = await post(receiver.url, good)
    expect([missing.status, missing.headers.get('www-authenticate'), await missing.text()]).toEqual([
      401,
      'Basic realm="remote write", Bearer',
      'credentials are missing or wrong\n',
    ])
    expect((await post(receiver.url, good, { authorization: `Basic ${btoa('u:wrong')}` })).status).toBe(401)
    expect((await post(receiver.url, good, { authorization: `Basic ${btoa('u:p')}` })).status).toBe(204)
    expect((await post(receiver.url, good, { authorization: 'Bearer t' })).status).toBe(204)
    expect(receiver.batches.map(({ origin }) => origin.id)).toEqual(['user u', 'user cluster-a'])
  })

  it('says in the log where a body parser came first', async () => {
    const logged: string[] = []
    const logger = { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => void logged.push(message) }
    const handler = createRemoteWriteHandler({ consume: () => Promise.reject(new Error('unreachable')), logger })
    server = createServer((request, response) => {
      request.resume().once('end', () => void handler(request, response))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const response = await post(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`, good)
    expect([response.status, await response.text()]).toEqual([500, 'internal error\n'])
    expect(logged).toEqual(['a request failed: the body was read before: mount the handler before any body parser'])
  })

  const wrong: readonly [options: Partial<RemoteWriteHandlerOptions>, message: string][] = [
    [{ maxBodyBytes: 0 }, 'remote-write receiver: maxBodyBytes: 0 must be an integer of at least 1'],
    [{ maxFutureMs: -1 }, 'remote-write receiver: maxFutureMs: -1 must be an integer of at least 0'],
  ]
  for (const [options, message] of wrong) {
    it(`refuses: ${message}`, () => {
      expect(() => createRemoteWriteHandler({ consume: () => Promise.reject(new Error()), ...options })).toThrow(message)
    })
  }
})

import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { type Batch, batchOf, isPromlineError, samplesOf, Secret, systemClock } from '@promline/core'
import type { SendOutcome } from '@promline/core/delivery'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { snappyCodec } from '../snappy/snappy-codec.js'
import { decodeWriteRequest } from '../v1/decode.js'
import type { RemoteWriteSinkOptions } from './config.js'
import { createRemoteWriteSink } from './sink.js'

interface Answer {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

interface Received {
  readonly method: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

let server: Server
let url: string
let answer: Answer = { status: 204 }
const received: Received[] = []

beforeEach(async () => {
  received.length = 0
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ method: request.method, headers: request.headers, body: Buffer.concat(chunks) })
      response.writeHead(answer.status, answer.headers)
      response.end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/api/v1/write` : ''
})

afterEach(() => {
  server.closeAllConnections()
  return new Promise<void>((resolve) => server.close(() => resolve()))
})

const batch: Batch = batchOf([
  {
    labels: { __name__: 'up', job: 'a' },
    value: 1,
    timestampMs: 1700000000000,
    metadata: { name: 'up', type: 'gauge', help: 'Is it?', unit: '' },
  },
  { labels: { __name__: 'gone' }, value: Number.NaN, stale: true, timestampMs: 1700000000000 },
])

async function sendOnce(options: Partial<RemoteWriteSinkOptions> = {}, attempt = 0): Promise<SendOutcome> {
  const sink = createRemoteWriteSink({ url, ...options })
  try {
    return await sink.send(sink.encode([batch])[0]!.body, { signal: new AbortController().signal, attempt })
  } finally {
    await sink.close?.()
  }
}

/** An outcome in one line. */
function say(outcome: SendOutcome): string {
  if (outcome.status === 'delivered') return 'delivered'
  const words: string[] = [outcome.status]
  if (outcome.status === 'rejected') words.push(outcome.cause, ...(outcome.divisible ? ['divisible'] : []))
  else
    words.push(
      ...(outcome.retryAfterMs === undefined ? [] : [`after ${outcome.retryAfterMs}`]),
      ...(outcome.blocked === undefined ? [] : ['blocked']),
    )
  return words.join(' ')
}

describe('createRemoteWriteSink().send()', () => {
  it('sends one request of remote write 1.0', async () => {
    answer = { status: 204 }
    expect(
      await sendOnce({ headers: { 'x-scope-orgid': 'me' }, http: { basicAuth: { username: 'u', password: { value: new Secret('p') } } } }),
    ).toEqual({ status: 'delivered' })
    const [request] = received
    expect(request!.method).toBe('POST')
    expect(request!.headers).toMatchObject({
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
      'user-agent': 'promline/0.1.0',
      'x-scope-orgid': 'me',
      authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
    })
    expect(request!.headers['retry-attempt']).toBeUndefined()
    const decoded = decodeWriteRequest(snappyCodec.decompress(request!.body, 1024))
    expect(decoded.series.map(({ labels, samples }) => [{ ...labels.toObject() }, samples])).toEqual([
      [{ __name__: 'up', job: 'a' }, [{ value: 1, stale: false, timestampMs: 1700000000000 }]],
      [{ __name__: 'gone' }, [{ value: Number.NaN, stale: true, timestampMs: 1700000000000 }]],
    ])
    expect(decoded.metadata).toEqual([{ name: 'up', type: 'gauge', help: 'Is it?', unit: '' }])
  })

  it('says how often it tried before', async () => {
    answer = { status: 204 }
    await sendOnce({}, 3)
    expect(received[0]!.headers['retry-attempt']).toBe('3')
  })

  const cases: readonly [answer: Answer, expected: string][] = [
    [{ status: 200, body: 'whatever' }, 'delivered'],
    [{ status: 204 }, 'delivered'],
    [{ status: 299 }, 'delivered'],
    [{ status: 301, headers: { location: '/elsewhere' } }, 'retryable blocked'],
    [{ status: 307, headers: { location: '/elsewhere' } }, 'retryable blocked'],
    [{ status: 400 }, 'rejected invalid'],
    [{ status: 401 }, 'retryable blocked'],
    [{ status: 403 }, 'retryable blocked'],
    [{ status: 404 }, 'retryable blocked'],
    [{ status: 405 }, 'rejected invalid'],
    [{ status: 408 }, 'retryable'],
    [{ status: 409 }, 'rejected invalid'],
    [{ status: 413 }, 'rejected too-large divisible'],
    [{ status: 415 }, 'rejected invalid'],
    [{ status: 422 }, 'rejected invalid'],
    [{ status: 429 }, 'retryable'],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'retryable after 7000'],
    [{ status: 500 }, 'retryable'],
    [{ status: 502 }, 'retryable'],
    [{ status: 503, headers: { 'retry-after': '100000' } }, 'retryable after 300000'],
    [{ status: 503, headers: { 'retry-after': '-1' } }, 'retryable'],
    [{ status: 504 }, 'retryable'],
  ]
  for (const [given, expected] of cases) {
    it(`takes ${JSON.stringify(given)} as ${expected}`, async () => {
      answer = given
      expect(say(await sendOnce())).toBe(expected)
      expect(received).toHaveLength(1)
    })
  }

  it('divides a request that is answered with 400 where the option says so', async () => {
    answer = { status: 400 }
    expect(say(await sendOnce({ bisectOn400: true }))).toBe('rejected invalid divisible')
    answer = { status: 422 }
    expect(say(await sendOnce({ bisectOn400: true }))).toBe('rejected invalid')
  })

  it('quotes the beginning of what the server says, in one line', async () => {
    answer = { status: 400, body: `out of order sample\n\tup{job="a"} ${'é'.repeat(300)}` }
    const outcome = await sendOnce()
    const message = outcome.status === 'rejected' ? outcome.error.message : ''
    expect(message).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/write: HTTP status 400: out of order sample up\{job="a"\} é+$/)
    expect(Buffer.byteLength(message.replace(/^.*status 400: /, ''))).toBeLessThanOrEqual(256)
  })

  it('retries where the server cannot be reached', async () => {
    const outcome = await sendOnce({ url: 'http://127.0.0.1:1/api/v1/write' })
    expect(say(outcome)).toBe('retryable')
    expect(outcome.status === 'retryable' && outcome.error.message).toBe('http://127.0.0.1:1/api/v1/write: connection refused')
  })

  it('gives up an attempt at its timeout', async () => {
    server.removeAllListeners('request')
    const outcome = await sendOnce({ timeoutMs: 50 })
    expect(say(outcome)).toBe('retryable')
    expect(outcome.status === 'retryable' && isPromlineError(outcome.error, 'timeout')).toBe(true)
  })

  it('ends when the signal aborts', async () => {
    server.removeAllListeners('request')
    const sink = createRemoteWriteSink({ url })
    const controller = new AbortController()
    const sent = sink.send(sink.encode([batch])[0]!.body, { signal: controller.signal, attempt: 0 })
    controller.abort()
    expect(say(await sent)).toBe('retryable')
    await sink.close?.()
  })
})

function metadataOf(body: Uint8Array): string[] {
  return decodeWriteRequest(snappyCodec.decompress(body, 1024)).metadata.map(({ name, help }) => `${name} ${help}`)
}

describe('createRemoteWriteSink().encode()', () => {
  const sink = createRemoteWriteSink({ url: 'http://h/w' })

  it('says the same of the same batches, however often it saw them', () => {
    const seen = createRemoteWriteSink({ url: 'http://h/w' })
    const plain = createRemoteWriteSink({ url: 'http://h/w', templates: false })
    const read = (one: typeof sink): unknown => {
      const [{ body, bytes, ...encoded } = { body: new Uint8Array(0), bytes: 0 }] = one.encode([batch])
      expect(bytes).toBe(body.length)
      return { ...encoded, request: decodeWriteRequest(snappyCodec.decompress(body, 1024)) }
    }
    for (let sight = 1; sight <= 4; sight++) expect(read(seen)).toEqual(read(plain))
  })

  it('joins batches in the order of their time', () => {
    const later = batchOf([...samplesOf(batch)].map(({ labels, value, stale }) => ({ labels, value, stale, timestampMs: 1700000015000 })))
    const [encoded] = sink.encode([batch, later])
    expect(encoded!.counts).toEqual({ samples: 4, histograms: 0, exemplars: 0 })
    const decoded = decodeWriteRequest(snappyCodec.decompress(encoded!.body, 1024))
    expect(decoded.series.flatMap(({ samples }) => samples.map(({ timestampMs }) => timestampMs))).toEqual([
      1700000000000, 1700000000000, 1700000015000, 1700000015000,
    ])
  })

  it('leaves metadata out where the option says so', () => {
    const [encoded] = createRemoteWriteSink({ url: 'http://h/w', metadata: { send: false } }).encode([batch])
    expect(metadataOf(encoded!.body)).toEqual([])
  })

  it('says what it knows of a family again after an interval, or when that changed', async () => {
    answer = { status: 500 }
    let nowMs = 0
    const scheduled = createRemoteWriteSink({ url, clock: { ...systemClock, monotonicMs: () => nowMs } })
    const signal = new AbortController().signal
    const encode = (one: Batch): Uint8Array => scheduled.encode([one])[0]!.body
    await scheduled.send(encode(batch), { signal, attempt: 0 })
    expect(metadataOf(encode(batch))).toEqual(['up Is it?'])
    answer = { status: 204 }
    await scheduled.send(encode(batch), { signal, attempt: 0 })
    expect(metadataOf(encode(batch))).toEqual([])
    const other = batchOf([
      { labels: { __name__: 'up' }, value: 1, timestampMs: 1, metadata: { name: 'up', type: 'gauge', help: 'Otherwise', unit: '' } },
    ])
    expect(metadataOf(encode(other))).toEqual(['up Otherwise'])
    nowMs = 60_000
    expect(metadataOf(encode(batch))).toEqual(['up Is it?'])
    await scheduled.close?.()
  })

  it('sends no more metadata with a request than the option says', () => {
    const families = batchOf(
      ['a', 'b', 'c'].map((name) => ({
        labels: { __name__: name },
        value: 1,
        timestampMs: 1,
        metadata: { name, type: 'gauge', help: '', unit: '' },
      })),
    )
    const [encoded] = createRemoteWriteSink({ url: 'http://h/w', metadata: { maxSamplesPerSend: 2 } }).encode([families])
    expect(metadataOf(encoded!.body)).toEqual(['a ', 'b '])
  })

  it('has no body where 1.0 can carry nothing of it', () => {
    const histogram = {
      schema: -53,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 1,
      sum: 1,
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveDeltas: Float64Array.of(1),
      negativeSpans: [],
      customValues: Float64Array.of(5),
      resetHint: 'unknown',
    } as const
    const { series } = batch.columns[0]!
    const columns = [{ kind: 'histograms', series, histograms: [histogram, histogram], timestampMs: 5 } as const]
    expect(sink.encode([{ origin: batch.origin, columns }])).toEqual([
      {
        part: 'remote-write',
        body: new Uint8Array(0),
        bytes: 0,
        counts: { samples: 0, histograms: 0, exemplars: 0 },
        dropped: [{ reason: 'nhcb_in_rw1_not_supported', counts: { samples: 0, histograms: 2, exemplars: 0 } }],
      },
    ])
  })

  it('refuses a timestamp that is not an integer', () => {
    const odd = batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs: 1.5 }])
    expect(() => sink.encode([odd])).toThrow('series {"__name__":"m"}: timestamp 1.5 is not an integer within ±(2^53 - 1) milliseconds')
  })
})

describe('validateRemoteWriteSinkOptions()', () => {
  const noUrl: object = { url: undefined }
  const refused: readonly [options: RemoteWriteSinkOptions, message: string][] = [
    [{ url: 'ftp://user:secret@h/' }, 'remote-write sink: url: ftp://h/ must be an http or https URL'],
    [Object.assign({ url: '' }, noUrl), 'remote-write sink: url: <invalid URL> must be an http or https URL'],
    [{ url: 'nonsense' }, 'remote-write sink: url: <invalid URL> must be an http or https URL'],
    [{ url: 'http://h', name: 'a b' }, 'remote-write sink: name: "a b" must match [A-Za-z0-9_-]{1,64}'],
    [{ url: 'http://h', timeoutMs: 0 }, 'remote-write sink: timeoutMs: 0 must be an integer of at least 1'],
    [{ url: 'http://h', maxTemplateBytes: -1 }, 'remote-write sink: maxTemplateBytes: -1 must be an integer of at least 0'],
    [{ url: 'http://h', maxBodyBytes: 1.5 }, 'remote-write sink: maxBodyBytes: 1.5 must be an integer of at least 1'],
    [{ url: 'http://h', headers: { 'Content-Type': 'x' } }, 'header "Content-Type" is reserved'],
  ]
  for (const [options, message] of refused) it(`refuses: ${message}`, () => expect(() => createRemoteWriteSink(options)).toThrow(message))

  it('asks for requests of 10,000 samples', () => {
    expect(createRemoteWriteSink({ url: 'http://h' }).maxSamplesPerSend).toBe(10_000)
  })

  it('names a sink by its URL', () => {
    expect(createRemoteWriteSink({ url: 'http://localhost:9090/api/v1/write' }).name).toMatch(/^remote-write-[0-9a-f]{8}$/)
  })
})

describe('memory of bodies', () => {
  const list = batchOf(
    Array.from({ length: 1000 }, (_, i) => ({ labels: { __name__: 'm', i: String(i) }, value: Math.sin(i), timestampMs: 1700000000000 })),
  )

  function again(value: number): Batch {
    return {
      ...list,
      columns: list.columns.map((columns) =>
        columns.kind === 'samples' ? { ...columns, values: columns.values.map((_, i) => Math.sin(i + value)) } : columns,
      ),
    }
  }

  it('is used again when a request was answered, and not where it will be sent again or was given up', async () => {
    const sink = createRemoteWriteSink({ url, metadata: { send: false } })
    const signal = new AbortController().signal
    const place = (body: Uint8Array): ArrayBufferLike => body.buffer
    const bodies: Uint8Array[] = []
    const sendNext = async (options: { signal: AbortSignal; attempt: number }): Promise<void> => {
      const [{ body } = { body: new Uint8Array(0) }] = sink.encode([again(bodies.length)])
      bodies.push(body)
      await sink.send(body, options)
    }
    for (const status of [204, 204]) {
      answer = { status }
      await sendNext({ signal, attempt: 0 })
    }
    expect(place(bodies[1]!)).toBe(place(bodies[0]!))
    answer = { status: 503 }
    await sendNext({ signal, attempt: 0 })
    answer = { status: 204 }
    await sendNext({ signal, attempt: 1 })
    await sendNext({ signal: AbortSignal.abort(), attempt: 0 })
    await sendNext({ signal, attempt: 0 })
    expect(new Set(bodies.slice(2).map(place)).size).toBe(4)
    expect(place(bodies[2]!)).toBe(place(bodies[0]!))
    await sink.close?.()
  })

  it('is not seen by a server that answers early and reads what comes later', async () => {
    const heard: Buffer[] = []
    let isOver = (): void => {}
    const over = new Promise<void>((resolve) => {
      isOver = resolve
    })
    const early = createSocketServer((socket) => {
      socket.once('data', (first) => {
        heard.push(first)
        socket.pause()
        socket.write('HTTP/1.1 204 No Content\r\n\r\n')
        setTimeout(() => socket.resume().on('data', (chunk) => heard.push(chunk)), 50)
      })
      socket.on('error', () => {})
      socket.on('close', isOver)
    })
    await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve))
    const address = early.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const sink = createRemoteWriteSink({ url: `http://127.0.0.1:${port}/`, metadata: { send: false } })
    const many = Array.from({ length: 700 }, (_, i) => again(i + Math.random()))
    const [{ body } = { body: new Uint8Array(0) }] = sink.encode(many)
    expect(body.length).toBeGreaterThan(4 * 1024 * 1024)
    const copy = Buffer.from(body)
    expect(await sink.send(body, { signal: new AbortController().signal, attempt: 0 })).toEqual({ status: 'delivered' })
    for (let i = 0; i < 5; i++) sink.encode(many.map((_, k) => again(-k)))
    body.fill(0)
    await over
    const all = Buffer.concat(heard)
    const received = all.subarray(all.indexOf('\r\n\r\n') + 4)
    expect(received.length).toBeLessThanOrEqual(copy.length)
    expect(received.equals(copy.subarray(0, received.length))).toBe(true)
    await sink.close?.()
    early.close()
  })
})

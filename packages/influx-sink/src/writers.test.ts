import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Batch, batchOf, PromlineError, Secret } from '@promline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InfluxSinkOptions } from './config.js'
import { fileWriter } from './file-writer.js'
import { createInfluxSink } from './sink.js'

interface Seen {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** An InfluxDB that answers as it is told. */
class FakeInflux {
  answer: { status: number; body?: string; headers?: Record<string, string> } | 'hang' | 'reset' = { status: 204 }
  readonly seen: Seen[] = []
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
      this.seen.push({ url: request.url ?? '', headers: request.headers, text })
      if (this.answer === 'hang') return
      if (this.answer === 'reset') {
        request.socket.destroy()
        return
      }
      response.writeHead(this.answer.status, { 'content-type': 'application/json', ...this.answer.headers }).end(this.answer.body)
    })
  })

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${address.port}`
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

let influx: FakeInflux
let url: string
const { signal } = new AbortController()

beforeEach(async () => {
  influx = new FakeInflux()
  url = await influx.listen()
})

afterEach(() => influx.close())

function batch(samples: number): Batch {
  return batchOf(
    Array.from({ length: samples }, (_, i) => ({ labels: { __name__: 'up', i: `${i}` }, value: i, timestampMs: 1_700_000_000_000 })),
  )
}

async function write(options: InfluxSinkOptions, samples = 2) {
  const sink = createInfluxSink(options)
  const [part] = sink.encode([batch(samples)])
  if (part === undefined) throw new Error('nothing was encoded')
  try {
    return await sink.send(part.body, { signal, attempt: 1 })
  } finally {
    await sink.close?.()
  }
}

const token = { value: new Secret('hunter2') }
const lines = 'up,i=0 value=0 1700000000000000000\nup,i=1 value=1 1700000000000000000\n'

describe('a write', () => {
  it.each<[string, InfluxSinkOptions, string, string | undefined]>([
    ['1.x', { database: 'my db' }, '/write?db=my+db&precision=ns', undefined],
    ['1.x with a login', { database: 'd', username: 'u', password: token }, '/write?db=d&precision=ns', `Basic ${btoa('u:hunter2')}`],
    ['1.8 with a token', { database: 'd', token: { value: new Secret('u:p') } }, '/write?db=d&precision=ns', 'Token u:p'],
    ['2.x by the client', { version: 2, org: 'o', bucket: 'b', token }, '/api/v2/write?org=o&bucket=b&precision=ns', 'Token hunter2'],
    ['3', { version: 3, database: 'd', token }, '/api/v3/write_lp?db=d&precision=nanosecond', 'Bearer hunter2'],
  ])('%s', async (...[, options, path, authorization]) => {
    expect(await write({ url, ...options })).toEqual({ status: 'delivered' })
    expect(influx.seen).toHaveLength(1)
    const [seen] = influx.seen
    expect(seen).toMatchObject({ url: path, text: lines })
    expect(seen?.headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'user-agent': expect.stringMatching(/^promline\//) })
    expect(seen?.headers.authorization).toBe(authorization)
    expect(seen?.headers['content-encoding']).toBeUndefined()
  })

  it.each<[string, InfluxSinkOptions]>([
    ['1.x', { database: 'd' }],
    ['2.x', { version: 2, org: 'o', bucket: 'b', token }],
  ])('%s: is compressed from 1,000 bytes on', async (_version, options) => {
    expect(await write({ url, ...options }, 100)).toEqual({ status: 'delivered' })
    expect(await write({ url, ...options, gzip: false }, 100)).toEqual({ status: 'delivered' })
    expect(influx.seen.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', undefined])
    expect(new Set(influx.seen.map(({ text }) => text.split('\n').length))).toEqual(new Set([101]))
  })

  it('keeps the path and the query of the URL, such as a retention policy', async () => {
    await write({ url: `${url}/influx/?rp=year`, database: 'd' })
    expect(influx.seen[0]?.url).toBe('/influx/write?rp=year&db=d&precision=ns')
  })

  it('takes a URL of 2.x with its path', async () => {
    await write({ url: `${url}/api/v2`, version: 2, org: 'o', bucket: 'b', token })
    expect(influx.seen[0]?.url).toBe('/api/v2/write?org=o&bucket=b&precision=ns')
  })

  it('reads a token file anew for every write', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'influx-'))
    const file = join(folder, 'token')
    try {
      const sink = createInfluxSink({ url, version: 2, org: 'o', bucket: 'b', token: { file } })
      for (const secret of ['one', 'two']) {
        await writeFile(file, `${secret}\n`)
        await sink.send(sink.encode([batch(1)])[0]!.body, { signal, attempt: 1 })
      }
      await rm(file)
      expect(await sink.send(sink.encode([batch(1)])[0]!.body, { signal, attempt: 1 })).toMatchObject({
        status: 'retryable',
        error: { code: 'unavailable' },
      })
      await sink.close?.()
    } finally {
      await rm(folder, { recursive: true })
    }
    expect(influx.seen.map(({ headers }) => headers.authorization)).toEqual(['Token one', 'Token two'])
  })
})

const both: [string, InfluxSinkOptions][] = [
  ['plain HTTP', { database: 'mydb' }],
  ['the client', { version: 2, org: 'o', bucket: 'mydb', token }],
]

describe.each(both)('an answer, by %s', (_name, options) => {
  it('that is a partial write', async () => {
    influx.answer = { status: 400, body: '{"error":"partial write: unable to parse \'badline\': missing fields dropped=0"}' }
    expect(await write({ url, ...options })).toEqual({
      status: 'delivered',
      rejected: {
        counts: { samples: 1, histograms: 0, exemplars: 0 },
        reason: 'partial-write',
        message: "InfluxDB database mydb: 400: partial write: unable to parse 'badline': missing fields dropped=0",
      },
    })
  })

  it('that asks to wait: seconds, not milliseconds', async () => {
    influx.answer = { status: 429, body: '{"code":"too many requests","message":"slow down"}', headers: { 'retry-after': '2' } }
    expect(await write({ url, ...options })).toMatchObject({
      status: 'retryable',
      retryAfterMs: 2000,
      error: { message: 'InfluxDB database mydb: 429: slow down' },
    })
  })

  it('that needs a person', async () => {
    influx.answer = { status: 401, body: '{"code":"unauthorized","message":"unauthorized access"}' }
    expect(await write({ url, ...options })).toMatchObject({ status: 'retryable', blocked: 'InfluxDB refused the credentials' })
  })

  it('that is not from InfluxDB', async () => {
    influx.answer = { status: 502, body: '<html>bad gateway</html>', headers: { 'content-type': 'text/html' } }
    const outcome = await write({ url, ...options })
    expect(outcome).toMatchObject({ status: 'retryable' })
    expect(outcome.status === 'retryable' && outcome.error.message).toContain('502')
  })

  it('that is a page for people', async () => {
    influx.answer = { status: 200, body: '<html>log in</html>', headers: { 'content-type': 'text/html' } }
    expect(await write({ url, ...options })).toMatchObject({ status: 'retryable', blocked: expect.stringContaining('a page') })
  })

  it('that is 200', async () => {
    influx.answer = { status: 200, body: '{}' }
    expect(await write({ url, ...options })).toEqual({ status: 'delivered' })
  })

  it('that never comes', async () => {
    influx.answer = 'hang'
    const outcome = await write({ url, ...options, timeoutMs: 50 })
    expect(outcome).toMatchObject({ status: 'retryable', error: { code: 'timeout' } })
  })

  it('that breaks off', async () => {
    influx.answer = 'reset'
    expect(await write({ url, ...options })).toMatchObject({ status: 'retryable', error: { code: 'connect' } })
  })

  it('that nobody waits for any more', async () => {
    influx.answer = 'hang'
    const sink = createInfluxSink({ url, ...options })
    const controller = new AbortController()
    const outcome = sink.send(sink.encode([batch(1)])[0]!.body, { signal: controller.signal, attempt: 1 })
    controller.abort()
    expect(await outcome).toMatchObject({ status: 'retryable', error: { code: 'unavailable' } })
    await sink.close?.()
  })

  it('that says nothing of the secret', async () => {
    await influx.close()
    const outcome = await write({ url: url.replace('//', '//u:hunter2@'), ...options })
    expect(outcome).toMatchObject({ status: 'retryable', error: { code: 'connect' } })
    expect(JSON.stringify(outcome) + (outcome.status === 'retryable' ? String(outcome.error) : '')).not.toContain('hunter2')
    await influx.listen()
  })
})

describe('encode()', () => {
  it('is one part a database, with what was dropped', () => {
    const sink = createInfluxSink({ url, database: 'd' })
    const mixed = batchOf([
      { labels: { __name__: 'a' }, value: 1, timestampMs: 1000 },
      { labels: { __name__: 'b' }, value: Number.NaN, timestampMs: 1000, stale: true },
      { labels: { __name__: 'c' }, value: Number.POSITIVE_INFINITY, timestampMs: 1000 },
    ])
    const one = { samples: 1, histograms: 0, exemplars: 0 }
    expect(sink.encode([mixed])).toEqual([
      {
        part: 'd',
        body: { lines: new TextEncoder().encode('a value=1 1000000000\n'), counts: one },
        bytes: 21,
        counts: one,
        dropped: [
          { reason: 'stale', counts: one },
          { reason: 'infinite', counts: one },
        ],
      },
    ])
    expect(sink.encode([batchOf([])])).toEqual([])
    expect([sink.name, sink.maxBodyBytes]).toEqual(['influx', 5_000_000])
  })

  it("writes Telegraf's layouts", () => {
    const metadata = { name: 'hits_total', type: 'counter', help: '', unit: '' } as const
    const hits = batchOf([{ labels: { __name__: 'hits_total', code: '200' }, metadata, value: 7, timestampMs: 1000 }])
    const text = (schema: 'telegraf-v1' | 'telegraf-v2') =>
      Buffer.from(createInfluxSink({ url, database: 'd', schema }).encode([hits])[0]!.body.lines).toString()
    expect(text('telegraf-v1')).toBe('hits_total,code=200 counter=7 1000000000\n')
    expect(text('telegraf-v2')).toBe('prometheus,code=200 hits_total=7 1000000000\n')
  })
})

describe('fileWriter()', () => {
  it('appends to a file behind a torn line, and says when the disk is full', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'influx-'))
    const path = join(folder, 'mydb.lp')
    try {
      await writeFile(path, 'whole v=1 1\ntor')
      expect(await write({ writer: fileWriter({ path }), database: 'mydb' })).toEqual({ status: 'delivered' })
      expect(await readFile(path, 'utf8')).toBe(`whole v=1 1\n${lines}`)
    } finally {
      await rm(folder, { recursive: true })
    }
    const full = new PromlineError('disk-full', `${path}: the disk is full (ENOSPC), nothing was added`)
    expect(await write({ writer: { write: () => Promise.reject(full) } })).toEqual({ status: 'retryable', error: full })
  })
})

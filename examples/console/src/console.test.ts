import { createServer, get, type IncomingMessage } from 'node:http'
import { batchOf, createMemorySpool, createPipeline, type Pipeline, type SampleInput, type TargetStatus } from '@promline/core'
import { createMemorySink } from '@promline/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Refusals } from './clusters/client-answers.js'
import { type Console, type ConsoleOptions, createConsole } from './console.js'

const target: TargetStatus = {
  jobName: 'job',
  instance: 'host:1',
  url: 'http://host:1/metrics',
  labels: { job: 'job', instance: 'host:1' },
  discoveredLabels: { __address__: 'host:1', job: 'job' },
  health: 'down',
  lastError: 'connection refused',
  scrapeIntervalMs: 10_000,
  scrapesSkipped: 0,
}

/** The clock of the console; the tests set it. */
let nowMs: number
let refused: Map<string, Refusals>
let pipeline: Pipeline
let page: Console
let base: string
let closing: (() => Promise<void>)[] = []

function create(options: Pick<ConsoleOptions, 'clusters'> = {}): Console {
  return createConsole({
    pipelines: () => [pipeline],
    targets: () => [target],
    describeSource: (name) => ({ text: `source of ${name}`, problem: 'no port' }),
    version: 'promline 1.2.3',
    windowMs: 60_000,
    windowMaxBytes: 1e6,
    refused: () => refused,
    now: () => nowMs,
    ...options,
  })
}

function batch(values: Record<string, number>, timestampMs: number): ReturnType<typeof batchOf> {
  return batchOf(Object.entries(values).map(([name, value]): SampleInput => ({ labels: { __name__: name }, value, timestampMs })))
}

beforeEach(async () => {
  nowMs = 100_000
  refused = new Map()
  page = create()
  pipeline = createPipeline({ name: 'scrape', spool: createMemorySpool(), sinks: [{ sink: createMemorySink() }], tap: page.tap('scrape') })
  const server = createServer((request, response) => {
    if (!page.handle(request, response)) response.writeHead(404).end('elsewhere')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  base = `http://127.0.0.1:${address.port}`
  closing = [
    async () => page.close(),
    () => pipeline.close({ deadlineMs: 0 }),
    async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  ]
})

afterEach(async () => {
  for (const close of closing) await close()
})

async function json(path: string): Promise<unknown> {
  const response = await fetch(base + path)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  return response.json()
}

describe('the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/index.html?x=1', 'text/html; charset=utf-8'],
    ['/style.css', 'text/css; charset=utf-8'],
    ['/uplot.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
    ['/page/app.js', 'text/javascript; charset=utf-8'],
    ['/page/uplot.js', 'text/javascript; charset=utf-8'],
  ])('serves %s', async (path, contentType) => {
    const response = await fetch(base + path)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType])
    expect((await response.text()).length).toBeGreaterThan(100)
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self';/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${base}/`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it.each(['/other', '/page/', '/page/console.js', '/page/../console.js', '/..%2fpackage.json', '//', '/apix'])(
    'leaves %s to others',
    async (path) => {
      // fetch would tidy the path up.
      const message = await new Promise<IncomingMessage>((resolve, reject) => {
        get(base, { path }, resolve).on('error', reject)
      })
      message.resume()
      expect(message.statusCode).toBe(404)
    },
  )
})

describe('the API', () => {
  it.each([
    ['POST', '/api/status'],
    ['DELETE', '/api/targets'],
    ['POST', '/api/events'],
    ['PUT', '/'],
  ])('is read-only: %s %s', async (method, path) => {
    const response = await fetch(base + path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await response.json()).toEqual({ error: `the console is read-only: ${method} is not allowed` })
  })

  it('says that a path is not there', async () => {
    const response = await fetch(`${base}/api/nothing`)
    expect([response.status, await response.json()]).toEqual([404, { error: 'there is no /api/nothing' }])
  })

  it('gives the status: pipelines with their accounts and rates, and the health of targets', async () => {
    await pipeline.write(batch({ a: 1, b: 2 }, nowMs))
    expect(await json('/api/status')).toMatchObject({
      atMs: 100_000,
      startedMs: 100_000,
      version: 'promline 1.2.3',
      targets: { up: 0, down: 1, unknown: 0 },
      pipelines: [
        {
          status: { name: 'scrape', state: 'running', sinks: [{ name: 'memory' }] },
          accounts: { balanced: true, sinks: { memory: { delivered: { samples: 2 }, balanced: true } } },
          intake: { perSecond: 0, history: [] },
          sinks: { memory: { perSecond: 0, history: [] } },
          source: { text: 'source of scrape', problem: 'no port' },
        },
      ],
    })
  })

  it('gives targets and sinks', async () => {
    expect(await json('/api/targets')).toEqual([target])
    expect(await json('/api/sinks')).toMatchObject([{ pipeline: 'scrape', name: 'memory', state: 'healthy', retries: 0, deadLetters: 0 }])
  })

  it('gives the names and points of the window', async () => {
    await pipeline.write(batch({ a: 1, b: 10 }, 90_000))
    await pipeline.write(batch({ a: 2 }, 95_000))
    expect(await json('/api/names')).toEqual(['a', 'b'])
    const a = { labels: { __name__: 'a' }, type: 'unknown', pipeline: 'scrape' }
    expect(await json('/api/query?match=a')).toEqual({
      matched: 1,
      series: [{ ...a, timestampsMs: [90_000, 95_000], values: [1, 2] }],
    })
    expect(await json('/api/query?match=a{}&from=90001&to=95000')).toEqual({
      matched: 1,
      series: [{ ...a, timestampsMs: [95_000], values: [2] }],
    })
    expect(await json('/api/query?match=a&from=0&to=10')).toEqual({ matched: 0, series: [] })
  })

  it('draws at most twenty series, and counts the rest', async () => {
    await pipeline.write(batch(Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`m${i}`, i])), nowMs))
    const answer = await (await fetch(`${base}/api/query?match=m`)).json()
    expect([answer.matched, answer.series.length]).toEqual([25, 20])
  })

  it('gives clusters where there are several: those that are silent first, with what was refused of their clients', async () => {
    expect(await json('/api/clusters')).toEqual({
      atMs: 100_000,
      shown: false,
      label: 'cluster',
      clusters: [],
      compare: [],
      isCut: false,
      strangers: {},
    })
    const of = (cluster: string, client: string): ReturnType<typeof batchOf> =>
      batchOf([{ labels: { __name__: 'a', cluster }, value: 1, timestampMs: nowMs }], { kind: 'client', id: client })
    await pipeline.write(of('x', 'agent of x'))
    expect(await json('/api/clusters')).toMatchObject({ shown: false, clusters: [{ cluster: 'x', pipeline: 'scrape', series: 1 }] })
    await pipeline.write(of('y', 'agent of y'))
    nowMs += 200_000
    await pipeline.write(of('y', 'agent of y'))
    refused.set('agent of x', { '503': 2 }).set('unknown', { '401': 1 })
    expect(await json('/api/clusters')).toMatchObject({
      atMs: 300_000,
      shown: true,
      clusters: [
        { cluster: 'x', silent: true, lastSeenMs: 100_000, newestMs: 100_000, clients: ['agent of x'], refused: { '503': 2 }, figures: [] },
        { cluster: 'y', silent: false, lastSeenMs: 300_000, newestMs: 300_000, clients: ['agent of y'], refused: {}, figures: [] },
      ],
      strangers: { unknown: { '401': 1 } },
    })
  })

  it('gives figures of clusters that were asked for, though there is one only', async () => {
    page = create({ clusters: { label: 'dc', compare: ['a', 'rate(a)'] } })
    const at = (value: number): ReturnType<typeof batchOf> =>
      batchOf([{ labels: { __name__: 'a', dc: 'x' }, value, timestampMs: nowMs }], { kind: 'client', id: 'agent' })
    const tap = page.tap('receive')
    tap(at(10))
    nowMs += 10_000
    tap(at(30))
    const { shown, label, clusters } = await (await fetch(`${base}/api/clusters`)).json()
    expect([shown, label]).toEqual([true, 'dc'])
    expect(clusters).toMatchObject([{ pipeline: 'receive', cluster: 'x', silentAfterMs: 30_000, figures: [30, 2] }])
    nowMs += 31_000
    expect(await json('/api/clusters')).toMatchObject({ clusters: [{ silent: true, samplesPerSecond: 0, figures: [null, null] }] })
  })

  it('refuses a figure to compare that is none', () => {
    expect(() => create({ clusters: { compare: ['x{'] } })).toThrow('figure to compare "x{": selector "x{" has no closing brace')
  })

  it.each([
    ['', 'a selector is missing: the name of a metric, a part of one, or {label="value"}'],
    ['match=', 'a selector is missing: the name of a metric, a part of one, or {label="value"}'],
    [`match=${encodeURIComponent('up{job=')}`, 'selector "up{job=" has no closing brace'],
    ['match=up&from=yesterday', 'from=yesterday is not a time in milliseconds since 1970'],
    ['match=up&to=-1', 'to=-1 is not a time in milliseconds since 1970'],
  ])('refuses a query of %j', async (query, error) => {
    const response = await fetch(`${base}/api/query?${query}`)
    expect([response.status, await response.json()]).toEqual([400, { error }])
  })
})

describe('/api/events', () => {
  it('sends a whole status at once, and again', async () => {
    const response = await fetch(`${base}/api/events`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (text.split('\n\n').length < 3) text += (await reader.read()).value ?? ''
    const [first = '', second = ''] = text.split('\n\n')
    for (const event of [first, second]) {
      expect(event.startsWith('data: ')).toBe(true)
      expect(JSON.parse(event.slice('data: '.length))).toMatchObject({
        version: 'promline 1.2.3',
        pipelines: [{ status: { name: 'scrape' } }],
      })
    }
    await reader.cancel()
  })

  it('ends when the console closes', async () => {
    const response = await fetch(`${base}/api/events`)
    page.close()
    expect((await response.text()).startsWith('data: ')).toBe(true)
  })

  it('answers HEAD at once', async () => {
    const response = await fetch(`${base}/api/events`, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  })

  it('asks the thirty-third page to come back later, and takes another once one has gone', async () => {
    const stops = Array.from({ length: 32 }, () => new AbortController())
    for (const stop of stops) await fetch(`${base}/api/events`, { signal: stop.signal })
    const refused = await fetch(`${base}/api/events`)
    expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([503, '10', 'too many pages are open\n'])
    stops[0]?.abort()
    const open = async (): Promise<number> => (await fetch(`${base}/api/events`)).status
    await expect.poll(open, { timeout: 10_000 }).toBe(200)
  })
})

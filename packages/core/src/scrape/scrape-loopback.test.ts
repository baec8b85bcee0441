import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { samplesOf } from '../model/samples.js'
import { collectConsume } from '../testing/collect-consume.js'
import type { ScrapeConfigInput } from './scrape-config.js'
import { createScrapeSource } from './scrape-source.js'
import { validateScrapeConfig } from './validate-scrape-config.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Listens; returns the address and the open connections. */
async function listen(server: Server): Promise<{ address: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return { address: `127.0.0.1:${address.port}`, sockets }
}

const serve = (handler: RequestListener) => listen(createServer(handler))
const servePage = (page: string | Buffer, headers: Record<string, string> = {}) =>
  serve((_request, response) => response.writeHead(200, { 'content-type': 'text/plain', ...headers }).end(page))

/** Scrapes a target once, as a source does; gives its samples and its status. */
async function scrapeOnce(address: string, input: Partial<ScrapeConfigInput> = {}) {
  const config = validateScrapeConfig({
    jobName: 'j',
    scrapeIntervalMs: 60_000,
    scrapeTimeoutMs: 10_000,
    staticConfigs: [{ targets: [address] }],
    ...input,
  })
  const source = createScrapeSource({ configs: [config], scrapeAtOnce: true })
  const { consume, batches } = collectConsume()
  const controller = new AbortController()
  const running = source.run(consume, { signal: controller.signal })
  await expect.poll(() => batches.length, { timeout: 20_000 }).toBe(1)
  controller.abort()
  await running
  const samples = batches.flatMap((batch) => [...samplesOf(batch)]).map(({ labels, value }) => `${labels.get('__name__')} ${value}`)
  return { samples: samples.filter((sample) => !sample.startsWith('scrape_')), status: source.targets()[0] }
}

describe('real targets', () => {
  test('many at a time, without a warning of Node about their listeners', async () => {
    const targets = 50
    const held: (() => unknown)[] = []
    const { address } = await serve((_request, response) => {
      held.push(() => response.writeHead(200, { 'content-type': 'text/plain' }).end('a 1\n'))
      if (held.length === targets) for (const answer of held) answer()
    })
    const staticConfigs = Array.from({ length: targets }, (_, i) => ({ targets: [address], labels: { number: `${i}` } }))
    const config = validateScrapeConfig({ jobName: 'j', scrapeIntervalMs: 60_000, scrapeTimeoutMs: 30_000, staticConfigs })
    const { consume, batches } = collectConsume()
    const controller = new AbortController()
    const warnings: string[] = []
    const warn = ({ message }: Error): void => void warnings.push(message)
    process.on('warning', warn)
    cleanups.push(() => process.off('warning', warn))
    const running = createScrapeSource({ configs: [config], scrapeAtOnce: true }).run(consume, { signal: controller.signal })
    await expect.poll(() => batches.length, { timeout: 20_000 }).toBe(targets)
    controller.abort()
    await running
    expect(warnings).toEqual([])
  })

  test('plain and gzip', async () => {
    const { address } = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4', 'content-encoding': 'gzip' })
      response.end(gzipSync(`timeout_seconds ${String(request.headers['x-prometheus-scrape-timeout-seconds'])}\n`))
    })
    const { samples, status } = await scrapeOnce(address)
    expect(samples).toEqual(['timeout_seconds 10', 'up 1'])
    expect(status).toMatchObject({ health: 'up', url: `http://${address}/metrics`, lastSamples: 1 })
  })

  test('a redirect is followed, and credentials do not leave the origin', async () => {
    let authorization: string | undefined = 'not asked'
    const there = await serve((request, response) => {
      authorization = request.headers.authorization
      response.writeHead(200, { 'content-type': 'text/plain' }).end('a 1\n')
    })
    const { address } = await serve((_request, response) => response.writeHead(302, { location: `http://${there.address}/m` }).end())
    const http = { basicAuth: { username: 'u', password: { file: '/dev/null' } } }
    expect((await scrapeOnce(address, { http })).samples).toEqual(['a 1', 'up 1'])
    expect(authorization).toBeUndefined()
    const { status } = await scrapeOnce(address, { http: { followRedirects: false } })
    expect(status?.lastError).toBe('server returned HTTP status 302 Found')
  })
})

describe('hostile targets fail, and only themselves', () => {
  const limit = { bodySizeLimitBytes: 100_000 }
  const tooLarge = (address: string) => `http://${address}/metrics: the body reaches the limit of 100000 bytes (body_size_limit)`

  test('a page that is too large', async () => {
    const { address } = await servePage('a 1\n'.repeat(50_000))
    const { samples, status } = await scrapeOnce(address, limit)
    expect([samples, status?.lastError]).toEqual([['up 0'], tooLarge(address)])
  })

  test('a gzip bomb', async () => {
    const { address } = await servePage(gzipSync(Buffer.alloc(50_000_000, '\n')), { 'content-encoding': 'gzip' })
    const { samples, status } = await scrapeOnce(address, limit)
    expect([samples, status?.lastError]).toEqual([['up 0'], tooLarge(address)])
    expect(status?.lastDurationMs).toBeLessThan(5000)
  })

  test('an endless page', async () => {
    const { address, sockets } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const pump = () => {
        while (!response.destroyed && response.write('a 1\n'.repeat(1000)));
      }
      response.on('drain', pump)
      pump()
    })
    const { samples, status } = await scrapeOnce(address, limit)
    expect([samples, status?.lastError]).toEqual([['up 0'], tooLarge(address)])
    await expect.poll(() => sockets.size).toBe(0)
  })

  const slow: [what: string, said: string, phase: string][] = [
    ['says nothing', '', 'waiting for the answer'],
    ['is slow with its headers', 'HTTP/1.1 200 OK\r\ncontent-', 'waiting for the answer'],
    ['is slow with its body', 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\na 1\n', 'reading the body'],
  ]
  test.each(slow)('one that %s', async (_what, said, phase) => {
    const { address, sockets } = await listen(createTcpServer((socket) => socket.once('data', () => socket.write(said))))
    const { samples, status } = await scrapeOnce(address, { scrapeTimeoutMs: 200 })
    expect([samples, status?.lastError]).toEqual([['up 0'], `http://${address}/metrics: timed out after 200 ms while ${phase}`])
    await expect.poll(() => sockets.size).toBe(0)
  })

  test('one that is not there', async () => {
    const { samples, status } = await scrapeOnce('127.0.0.1:1')
    expect([samples, status?.lastError]).toEqual([['up 0'], 'http://127.0.0.1:1/metrics: connection refused'])
  })

  test('one that has no page', async () => {
    const { address } = await servePage('<html></html>', { 'content-type': 'text/html' })
    const { samples, status } = await scrapeOnce(address)
    expect(samples).toEqual(['up 0'])
    expect(status?.lastError).toMatch(/^Content-Type "text\/html" is not supported; fallback_scrape_protocol: /)
    expect(status?.lastFailedBody).toEqual({ text: '<html></html>' })
  })
})

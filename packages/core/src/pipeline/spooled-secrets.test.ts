import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Secret } from '../http/secret.js'
import { createScrapeSource } from '../scrape/scrape-source.js'
import { validateScrapeConfig } from '../scrape/validate-scrape-config.js'
import { createDiskSpool } from '../spool/disk-spool.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { createPipeline } from './create-pipeline.js'

let dir: string
let server: Server

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'promline-secrets-'))
})

afterEach(async () => {
  server.close()
  await rm(dir, { recursive: true, force: true })
})

it('no file of the spool holds a credential of a target or a parameter of its URL', async () => {
  const asked: string[] = []
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end('plain_words 1\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const config = validateScrapeConfig({
    jobName: 'job',
    scrapeIntervalMs: 60_000,
    params: { token: ['canary-parameter'] },
    staticConfigs: [{ targets: [`127.0.0.1:${port}`] }],
    http: { authorization: { type: 'Bearer', credentials: { value: new Secret('canary-bearer') } } },
  })
  const sink = createMemorySink({ otherwise: { status: 'retryable', error: new Error('down') } })
  const pipeline = createPipeline({
    name: 'p',
    spool: createDiskSpool({ dir, minFreeBytes: 0 }),
    sources: [createScrapeSource({ configs: [config], scrapeAtOnce: true })],
    sinks: [{ sink }],
  })
  const stop = new AbortController()
  pipeline.events.on('batch', () => stop.abort())
  await pipeline.run({ signal: stop.signal })
  expect(asked).toEqual(['/metrics?token=canary-parameter Bearer canary-bearer'])
  const contents = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), 'latin1')))
  expect(contents.join()).toContain('plain_words')
  expect(contents.join()).not.toContain('canary')
}, 30_000)

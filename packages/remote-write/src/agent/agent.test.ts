import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, get, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, type Consume, loadConfig, type LoadedConfig, samplesOf, webConfigFile } from '@promline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRemoteWriteSource, type RemoteWriteSource } from '../receiver/source.js'
import { type Agent, createAgent } from './agent.js'

let dataDir: string
let target: Server
let targetAddress: string
const stopping: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'promline-agent-'))
  target = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end('# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{queue="a"} 42\nnoise 1\n')
  })
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  const address = target.address()
  targetAddress = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : ''
})

afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop()
  target.closeAllConnections()
  await new Promise((resolve) => target.close(resolve))
  await rm(dataDir, { recursive: true, force: true })
})

function configFor(url: string): LoadedConfig {
  const text = `
global: { scrape_interval: 1s, external_labels: { cluster: lab } }
scrape_configs:
  - job_name: demo
    static_configs: [{ targets: ["${targetAddress}"] }]
remote_write:
  - url: ${url}
    queue_config: { batch_send_deadline: 10ms }
    write_relabel_configs: [{ source_labels: [__name__], regex: noise, action: drop }]
`
  return loadConfig(text, { file: 'prometheus.yml' })
}

/** Starts something that runs until it is told to stop, and stops it after the test. */
function start(one: { run(options: { readonly signal: AbortSignal }): Promise<void> }): () => Promise<void> {
  const controller = new AbortController()
  const running = one.run({ signal: controller.signal })
  running.catch(() => {}) // the stop below rejects with it
  const stop = (): Promise<void> => {
    controller.abort()
    return running
  }
  stopping.push(stop)
  return stop
}

interface Receiving {
  readonly source: RemoteWriteSource
  readonly batches: Batch[]
  /** Resolves when something was received. */
  received(): Promise<unknown>
  readonly stop: () => Promise<void>
}

async function receive(listen = '127.0.0.1:0'): Promise<Receiving> {
  const batches: Batch[] = []
  const waiting = new Set<() => void>()
  const consume: Consume = async (batch) => {
    batches.push(batch)
    for (const resolve of waiting) resolve()
    return { status: 'delivered' }
  }
  const source = createRemoteWriteSource({ name: 'receiver', listen })
  const stop = start({ run: (options) => source.run(consume, options) })
  await source.listening
  return { source, batches, stop, received: async () => batches.length > 0 || new Promise<void>((resolve) => waiting.add(resolve)) }
}

function namesOf(batches: readonly Batch[]): Set<string> {
  return new Set(batches.flatMap((batch) => [...samplesOf(batch)].map(({ labels }) => labels.get('__name__') ?? '')))
}

async function pageOf(agent: Agent, path: string): Promise<[status: number, text: string]> {
  const response = await fetch(new URL(path, agent.url))
  return [response.status, await response.text()]
}

describe('createAgent()', () => {
  it('scrapes, relabels and sends, and drains at the end', async () => {
    const receiving = await receive()
    const agent = createAgent({ config: configFor(receiving.source.url ?? ''), dataDir, listen: '127.0.0.1:0', scrapeAtOnce: true })
    const stop = start(agent)
    await receiving.received()
    expect(agent.targets()).toMatchObject([{ jobName: 'demo', health: 'up' }])
    expect(await pageOf(agent, '/-/healthy')).toEqual([200, 'healthy\n'])
    expect(await pageOf(agent, '/-/ready')).toEqual([200, 'ready\n'])
    expect((await pageOf(agent, '/nowhere'))[0]).toBe(404)
    const [whole] = await once(get(agent.url ?? '', { path: 'http://x/-/healthy' }), 'response')
    expect(whole.resume().statusCode).toBe(200)
    const [, metrics] = await pageOf(agent, '/metrics')
    expect(metrics).toMatch(/^promline_in_samples_total\{.*\} [1-9]/m)
    await stop()

    const accounts = agent.pipeline.accounts()
    const [sink] = Object.values(accounts.sinks)
    expect(accounts.balanced).toBe(true)
    expect([sink!.spooled.samples, sink!.inFlight.samples, Object.keys(sink!.dropped)]).toEqual([0, 0, ['relabel']])
    expect(namesOf(receiving.batches)).toEqual(
      new Set([
        'jobs_total',
        'up',
        'scrape_duration_seconds',
        'scrape_samples_scraped',
        'scrape_samples_post_metric_relabeling',
        'scrape_series_added',
      ]),
    )
    const jobs = [...samplesOf(receiving.batches[0]!)].find(({ labels }) => labels.get('__name__') === 'jobs_total')
    expect(jobs).toMatchObject({ value: 42, metadata: { name: 'jobs_total', type: 'counter', help: 'Jobs.' } })
    expect({ ...jobs!.labels.toObject() }).toEqual({
      __name__: 'jobs_total',
      cluster: 'lab',
      instance: targetAddress,
      job: 'demo',
      queue: 'a',
    })
  })

  it('sends after the next start what it could not send', async () => {
    const first = await receive()
    const url = first.source.url ?? ''
    await first.stop()
    const agent = createAgent({ config: configFor(url), dataDir, scrapeAtOnce: true, drainMs: 50 })
    const stop = start(agent)
    while (agent.pipeline.accounts().intake.spooled.samples === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await stop()
    const [waiting] = Object.values(agent.pipeline.accounts().sinks)
    expect(waiting!.delivered.samples).toBe(0)

    const second = await receive(new URL(url).host)
    const again = createAgent({ config: { ...configFor(url), scrapeConfigs: [] }, dataDir })
    const stopAgain = start(again)
    await second.received()
    await stopAgain()
    expect(namesOf(second.batches)).toContain('jobs_total')
    const [sent] = Object.values(again.pipeline.accounts().sinks)
    expect(sent!.delivered.samples + (sent!.dropped['relabel']?.samples ?? 0)).toBe(sent!.recovered.samples)
  })

  it('refuses a configuration that has nowhere to send to', () => {
    const config = loadConfig('scrape_configs: []', { file: 'prometheus.yml' })
    expect(() => createAgent({ config, dataDir })).toThrow('the configuration has no remote_write: there is nowhere to send to')
  })

  it('asks for a password where its web.config says so', async () => {
    const file = join(dataDir, 'web.yml')
    // `secret`
    await writeFile(file, 'basic_auth_users: { ops: $2b$10$IsqMa5Eozd.36uviuYqT9uY5MPtNY2x6K5cHyX4l.awiifXG6Ci/e }')
    const config = { ...configFor('http://127.0.0.1:1/write'), scrapeConfigs: [] }
    const agent = createAgent({ config, dataDir: join(dataDir, 'data'), listen: '127.0.0.1:0', webConfig: webConfigFile(file), drainMs: 0 })
    start(agent)
    while (agent.url === undefined) await new Promise((resolve) => setImmediate(resolve))
    expect((await pageOf(agent, '/metrics'))[0]).toBe(401)
    const headers = { authorization: `Basic ${btoa('ops:secret')}` }
    expect((await fetch(new URL('/metrics', agent.url), { headers })).status).toBe(200)
  })

  it('rejects where it cannot listen', async () => {
    const agent = createAgent({ config: configFor('http://127.0.0.1:1/write'), dataDir, listen: targetAddress })
    await expect(agent.run({ signal: new AbortController().signal })).rejects.toThrow(
      `agent: cannot listen on ${targetAddress}: the port is in use (stop what listens there, or choose another)`,
    )
  })
})

// What a receiver costs: processor time a sample and memory, from the request to the spool and on to the next receiver. For docs/federation/
// scaling.md. An agent in this process scrapes pages of it and writes to a relay of its own process, which delivers to this one.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadConfig } from '@promline/core'
import { createAgent } from '@promline/remote-write/agent'
import { processorSeconds } from '../faults/processor-time.js'
import { ChildProgram, testeeArguments } from '../programs/child-program.js'
import { exitOnSignals, readCount, runProgram } from '../programs/command-line.js'

const usage = `usage: node conformance/dist/deploy/receiver-cost.js [--series N] [--targets N] [--seconds N]

Prints one line of JSON: samples, processor seconds for a million of them, and the memory of the receiver in MB.

  --series N    series of each target (default 100000)
  --targets N   (default 1)
  --seconds N   measured, after 16 s of warming up (default 30)`

interface Options {
  readonly series: number
  readonly targets: number
  readonly seconds: number
}

/** Eight scrapes at the interval below: V8 has optimised what there is to optimise early. */
const warmUpMs = 16_000
const interval = '2s'
/** So many versions of a page, one after the other: values move, as they do. */
const versions = 8

function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: 'string', default: '100000' },
      targets: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '30' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const { series, targets, seconds } = values
  return { series: readCount('series', series, 1), targets: readCount('targets', targets, 1), seconds: readCount('seconds', seconds, 1) }
}

async function measure({ series, targets, seconds }: Options): Promise<void> {
  exitOnSignals()
  const dir = await mkdtemp(join(tmpdir(), 'promline-receiver-cost-'))
  const pages = Array.from({ length: versions }, (_, version) => pageOf(series, version))
  let scrapes = 0
  const target = await serve((_, response) => response.end(pages[scrapes++ % versions]))
  const sink = await serve((request, response) => request.resume().on('end', () => response.writeHead(204).end()))
  const arguments_ = ['--listen', '127.0.0.1:0', '--data', join(dir, 'relay'), '--sink', `remote-write=http://${addressOf(sink)}/`]
  const relay = new ChildProgram({ args: testeeArguments('relay', ...arguments_) })
  const [, receiver] = await relay.printed(/listening on (\S+)/)
  const agent = createAgent({
    config: configOf(addressOf(target), { receiver: `${receiver}/api/v1/write`, targets }),
    dataDir: join(dir, 'agent'),
  })
  let samples = 0
  agent.pipeline.events.on('delivered', ({ counts }) => {
    samples += counts.samples
  })
  const stop = new AbortController()
  const running = agent.run({ signal: stop.signal })
  await sleep(warmUpMs)
  const [before, cpuBefore] = [samples, await processorSeconds(relay.pid)]
  await sleep(seconds * 1_000)
  const [taken, cpu] = [samples - before, ((await processorSeconds(relay.pid)) ?? 0) - (cpuBefore ?? 0)]
  console.log(
    JSON.stringify({ series, targets, samples: taken, secondsPerMillion: (cpu / taken) * 1e6, rssMB: await residentMB(relay.pid) }),
  )
  stop.abort()
  await running
  await relay.stop()
  for (const server of [target, sink]) server.close()
  await rm(dir, { recursive: true })
}

function pageOf(series: number, version: number): string {
  const labels = (i: number): string => `zone="zone-${i % 7}",handler="/api/v1/items/${i}",method="GET",code="200",pod="pod-a"`
  const rows = Array.from({ length: series }, (_, i) => `requests_total{${labels(i)}} ${1_000_000 + i * 3 + version * (i % 11)}\n`)
  return `# TYPE requests_total counter\n${rows.join('')}`
}

function configOf(
  target: string,
  { receiver, targets }: { readonly receiver: string; readonly targets: number },
): ReturnType<typeof loadConfig> {
  const groups = Array.from({ length: targets }, (_, i) => ({ targets: [target], labels: { instance: `target-${i}` } }))
  // JSON is YAML.
  const text = JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: [{ job_name: 'receiver-cost', fallback_scrape_protocol: 'PrometheusText0.0.4', static_configs: groups }],
    remote_write: [{ url: receiver }],
  })
  return loadConfig(text, { file: 'receiver-cost.yml' })
}

async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function addressOf(server: Server): string {
  const address = server.address()
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : ''
}

async function residentMB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024)
}

await runProgram({ usage, readOptions, run: measure })

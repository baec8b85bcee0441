import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, freePorts, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { testRow } from '../faults/row.js'
import { TestServer } from './pages.js'
import { type PipelineProgram, startPipeline } from './pipeline-program.js'
import { Program, repository } from './program.js'
import { afterTest, temporaryFolder } from './scope.js'
import { WriteClient } from './write-client.js'

/** Lines of the log at a level that asks for attention. */
function complaints({ program }: PipelineProgram): string[] {
  return program
    .output()
    .split('\n')
    .filter((line) => /\] (WARN|ERROR|FATAL): /.test(line))
}

type Listener = 'exporter' | 'console' | 'receiver'

/** Everything on ports of its own, but for the sinks, which are a folder and a file. */
async function startWithTaken(taken: Listener): Promise<{ pipeline: PipelineProgram; ports: Record<Listener, number> }> {
  const [exporter, console, receiver] = await freePorts(3)
  const ports = { exporter: exporter!, console: console!, receiver: receiver! }
  const other = new TestServer(`127.0.0.1:${ports[taken]}`, (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end('taken 1\n'),
  )
  await other.start()
  afterTest(() => other.stop())
  const pipeline = await startPipeline({
    config: `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: job, static_configs: [{ targets: ['127.0.0.1:${exporter}'] }] }]
exporter: { listen: 127.0.0.1:${exporter} }
remote_write_receiver: { listen: 127.0.0.1:${receiver} }
kafka_write: [{ name: kafka }]
influx_write: [{ name: influx }]
console: { listen: 127.0.0.1:${console} }
`,
  })
  return { pipeline, ports }
}

const inUse: Readonly<Record<Listener, string>> = { exporter: 'exporter', console: 'console', receiver: 'remote_write_receiver' }

test.each(['exporter', 'console', 'receiver'] as const)('the port of the %s in use: one line, and the rest goes on', async (taken) => {
  const { pipeline, ports } = await startWithTaken(taken)
  await pipeline.program.printed(/the rest goes on without it/)
  await waitFor('records of the topic', async () => (await readdir(join(pipeline.dataDir, 'topics', 'prometheus-metrics'))).length > 0)
  if (taken !== 'receiver') {
    const client = new WriteClient({ url: `http://127.0.0.1:${ports.receiver}/api/v1/write`, name: 'client' })
    await client.untilAccepted()
    const file = join(pipeline.dataDir, 'influx', 'mydb.lp')
    await waitFor('lines of the database', async () => (await readFile(file, 'utf8')).includes('written,client=client'))
  }
  if (taken !== 'console') {
    expect((await pipeline.get('/-/ready')).status).toBe(200)
    expect(await pipeline.targets()).toHaveLength(1)
  }
  if (taken !== 'exporter') expect((await fetch(`http://127.0.0.1:${ports.exporter}/metrics`)).status).toBe(200)
  expect(complaints(pipeline).map((line) => line.replace(/^.*?: /, ''))).toEqual([
    `${inUse[taken]}: cannot listen on 127.0.0.1:${ports[taken]}: the port is in use (stop what listens there, or choose another); the rest goes on without it`,
  ])
  expect((await pipeline.stop()).status).toBe(0)
})

test('a Kafka broker that cannot be reached: remote write goes on, and one line says why Kafka does not', async () => {
  const [broker, receiver, exporter] = await freePorts(3)
  const pipeline = await startPipeline({
    config: `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: job, static_configs: [{ targets: ['127.0.0.1:${exporter}'] }] }]
remote_write: [{ name: receiver, url: 'http://127.0.0.1:${receiver}/api/v1/write' }]
exporter: { listen: 127.0.0.1:${exporter} }
remote_write_receiver: { listen: 127.0.0.1:${receiver} }
kafka_write: [{ name: kafka, brokers: ['127.0.0.1:${broker}'] }]
influx_write: [{ name: influx }]
console: { listen: 127.0.0.1:0 }
`,
  })
  const kafka = await waitFor('retries', async () => {
    const sink = await pipeline.sink('scrape/kafka')
    return sink.retries >= 5 && sink
  })
  expect(kafka.state).toBe('retrying')
  expect(kafka.reason).toContain(`127.0.0.1:${broker}`)
  expect(kafka.balanced).toBe(true)
  await pipeline.delivered('receive/influx', 5 * 18)
  expect(complaints(pipeline)).toHaveLength(1)
  expect(complaints(pipeline)[0]).toMatch(/kafka/)
  const began = performance.now()
  const { status } = await pipeline.stop()
  expect(status).toBe(0)
  expect(performance.now() - began).toBeLessThan(7_000)
})

test.each([
  ['an unknown key', 'global:\n  scrape_intervall: 1s\n', '2:3', 'scrape_interval'],
  ['a value of another kind', 'spool:\n  max_bytes: [1]\n', '2:14', 'max_bytes'],
  ['text that is no YAML', 'global: {\n', '2:1', ''],
  [
    'a sink that feeds its own source',
    "remote_write_receiver: { listen: 127.0.0.1:9201 }\nremote_write:\n  - url: 'http://localhost:9201/api/v1/write'\n    from: receive\n",
    '3:10',
    'round for ever',
  ],
])('a configuration with %s is refused at its place', async (_, text, place, word) => {
  const file = join(await temporaryFolder(), 'promline.yml')
  await writeFile(file, text)
  const data = await temporaryFolder()
  const main = `${repository}examples/pipeline/dist/main.js`
  for (const more of [[], ['--check-config']]) {
    const { status, stdout, stderr } = await new Program({ args: [main, '--config', file, '--data', data, ...more] }).exited
    expect([status, stdout], stderr).toEqual([1, ''])
    expect(stderr.startsWith(`promline: ${file}:${place}: `), stderr).toBe(true)
    expect(stderr).toContain(word)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  }
  expect(await readdir(data)).toEqual([])
})

/** Says on standard error how much of the processor a program has taken. */
const tellUsage =
  'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write("cpu "+(user+system)+"\\n")})'
const lockTries = 3

testRow(
  {
    row: 26,
    fault: 'two instances on one folder',
    must: 'the second refuses <= 1 s of processor time (node start included), the first does not notice',
  },
  async (figures) => {
    const receiver = await freePort()
    const config = `remote_write_receiver: { listen: 127.0.0.1:${receiver} }
influx_write: [{ name: influx }]
console: { listen: 127.0.0.1:0 }
`
    const first = await startPipeline({ config })
    await first.pageUrl()
    const client = new WriteClient({ url: `http://127.0.0.1:${receiver}/api/v1/write`, name: 'client' })
    await client.untilAccepted()
    const seconds: number[] = []
    const usage: number[] = []
    for (let i = 0; i < lockTries; i++) {
      const began = performance.now()
      const second = await startPipeline({ config, dataDir: first.dataDir, nodeArgs: ['--import', tellUsage] })
      const { status, stderr } = await second.program.exited
      seconds.push((performance.now() - began) / 1_000)
      expect(status).toBe(1)
      usage.push(Number(/^cpu (\d+)$/m.exec(stderr)?.[1]) / 1e6)
      const said = stderr.split('\n').filter((line) => line.startsWith('promline: '))
      expect(said).toHaveLength(1)
      expect(said[0]).toContain(join(first.dataDir, 'spool', 'receive'))
      expect(said[0]).toContain(String(first.program.pid))
    }
    // Nearly all of it is node's start and loading: how long that takes depends on who else is on the machine, what it costs does not.
    figures.atMost('the second took', Math.min(...usage), { most: 1, unit: 's of processor time' })
    figures.note(`gone after ${Math.min(...seconds).toFixed(1)} s`)
    expect(await client.write()).toEqual({ status: 204, text: '' })
    await first.delivered('receive/influx', client.acknowledged * client.seriesCount)
    expect((await first.stop()).status).toBe(0)
  },
)

import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { startFakeMonitor } from '../src/nats/fake-monitor.test.helper.js'
import { startFakePushgateway } from '../src/push/fake-pushgateway.test.helper.js'
import { exampleCalled, type RunningExample, runExample, runReadmeExample } from '../../../test/support/readme-example.js'

const folder = new URL('../', import.meta.url)
let example: RunningExample | undefined
afterEach(() => example?.interrupt())

/** Runs the example of the README that has this name, with free ports for its own. */
function runNamed(name: string, replace: readonly (readonly [from: string, to: string])[] = []): RunningExample {
  const code = exampleCalled(new URL('README.md', folder), name)
  example = runExample(
    replace.reduce((text, [from, to]) => {
      expect(text).toContain(from)
      return text.replace(from, to)
    }, code),
    folder,
  )
  return example
}

async function textAt(url: string): Promise<string> {
  return (await fetch(url)).text()
}

test('the first example of the README serves metrics until Ctrl-C', async () => {
  example = runReadmeExample({ folder, replace: [['127.0.0.1:8000', '127.0.0.1:0']] })
  const [, url] = await example.printed(/metrics at (http:\S+)\n/)
  const text = await textAt(url!)
  expect(text).toContain('\nrequests_total{path="/"} 1\n')
  expect(text).toMatch(/^totalConnections \d+$/m)
  expect(await example.interrupt()).toBe(0)
  expect(example.output()).toMatch(/bye\n$/)
})

test('handler.js mounts the exporter in a server', async () => {
  const running = runNamed('handler.js', [
    [
      "listen(8000, '127.0.0.1', () => console.log('listening'))",
      "listen(0, '127.0.0.1', function () { console.log('at', this.address().port) })",
    ],
  ])
  const [, port] = await running.printed(/at (\d+)\n/)
  const url = `http://127.0.0.1:${port}`
  expect(await textAt(`${url}/-/ready`)).toBe('The exporter is not ready: no database yet.\n')
  expect(await textAt(`${url}/metrics`)).toMatch(/^promhttp_metric_handler_requests_total\{code="200"\} 0$/m)
})

test('poller.js shows what its source answers', async () => {
  const source = createServer((_request, response) => response.end('{"celsius":21.5}')).listen(0, '127.0.0.1')
  try {
    await once(source, 'listening')
    const address = source.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const running = runNamed('poller.js', [
      ['127.0.0.1:8080', `127.0.0.1:${port}`],
      ['127.0.0.1:8000', '127.0.0.1:0'],
      ['intervalMs: 15_000', 'intervalMs: 100'],
    ])
    const [, url] = await running.printed(/metrics at (http:\S+)\n/)
    await expect.poll(() => textAt(url!.replace('/metrics', '/-/ready')), { timeout: 10_000 }).toBe('The exporter is ready.\n')
    const text = await textAt(url!)
    expect(text).toMatch(/^temperature_celsius 21\.5$/m)
    expect(text).toMatch(/^poller_last_success_timestamp_seconds\{poller="weather"\} \d+/m)
  } finally {
    source.close()
  }
})

test('nats.js shows a server until Ctrl-C', async () => {
  const monitor = await startFakeMonitor()
  try {
    const running = runNamed('nats.js', [
      ['http://127.0.0.1:8222', monitor.url],
      ['127.0.0.1:7777', '127.0.0.1:0'],
    ])
    const [, url] = await running.printed(/metrics at (http:\S+)\n/)
    await expect
      .poll(() => textAt(url!), { timeout: 10_000 })
      .toMatch(/^nats_accountz_expired\{account_id="APP",account_name="APP",server_id="nats-1"\} 0$/m)
    expect(await running.interrupt()).toBe(0)
  } finally {
    await monitor.close()
  }
})

test('synthetic.js exposes metrics that agree with each other', async () => {
  const running = runNamed('synthetic.js', [['127.0.0.1:8000', '127.0.0.1:0']])
  const [, url] = await running.printed(/metrics at (http:\S+)\n/)
  const text = await textAt(url!)
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  expect(value('disk_operations_per_second')).toBeGreaterThan(value('disk_reads_per_second'))
  expect(value('disk_operations_per_second_max')).toBeGreaterThanOrEqual(value('disk_operations_per_second'))
  expect(text).toContain('# TYPE disk_operations_total counter\n')
})

test('push-job.js pushes how the job went', async () => {
  const { url, requests } = await startFakePushgateway()
  const running = runNamed('push-job.js', [['http://127.0.0.1:9091', url]])
  expect(await running.ended).toBe(0)
  expect(running.output()).toBe('imported 200 rows\n')
  expect(requests).toMatchObject([{ method: 'PUT', path: '/metrics/job/nightly_import/instance/batch-1' }])
  expect(requests[0]!.body).toContain('\nimport_rows{table="users"} 100\nimport_rows{table="orders"} 100\n')
  expect(requests[0]!.body).toContain('\njob_success 1\n')
})

test('pushgateway.js pushes, adds and deletes', async () => {
  const { url, requests } = await startFakePushgateway()
  const running = runNamed('pushgateway.js', [['http://127.0.0.1:9091', url]])
  expect(await running.ended).toBe(0)
  expect(requests.map(({ method, path }) => [method, path])).toEqual(
    ['PUT', 'POST', 'DELETE'].map((method) => [method, '/metrics/job/backup/path@base64/L3Zhci9saWI']),
  )
})

test('usdt.js serves the rate of a simulated market until Ctrl-C', async () => {
  const running = runNamed('usdt.js', [['127.0.0.1:5000', '127.0.0.1:0']])
  const [, url] = await running.printed(/rate at (http:\S+)\n/)
  await expect.poll(() => textAt(url!), { timeout: 10_000 }).toMatch(/^\{"pair":"USDT\/VND","rate":2\d{4}\.\d+,.*"market":"simulated"\}\n$/)
  expect(await textAt(`${url}metrics`)).toMatch(/^usdt_vnd_rate 2\d{4}\.\d+$/m)
  expect(await running.interrupt()).toBe(0)
})

test('usdt-handler.js mounts that exporter in a server', async () => {
  const running = runNamed('usdt-handler.js', [
    [
      "listen(5000, '127.0.0.1', () => console.log('listening'))",
      "listen(0, '127.0.0.1', function () { console.log('at', this.address().port) })",
    ],
  ])
  const [, port] = await running.printed(/at (\d+)\n/)
  expect(await textAt(`http://127.0.0.1:${port}/health`)).toContain('"status":"healthy"')
})

test('registry-source.js hands the samples of a registry on', async () => {
  const running = runNamed('registry-source.js')
  expect(await running.ended).toBe(0)
  const series = '{"__name__":"queue_length","job":"worker"}'
  expect(running.output()).toBe(`${series} 3\n${series} ended\n`)
})

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  createServerFolder,
  findChromium,
  httpReady,
  type KafkaServer,
  queryPrometheus,
  serverPath,
  startAlertmanager,
  startInfluxd,
  startKafka,
  startNatsServer,
  startNodeExporter,
  startPrometheus,
  startPushgateway,
  startServer,
  startVictoriaMetrics,
  startVmagent,
  waitFor,
} from '@promline/servers'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, describe, expect, test } from 'vitest'
import { describeWithServers } from './describe-with-servers.js'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

/** Stopped after the test, whatever becomes of it. */
async function started<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const server = await starting
  cleanUp.push(() => server.stop())
  return server
}

const scrapeConfig = (address: string) => `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: node, static_configs: [{ targets: ['${address}'] }] }]
`

describe('a server that does not start', () => {
  test('that ends says so, with the end of its log', async () => {
    const folder = await createServerFolder('node')
    const program = process.execPath
    const starting = startServer({
      name: 'broken',
      program,
      args: ['-e', 'console.log("no disk"); process.exit(3)'],
      folder,
      ready: async () => false,
    })
    await expect(starting).rejects.toThrow('broken ended with status 3. The end of its log:\nno disk')
    expect(existsSync(folder.path)).toBe(false)
  })

  test('whose program is missing says so', async () => {
    const folder = await createServerFolder('none')
    const starting = startServer({ name: 'none', program: '/nowhere', args: [], folder, ready: httpReady('http://127.0.0.1:1') })
    await expect(starting).rejects.toThrow('none spawn /nowhere ENOENT')
    expect(existsSync(folder.path)).toBe(false)
  })
})

describeWithServers('prometheus and node_exporter', ['prometheus', 'node-exporter'], () => {
  test('one scrapes the other, and both are gone afterwards', async () => {
    const exporter = await started(startNodeExporter())
    const prometheus = await started(startPrometheus({ config: scrapeConfig(exporter.address) }))
    const [up] = await waitFor('scrape', async () => {
      const series = await queryPrometheus({ url: prometheus.url, query: 'up == 1' })
      return series.length > 0 && series
    })
    expect(up!.labels).toEqual({ __name__: 'up', instance: exporter.address, job: 'node' })
    const { pid } = prometheus.process
    await prometheus.stop()
    await prometheus.stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

describeWithServers('victoria-metrics and vmagent', ['victoria-metrics', 'vmagent', 'node-exporter'], () => {
  test('one writes to the other', async () => {
    const exporter = await started(startNodeExporter())
    const victoria = await started(startVictoriaMetrics())
    await started(startVmagent({ config: scrapeConfig(exporter.address), remoteWriteUrl: victoria.remoteWriteUrl }))
    const series = await waitFor('remote write', async () => {
      await victoria.flush()
      const found = await queryPrometheus({ url: victoria.url, query: 'up' })
      return found.length > 0 && found
    })
    expect(series[0]!.samples[0]!.value).toBe('1')
  })
})

describeWithServers('influxd', ['influxd'], () => {
  test('stores lines, and keeps them over a restart', async () => {
    const influx = await started(startInfluxd())
    const written = await fetch(`${influx.url}/write?db=mydb`, { method: 'POST', body: 'up,job=a value=1 1700000000000000001\n' })
    expect(written.status).toBe(204)
    await influx.process.restart()
    const series = await influx.query('SELECT * FROM up', { database: 'mydb' })
    expect(series).toEqual([{ name: 'up', tags: {}, rows: [{ time: '2023-11-14T22:13:20.000000001Z', job: 'a', value: 1 }] }])
    await expect(influx.query('SELECT * FROM up')).rejects.toThrow('SELECT * FROM up: 200 "database name required"')
  })

  test('asks for credentials where it has an administrator', async () => {
    const influx = await started(startInfluxd({ admin: { username: 'root', password: 'secret' }, databases: ['other'] }))
    const refused = await fetch(`${influx.url}/write?db=other`, { method: 'POST', body: 'up value=1\n' })
    expect(refused.status).toBe(401)
    expect((await influx.query('SHOW DATABASES'))[0]!.rows).toContainEqual({ name: 'other' })
  })
})

describeWithServers('pushgateway', ['pushgateway'], () => {
  test('keeps what was pushed over a restart', async () => {
    const gateway = await started(startPushgateway())
    const pushed = await fetch(`${gateway.url}/metrics/job/batch`, { method: 'PUT', body: 'batch_success 1\n' })
    expect(pushed.status).toBe(200)
    await gateway.process.restart('SIGTERM')
    expect(await (await fetch(gateway.metricsUrl)).text()).toContain('\nbatch_success{instance="",job="batch"} 1\n')
  })
})

describeWithServers('alertmanager', ['alertmanager'], () => {
  test('tells which alerts it holds', async () => {
    const alertmanager = await started(startAlertmanager())
    const body = JSON.stringify([{ labels: { alertname: 'NatsDown' }, annotations: { summary: 'gone' } }])
    const headers = { 'content-type': 'application/json' }
    const sent = await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', body, headers })
    expect(sent.status).toBe(200)
    const alert = { labels: { alertname: 'NatsDown' }, annotations: { summary: 'gone' }, state: 'active' }
    await waitFor('active alert', async () => (await alertmanager.alerts()).some(({ state }) => state === 'active'))
    expect(await alertmanager.alerts()).toEqual([alert])
  })
})

describeWithServers('nats-server', ['nats-server'], () => {
  test('has JetStream and answers on its monitoring port, also after kill -9', async () => {
    const nats = await started(startNatsServer({ name: 'one', jetstream: { domain: 'hub' } }))
    await nats.process.restart('SIGKILL')
    const varz = await (await fetch(`${nats.monitorUrl}/varz`)).json()
    expect(varz).toMatchObject({ server_name: 'one', jetstream: { config: { max_memory: 64 * 1024 ** 2, domain: 'hub' } } })
  })
})

describeWithServers('kafka', ['kafka', 'kcat'], () => {
  test('gives the console consumer and kcat what kafkajs produced, also after kill -9', async () => {
    const kafka = await started(startKafka({ topics: [{ name: 'first', partitions: 2 }] }))
    await produce(kafka, 'first', ['a 1', 'b 2'])
    expect(await kafka.consoleConsumer({ topic: 'first', maxMessages: 2 })).toBe('a 1\nb 2\n')
    await kafka.process.restart('SIGKILL')
    await produce(kafka, 'first', ['c 3'])
    const args = ['-b', kafka.address, '-C', '-t', 'first', '-e', '-q']
    const { stdout } = await promisify(execFile)(serverPath('kcat'), args)
    expect(stdout).toBe('a 1\nb 2\nc 3\n')
  })
})

async function produce(kafka: KafkaServer, topic: string, values: readonly string[]): Promise<void> {
  const producer = new Kafka({ brokers: [kafka.address], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) })
  await producer.disconnect()
}

describeWithServers('chromium', ['chromium'], () => {
  test('is a program', async () => {
    const { stdout } = await promisify(execFile)(findChromium(), ['--version'])
    expect(stdout).toMatch(/^(Chromium|Google Chrome) \d+/)
  })
})

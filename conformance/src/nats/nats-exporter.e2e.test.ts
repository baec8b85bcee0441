import { spawnSync } from 'node:child_process'
import { connect as connectTcp, type Socket } from 'node:net'
import { parseTextFamilies } from '@promline/core'
import { createExporter, createNatsCollector, type Exporter, type NatsCollectorOptions } from '@promline/exporter-kit'
import { freePorts, type NatsServer, queryPrometheus, serverPath, startNatsServer, startPrometheus, waitFor } from '@promline/servers'
import { afterEach, expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { startNatsTraffic } from './nats-traffic.js'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

const everything = { connz: 'detailed', healthzJsServerOnly: true, healthzJsEnabledOnly: true, accountz: true } as const

async function natsServer(options: Parameters<typeof startNatsServer>[0] = {}): Promise<NatsServer> {
  const server = await startNatsServer(options)
  cleanUp.push(() => server.stop())
  return server
}

/** Our exporter, once it has read all endpoints. */
async function exporterOf(options: NatsCollectorOptions): Promise<Exporter> {
  const collector = createNatsCollector({ prefix: 'nats', intervalMs: 500, ...options })
  cleanUp.push(() => collector.close())
  const exporter = await createExporter({ listen: '127.0.0.1:0', registry: collector })
  cleanUp.push(() => exporter.close())
  await collector.pollNow()
  return exporter
}

async function scrape({ url }: Exporter): Promise<string> {
  return (await fetch(`${url}/metrics`)).text()
}

/** The values of a family by the labels that are asked for, sorted by them. */
function valuesOf(page: string, family: string, ...labelNames: readonly string[]): Record<string, number> {
  const found = parseTextFamilies(Buffer.from(page), { mode: 'prometheus' }).find(({ name }) => name === family)
  const values = (found?.samples ?? []).map(({ labels, value }) => ({
    key: labelNames.map((name) => labels.get(name) ?? '').join(' '),
    value,
  }))
  return Object.fromEntries(values.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, value }) => [key, value]))
}

/** The endpoints that could not be read. */
const failures = (page: string): string[] => page.split('\n').filter((line) => line.startsWith('poller_errors_total'))

describeWithServers('the NATS exporter on a real server', ['nats-server', 'promtool'], () => {
  test('shows JetStream under traffic, in a page that promtool reads', async () => {
    const nats = await natsServer({ name: 'one', jetstream: { domain: 'hub' } })
    const traffic = await startNatsTraffic(nats.url)
    cleanUp.push(() => traffic.close())
    await waitFor('mirror', async () => (await traffic.manager.streams.info('COPY')).state.messages === 20)
    const options = {
      servers: [{ url: nats.monitorUrl }],
      collectors: everything,
      aliases: true,
      serverId: 'name',
    } as const
    const page = await scrape(await exporterOf(options))

    expect(failures(page)).toEqual([])
    // 3: names that are not as one would choose them today, such as counters without _total; 1: a page that is none.
    expect(spawnSync(serverPath('promtool'), ['check', 'metrics'], { input: page }).status).toBe(3)
    expect(valuesOf(page, 'nats_up', 'server_id')).toEqual({ one: 1 })
    expect(valuesOf(page, 'nats_healthz_status_value', 'value')).toEqual({ ok: 1 })
    expect(valuesOf(page, 'nats_varz_connections')).toEqual({ '': 1 })
    expect(valuesOf(page, 'nats_connz_pending_bytes', 'name', 'lang')).toEqual({ ' ': 0, 'orders "svc" nats.js': 0 })
    expect(valuesOf(page, 'nats_jetstream_varz_stats_total_streams', 'domain')).toEqual({ hub: 2 })
    expect(valuesOf(page, 'nats_stream_total_messages', 'stream_name', 'stream_leader')).toEqual({ 'COPY one': 20, 'ORDERS one': 20 })
    expect(valuesOf(page, 'nats_stream_limit_bytes', 'stream_name')).toEqual({ COPY: -1, ORDERS: 1_000_000 })
    expect(valuesOf(page, 'nats_stream_mirror_lag', 'stream_name', 'mirror_name')).toEqual({ 'COPY ORDERS': 0 })
    expect(valuesOf(page, 'nats_consumer_num_ack_pending', 'consumer_name', 'consumer_desc')).toEqual({
      'audit for audit': 0,
      'billing for billing': 5,
    })
    expect(valuesOf(page, 'nats_consumer_num_pending', 'consumer_name')).toEqual({ audit: 20, billing: 10 })
    expect(valuesOf(page, 'nats_consumer_ack_floor_stream_seq', 'consumer_name')).toEqual({ audit: 0, billing: 5 })
    expect(valuesOf(page, 'nats_account_max_storage', 'account')).toEqual({ $G: 2 ** 64 })
    expect(valuesOf(page, 'nats_accountz_is_system', 'account_id')).toEqual({ $G: 0, $SYS: 1 })
  })

  test('shows a server without JetStream, and with a name that has to be escaped', async () => {
    const name = 'a"b"\\c'
    const nats = await natsServer({ name })
    const page = await scrape(await exporterOf({ servers: [{ url: nats.monitorUrl }], collectors: everything, serverId: 'name' }))
    expect(failures(page)).toEqual([])
    expect(spawnSync(serverPath('promtool'), ['check', 'metrics'], { input: page }).status).toBe(3)
    expect(valuesOf(page, 'nats_server_jetstream_disabled', 'server_id', 'server_name')).toEqual({ [`${name} ${name}`]: 1 })
    expect(valuesOf(page, 'nats_server_total_streams')).toEqual({ '': 0 })
    expect(valuesOf(page, 'nats_stream_total_messages')).toEqual({})
    expect(valuesOf(page, 'nats_healthz_status_value', 'value')).toEqual({ ok: 1 })
    expect(valuesOf(page, 'nats_varz_server_name', 'value')).toEqual({ [name]: 1 })
  })

  test('shows routes and gateways of two clusters, whose servers it reads at once', async () => {
    const [a, b, eastGateway, westGateway] = await freePorts(4)
    const address = (port: number | undefined): string => `"127.0.0.1:${port}"`
    const url = (port: number | undefined): string => `"nats://127.0.0.1:${port}"`
    const gateways = `gateways: [{ name: east, url: ${url(eastGateway)} }, { name: west, url: ${url(westGateway)} }]`
    const east = (own: number | undefined, other: number | undefined, gateway: number | undefined): string =>
      `cluster { name: east, listen: ${address(own)}, routes: [${url(other)}] }
gateway { name: east, listen: ${address(gateway)}, ${gateways} }`
    const servers = [
      await natsServer({ name: 'e1', config: east(a, b, eastGateway) }),
      await natsServer({ name: 'e2', config: east(b, a, -1) }),
      await natsServer({ name: 'w1', config: `gateway { name: west, listen: ${address(westGateway)}, ${gateways} }` }),
    ]
    const exporter = await exporterOf({ servers: servers.map(({ monitorUrl }) => ({ url: monitorUrl })), serverId: 'name' })
    // The west connects to one server of the east, whichever it meets first; each server of the east connects to the west.
    const page = await waitFor('gateways and routes', async () => {
      const found = await scrape(exporter)
      const outbound = valuesOf(found, 'nats_gatewayz_outbound_gateway_conn_rtt', 'server_id', 'gateway_name', 'remote_gateway_name')
      const isConnected = Object.keys(outbound).join() === 'e1 east west,e2 east west,w1 west east'
      return isConnected && 'e1' in valuesOf(found, 'nats_routez_route_rtt_seconds', 'server_id') && found
    })
    expect(failures(page)).toEqual([])
    expect(Object.keys(valuesOf(page, 'nats_gatewayz_inbound_gateway_conn_start_time_seconds', 'remote_gateway_name'))).toContain('east')
    expect(valuesOf(page, 'nats_routez_route_info', 'server_id')).toEqual({ e1: 1, e2: 1 })
    expect(valuesOf(page, 'nats_varz_cluster_name', 'server_id', 'value')).toEqual({ 'e1 east': 1, 'e2 east': 1, 'w1 west': 1 })
    expect(valuesOf(page, 'nats_up', 'server_id')).toEqual({ e1: 1, e2: 1, w1: 1 })
  })

  test('counts connections beyond the first page, which is all that the server gives at once', async () => {
    const nats = await natsServer()
    const port = Number(new URL(nats.url).port)
    const sockets = await Promise.all(Array.from({ length: 1_100 }, () => openSocket(port)))
    cleanUp.push(() => sockets.map((socket) => socket.destroy()))
    const page = await scrape(await exporterOf({ servers: [{ url: nats.monitorUrl }], intervalMs: 5_000 }))
    expect(Object.values(valuesOf(page, 'nats_connz_num_connections'))).toEqual([1_100])
    expect(Object.values(valuesOf(page, 'nats_connz_limit'))).toEqual([1_024])
  })
})

/** A connection that a NATS server has greeted. */
function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: '127.0.0.1', port }).on('error', reject)
    socket.once('data', () => resolve(socket))
  })
}

describeWithServers('the NATS exporter, scraped by a real Prometheus', ['nats-server', 'prometheus'], () => {
  test('answers the queries of a dashboard; while the server is down it says so and shows nothing, and goes on when it is back', async () => {
    const nats = await natsServer({ name: 'one', jetstream: {} })
    const exporter = await exporterOf({ servers: [{ url: nats.monitorUrl, name: 'one' }], aliases: true })
    const labels = `{ cluster: nats-primary, environment: production }`
    const config = `global: { scrape_interval: 500ms }
scrape_configs: [{ job_name: nats-exporter, static_configs: [{ targets: ['${new URL(exporter.url).host}'], labels: ${labels} }] }]
`
    const prometheus = await startPrometheus({ config })
    cleanUp.push(() => prometheus.stop())
    const numberOf = async (query: string): Promise<number | undefined> => {
      const [series] = await queryPrometheus({ url: prometheus.url, query })
      return series === undefined ? undefined : Number(series.samples[0]!.value)
    }
    const until = (query: string, is: (value: number | undefined) => boolean) => waitFor(query, async () => is(await numberOf(query)))

    const traffic = await startNatsTraffic(nats.url)
    cleanUp.push(() => traffic.close())
    await until('nats_varz_in_msgs', (value) => value !== undefined && value > 0)
    await traffic.publish(10)
    await until('rate(nats_varz_in_msgs[5m])', (value) => value !== undefined && value > 0)
    await until('sum(nats_varz_connections) by (cluster)', (value) => value === 1)
    await until('nats_jetstream_varz_stats_total_streams{cluster="nats-primary"}', (value) => value === 2)
    await until('sum(nats_server_total_consumers)', (value) => value === 2)
    await until('sum(nats_consumer_num_ack_pending)', (value) => value === 5)

    await nats.process.kill()
    await until('nats_up', (value) => value === 0)
    await until('nats_healthz_status_value{value="unreachable"}', (value) => value === 0)
    await until('nats_varz_connections', (value) => value === undefined)
    expect(await numberOf('up')).toBe(1)

    await nats.process.start()
    await until('nats_up', (value) => value === 1)
    await until('nats_stream_total_messages{stream_name="ORDERS"}', (value) => value === 30)
    await until('nats_varz_connections', (value) => value === 1)
  })
})

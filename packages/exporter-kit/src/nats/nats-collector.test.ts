import type { ServerResponse } from 'node:http'
import { Secret } from '@promline/core'
import { createFakeClock, type FakeClock } from '@promline/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createExporter } from '../exporter/exporter.js'
import { captured, type FakeMonitor, startFakeMonitor } from './fake-monitor.test.helper.js'
import { createNatsCollector, type NatsCollector } from './nats-collector.js'
import type { NatsCollectorOptions } from './nats-options.js'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

async function fakeMonitor(answers?: FakeMonitor['answers']): Promise<FakeMonitor> {
  const monitor = await startFakeMonitor(answers)
  cleanUp.push(() => monitor.close())
  return monitor
}

const hourMs = 3_600_000

/** A collector that polls every hour of a clock that is the test's: before the first hour it polls when it is told to. */
function collectorOf(options: NatsCollectorOptions): { collector: NatsCollector; clock: FakeClock } {
  const clock = createFakeClock()
  const collector = createNatsCollector({ clock, random: () => 0.5, intervalMs: hourMs, ...options })
  cleanUp.push(() => collector.close())
  return { collector, clock }
}

/** Polls and lets the pauses before retries pass. */
async function poll({ collector, clock }: ReturnType<typeof collectorOf>): Promise<string> {
  const polled = collector.pollNow().then(() => 'over')
  for (;;) {
    const outcome = await Promise.race([polled, new Promise((resolve) => setTimeout(resolve, 20))])
    if (outcome === 'over') return collector.metrics()
    await clock.advance(500)
  }
}

/** The samples of a page whose names match, without what they have in common. */
function samples(page: string, pattern: RegExp): string[] {
  return page.split('\n').filter((line) => !line.startsWith('#') && pattern.test(line))
}

describe('a server', () => {
  test('is shown as the real exporter shows it, in its formats', async () => {
    const { url } = await fakeMonitor()
    const one = collectorOf({ servers: [{ url }] })
    const page = await poll(one)
    const real = captured('exporter-default-prefix.metrics.txt').replaceAll('http://127.0.0.1:28222', url)
    // What /varz says of requests came after the capture; see captured.test.ts.
    const families = (text: string): string[] => text.split('\n').filter((line) => /^# TYPE (?!.*http_req_stats|poller_)/.test(line))
    const own = ['# TYPE gnatsd_up gauge', '# TYPE gnatsd_exporter_duplicate_samples gauge']
    expect(families(page).filter((line) => !own.includes(line))).toEqual(families(real))
    expect(samples(page, /_up|_stream_limit_bytes/)).toEqual([`gnatsd_up{server_id="${url}"} 1`, ...samples(real, /_stream_limit_bytes/)])

    const exporter = await createExporter({ listen: '127.0.0.1:0', registry: one.collector })
    cleanUp.push(() => exporter.close())
    const scraped = await fetch(`${exporter.url}/metrics`)
    expect(scraped.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await scraped.text()).toContain(`\njetstream_server_total_streams{cluster="",domain="hub",`)
    const openMetrics = await fetch(`${exporter.url}/metrics`, { headers: { accept: 'application/openmetrics-text; version=1.0.0' } })
    expect(await openMetrics.text()).toMatch(/\ngnatsd_connz_in_msgs\S* 369(\.0)?\n.*# EOF\n$/s)
  })

  test('is asked for no more than what was chosen, and as the real exporter asks', async () => {
    const monitor = await fakeMonitor()
    const collectors = {
      routez: false,
      gatewayz: false,
      leafz: false,
      subsz: false,
      accstatz: false,
      connz: 'detailed',
      accountz: true,
    } as const
    await poll(collectorOf({ servers: [{ url: `${monitor.url}/` }], collectors }))
    // Of /varz the name is needed as well: whether it is asked for once or twice is a matter of who is first.
    expect([...new Set(monitor.requests)].sort()).toEqual([
      '/accountz',
      '/accountz?acc=%24G',
      '/accountz?acc=APP',
      '/accountz?acc=SYS',
      '/connz?auth=true',
      '/healthz',
      '/jsz?consumers=true&config=true&raft=true',
      '/varz',
    ])
  })

  test.each([
    ['configured', 'one'],
    ['id', 'NDPB6JRRFXC7P6ARBI6ML6QCZWS4MMMAYGG6UHXL22VDCPZU6MZWASPQ'],
    ['name', 'nats-a'],
  ] as const)('has its %s as server_id where that is wanted', async (serverId, label) => {
    const { url } = await fakeMonitor()
    const page = await poll(collectorOf({ servers: [{ url, name: 'one' }], prefix: 'nats', serverId }))
    expect(samples(page, /^nats_(up|varz_cores|stream_total_bytes)/).map((line) => /server_id="([^"]*)"/.exec(line)?.[1])).toEqual(
      Array.from({ length: 4 }, () => label),
    )
  })

  test('is asked by name where its credentials are given, and they are in no output', async () => {
    const authorizations = new Set<string | undefined>()
    const monitor = await fakeMonitor({
      '/healthz': (request, response) => {
        authorizations.add(request.headers.authorization)
        response.end('{"status":"ok"}')
      },
    })
    const http = { basicAuth: { username: 'bob', password: { value: new Secret('hush') } } }
    const page = await poll(collectorOf({ servers: [{ url: monitor.url, http }] }))
    expect([...authorizations]).toEqual([`Basic ${Buffer.from('bob:hush').toString('base64')}`])
    expect(page).not.toContain('hush')
  })

  test('offers the aliases that are in use, where they are wanted', async () => {
    const { url } = await fakeMonitor()
    const page = await poll(collectorOf({ servers: [{ url, name: 'a' }], prefix: 'nats', aliases: true }))
    expect(samples(page, /_jetstream_varz_stats_/).map((line) => line.replace(/\{.*\}/, ''))).toEqual([
      'nats_jetstream_varz_stats_total_consumers 2',
      'nats_jetstream_varz_stats_total_message_bytes 16590',
      'nats_jetstream_varz_stats_total_messages 183',
      'nats_jetstream_varz_stats_total_streams 2',
    ])
  })
})

describe('what breaks', () => {
  const outcomes = (page: string): string[] => samples(page, /^(nats_up|poller_errors_total)/)

  test('in one endpoint costs its families only, and is counted by its reason', async () => {
    const monitor = await fakeMonitor()
    const endless = (_request: unknown, response: { write(text: string): void }) => response.write(' '.repeat(2_000_000))
    Object.assign(monitor.answers, {
      '/varz': '<html>',
      '/connz': '{"connections": {}}',
      '/routez': undefined,
      '/leafz': '['.repeat(100_000),
      '/subsz': endless,
      '/accstatz?unused=1': '{"account_statz": [{"sent": {"msgs": "many"}}]}',
      '/gatewayz': '{"__proto__": {"x": 1}, "outbound_gateways": {"__proto__": {"connection": {"cid": 1}}}}',
    })
    const options = { servers: [{ url: monitor.url, name: 'a' }], prefix: 'nats', maxBodyBytes: 1_000_000 }
    const page = await poll(collectorOf(options))
    expect(outcomes(page)).toEqual([
      'nats_up{server_id="a"} 1',
      'poller_errors_total{poller="a varz",reason="parse"} 1',
      'poller_errors_total{poller="a connz",reason="decode"} 1',
      'poller_errors_total{poller="a routez",reason="status"} 1',
      'poller_errors_total{poller="a leafz",reason="limit"} 1',
      'poller_errors_total{poller="a subsz",reason="limit"} 1',
      // Who leads is told by the name in /varz.
      'poller_errors_total{poller="a jsz",reason="parse"} 1',
      'poller_errors_total{poller="a accstatz",reason="decode"} 1',
    ])
    expect(samples(page, /^nats_(?!up|exporter)/)).toEqual([
      ...['configured', 'in_bytes', 'in_msgs', 'out_bytes', 'out_msgs', 'pending_bytes', 'subscriptions'].map(
        (key) =>
          `nats_gatewayz_outbound_gateway_${key === 'configured' ? key : `conn_${key}`}{cid="1",gateway_name="",remote_gateway_name="__proto__",server_id="a"} 0`,
      ),
      'nats_healthz_status{server_id="a"} 0',
      'nats_healthz_status_value{server_id="a",value="ok"} 1',
    ])
  })

  test('is healthz where the server says so, or nothing at all', async () => {
    const monitor = await fakeMonitor({
      '/healthz': (_request, response) => {
        response.statusCode = 503
        response.end('{"status":"unavailable","error":"JetStream is not current with the meta leader"}')
      },
    })
    const one = collectorOf({ servers: [{ url: monitor.url, name: 'a' }], prefix: 'nats', collectors: { ...none, healthz: true } })
    expect(samples(await poll(one), /^nats_(healthz|up)/)).toEqual([
      'nats_healthz_status{server_id="a"} 1',
      'nats_healthz_status_value{server_id="a",value="unavailable"} 0',
      'nats_up{server_id="a"} 1',
    ])
    await monitor.close()
    expect(samples(await poll(one), /^nats_(healthz|up)/)).toEqual([
      'nats_healthz_status_value{server_id="a",value="unreachable"} 0',
      'nats_up{server_id="a"} 0',
    ])
  })

  test('is a whole server: the others go on, and its values are withdrawn when they are too old', async () => {
    const [first, second] = [await fakeMonitor(), await fakeMonitor()]
    const servers = [
      { url: first.url, name: 'first' },
      { url: second.url, name: 'second' },
    ]
    const both = collectorOf({ servers, prefix: 'nats', collectors: { ...none, varz: true }, maxAgeMs: 2 * hourMs })
    const shown = (page: string): string[] => samples(page, /^nats_(up|varz_connections)/)
    const all = ['first', 'second'].map((name) => `nats_varz_connections{server_id="${name}"} 2`)
    expect(shown(await poll(both))).toEqual(['nats_up{server_id="first"} 1', 'nats_up{server_id="second"} 1', ...all])
    await first.close()
    expect(shown(await poll(both))).toEqual(['nats_up{server_id="first"} 0', 'nats_up{server_id="second"} 1', ...all])
    await both.clock.advance(2 * hourMs)
    const late = await poll(both)
    expect(shown(late)).toEqual(['nats_up{server_id="first"} 0', 'nats_up{server_id="second"} 1', all[1]])
  })

  test('is a name that two servers have: the first is shown, and what is left out is counted', async () => {
    const monitor = await fakeMonitor()
    const servers = [
      { url: monitor.url, name: 'a' },
      { url: `${monitor.url}`, name: 'b' },
    ]
    const page = await poll(collectorOf({ servers, prefix: 'nats', serverId: 'name', collectors: { ...none, subsz: true } }))
    expect(samples(page, /^nats_(up|subsz_limit|exporter)/)).toEqual([
      'nats_subsz_limit{server_id="nats-a"} 1024',
      'nats_up{server_id="nats-a"} 1',
      'nats_exporter_duplicate_samples 13',
    ])
  })
})

/** Real time: what goes over HTTP takes some. */
async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

const none = {
  varz: false,
  connz: false,
  routez: false,
  gatewayz: false,
  leafz: false,
  subsz: false,
  healthz: false,
  jsz: false,
  accstatz: false,
} as const

describe('pages', () => {
  const connection = (cid: number): string => `{"cid": ${cid}, "in_msgs": 9007199254740993}`
  const connz = (offset: number, cids: readonly number[], total = 2_500): string =>
    `{"num_connections": ${cids.length}, "total": ${total}, "offset": ${offset}, "limit": 1024, "connections": [${cids.map(connection).join()}]}`
  const cids = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
  const pages = {
    '/connz': connz(0, cids(0, 1_024)),
    // One connection has gone since: the page begins with one that was on the last.
    '/connz?offset=1024': connz(1_024, cids(1_023, 2_047)),
    '/connz?offset=2048': connz(2_048, cids(2_047, 2_499), 2_499),
  }

  test('of connections are read to the last, and summed exactly', async () => {
    const monitor = await fakeMonitor(pages)
    const page = await poll(collectorOf({ servers: [{ url: monitor.url, name: 'a' }], collectors: { ...none, connz: true } }))
    expect(monitor.requests).toEqual(Object.keys(pages))
    expect(samples(page, /connz_(num_connections|total|limit|in_msgs)/)).toEqual([
      `gnatsd_connz_in_msgs{server_id="a"} ${Number(2_499n * 9007199254740993n).toExponential()}`,
      'gnatsd_connz_limit{server_id="a"} 1024',
      'gnatsd_connz_num_connections{server_id="a"} 2500',
      'gnatsd_connz_total{server_id="a"} 2500',
    ])
  })

  test('of connections are no more than are wanted', async () => {
    const monitor = await fakeMonitor(pages)
    const options = { servers: [{ url: monitor.url, name: 'a' }], collectors: { ...none, connz: 'detailed' } as const, maxItems: 1_024 }
    monitor.answers['/connz?auth=true'] = pages['/connz']
    const page = await poll(collectorOf(options))
    expect(monitor.requests).toEqual(['/connz?auth=true'])
    expect(samples(page, /connz_in_msgs\{account/)).toHaveLength(1_024)
  })

  test('of accounts are read to the last', async () => {
    const accounts = (offset: number, names: readonly string[]): string =>
      `{"streams": 7, "total": 3, "offset": ${offset}, "account_details": [${names.map((name) => `{"name": "${name}"}`).join()}]}`
    const monitor = await fakeMonitor({
      '/varz': captured('varz.json'),
      '/jsz?accounts=true': accounts(0, ['a', 'b']),
      '/jsz?accounts=true&offset=2': accounts(2, ['c']),
    })
    const options = { servers: [{ url: monitor.url, name: 'a' }], collectors: { ...none, jsz: 'accounts' } as const }
    const page = await poll(collectorOf(options))
    expect(
      samples(page, /total_streams|memory_used/).map((line) => line.replace(/\{account="(\w)".*\}/, ' $1').replace(/\{.*\}/, '')),
    ).toEqual([
      'jetstream_account_memory_used a 0',
      'jetstream_account_memory_used b 0',
      'jetstream_account_memory_used c 0',
      'jetstream_server_total_streams 7',
    ])
  })

  test('of accounts leave out one that went in between', async () => {
    const gone = (_request: unknown, response: ServerResponse): void => {
      response.statusCode = 400
      response.end('Account b does not exist\n')
    }
    const detail = (name: string): string => `{"account_detail": {"account_name": "${name}"}}`
    const answers = {
      '/accountz': '{"accounts": ["a", "b", "c"]}',
      '/accountz?acc=a': detail('a'),
      '/accountz?acc=b': gone,
      '/accountz?acc=c': detail('c'),
    }
    const monitor = await fakeMonitor(answers)
    const page = await poll(collectorOf({ servers: [{ url: monitor.url, name: 's' }], collectors: { ...none, accountz: true } }))
    expect(samples(page, /accountz_expired|errors/)).toEqual(
      ['a', 'c'].map((name) => `gnatsd_accountz_expired{account_id="${name}",account_name="",server_id="s"} 0`),
    )
  })

  test('that have nothing more end the reading, whatever the total says', async () => {
    const monitor = await fakeMonitor({ '/connz': connz(0, [1, 2], 10), '/connz?offset=2': connz(2, [], 10) })
    const page = await poll(collectorOf({ servers: [{ url: monitor.url, name: 'a' }], collectors: { ...none, connz: true } }))
    expect(samples(page, /num_connections|_total/)).toContain('gnatsd_connz_num_connections{server_id="a"} 2')
  })
})

describe('its life', () => {
  test('begins at once and goes on: it polls without being told to', async () => {
    const monitor = await fakeMonitor()
    const { collector, clock } = collectorOf({
      servers: [{ url: monitor.url, name: 'a' }],
      prefix: 'nats',
      collectors: { ...none, varz: true },
    })
    expect(samples(await collector.metrics(), /^nats/)).toEqual(['nats_exporter_duplicate_samples 0'])
    await waitFor(async () => (await collector.metrics()).includes('\nnats_varz_cores{server_id="a"} 2\n'))
    expect(monitor.requests).toEqual(['/varz'])
    await clock.advance(hourMs / 20)
    await waitFor(async () => monitor.requests.length > 1)
  })

  test('ends with close, twice if need be; what was read last is still shown', async () => {
    const monitor = await fakeMonitor()
    const { collector, clock } = collectorOf({
      servers: [{ url: monitor.url, name: 'a' }],
      prefix: 'nats',
      collectors: { ...none, varz: true },
    })
    await collector.pollNow()
    await collector.close()
    await collector.close()
    await expect(collector.pollNow()).rejects.toThrow(expect.objectContaining({ code: 'closed' }))
    await clock.advance(hourMs)
    expect(monitor.requests).toEqual(['/varz'])
    expect(samples(await collector.metrics(), /varz_cores/)).toEqual(['nats_varz_cores{server_id="a"} 2'])
  })
})

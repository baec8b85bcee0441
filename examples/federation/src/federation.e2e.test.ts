import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLabels } from '@promline/core'
import { encodeWriteRequest, snappyCodec } from '@promline/remote-write'
import { queryPrometheus, type QueriedSeries, waitFor } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { expect, test } from 'vitest'
import { demoServers } from './demo/missing-servers.js'
import type { ClusterName } from './demo/passwords.js'
import { activeAlerts } from './testing/alerts.js'
import { useFederation } from './testing/running-federation.js'

/** What "of 20 s" means; the agent scrapes every second. */
const cutMs = 20_000
const scrapeMs = 1_000

describeWithServers('the federation', demoServers, () => {
  const running = useFederation()

  function query(text: string): Promise<QueriedSeries[]> {
    return queryPrometheus({ url: running.federation.urls.prometheus, query: text })
  }

  /** Resolves once a query's answer is as it should be. */
  async function untilQuery(text: string, isRight: (series: readonly QueriedSeries[]) => boolean): Promise<readonly QueriedSeries[]> {
    return waitFor(`right answer to ${text}`, async () => {
      const series = await query(text)
      return isRight(series) && series
    })
  }

  async function untilAlert(name: string, labels: Readonly<Record<string, string>>, is: 'active' | 'gone'): Promise<void> {
    const wanted = { alertname: name, ...labels }
    const matches = (alert: Readonly<Record<string, string>>) => Object.entries(wanted).every(([key, value]) => alert[key] === value)
    const { alertmanager } = running.federation.urls
    await waitFor(`${name} ${is}`, async () => (await activeAlerts(alertmanager)).some(matches) === (is === 'active'), {
      timeoutMs: 60_000,
    })
  }

  test.each<[string, readonly string[]]>([
    ['rate(nats_varz_in_msgs[5m])', ['another-cluster', 'nats-primary']],
    ['sum(nats_varz_connections) by (cluster)', ['another-cluster', 'nats-primary']],
    ['nats_varz_connections{cluster="another-cluster"}', ['another-cluster']],
    ['nats_server_total_streams > 0', ['another-cluster', 'nats-primary']],
    ['usdt_vnd_rate', ['nats-primary']],
    ['deriv(usdt_vnd_rate[1h])', ['nats-primary']],
  ])('%s has data of its clusters', async (text, clusters) => {
    const series = await untilQuery(text, (found) => found.length === clusters.length)
    expect(series.map(({ labels }) => labels['cluster'])).toEqual(clusters)
    if (!text.startsWith('deriv')) expect(Math.min(...series.map(({ samples }) => Number(samples[0]?.value)))).toBeGreaterThan(0)
  })

  test.each([
    ['airflow_data_processing_duration_seconds', { job: 'data_processing', instance: 'airflow' }],
    ['avg_over_time(airflow_data_processing_success[1h])', { job: 'data_processing', instance: 'airflow' }],
    ['airflow_etl_load_records', { job: 'etl_pipeline', instance: 'airflow' }],
    ['airflow_reports_generated', { job: 'report_generation', instance: 'airflow' }],
  ])('%s has what a batch job pushed', async (text, labels) => {
    const [series] = await untilQuery(text, (found) => found.length === 1)
    expect(series?.labels).toMatchObject(labels)
    expect(Number(series?.samples[0]?.value)).toBeGreaterThan(0)
  })

  test('everything is scraped, and tells which cluster it is of', async () => {
    const up = await untilQuery('up == 1', (found) => found.length === 9)
    const places = up.map(({ labels }) => `${labels['job']} ${labels['cluster'] ?? '-'} ${labels['environment'] ?? '-'}`)
    expect(places.sort()).toEqual([
      'alertmanager - -',
      'nats-exporter another-cluster demo',
      'nats-exporter nats-primary production',
      'node-exporter - -',
      'prometheus - -',
      'promline - -',
      'promline-agent another-cluster demo',
      'pushgateway - -',
      'usdt-exporter nats-primary production',
    ])
  })

  test('no cluster can write as another', async () => {
    const { urls, passwordFiles } = running.federation
    const password = async (cluster: ClusterName): Promise<string> => readFile(passwordFiles[cluster], 'utf8')
    const write = async (name: string, credentials: string | undefined): Promise<number> => {
      const labels = createLabels({ __name__: name, cluster: 'nats-primary', environment: 'production', job: 'forger' })
      const samples = [{ value: 1, stale: false, timestampMs: Date.now() }]
      const { bytes } = encodeWriteRequest({ series: [{ labels, samples, exemplars: [], histograms: [] }], metadata: [] })
      const headers = {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        ...(credentials !== undefined && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
      }
      const response = await fetch(urls.receiver, { method: 'POST', headers, body: snappyCodec.compress(bytes) })
      return response.status
    }
    const own = await password('another-cluster')
    expect(await write('forged', undefined)).toBe(401)
    expect(await write('forged', `nats-primary:${own}`)).toBe(401)
    expect(await write('forged', 'another-cluster:wrong')).toBe(401)
    expect(await write('claimed', `another-cluster:${own}`)).toBe(204)
    expect(await write('written', `nats-primary:${await password('nats-primary')}`)).toBe(204)

    const [claimed] = await untilQuery('claimed', (found) => found.length > 0)
    expect(claimed?.labels).toEqual({ __name__: 'claimed', cluster: 'another-cluster', environment: 'demo', job: 'forger' })
    const [written] = await untilQuery('written', (found) => found.length > 0)
    expect(written?.labels).toEqual({ __name__: 'written', cluster: 'nats-primary', environment: 'production', job: 'forger' })
    // They came before what is there by now.
    expect(await query('forged')).toEqual([])
  })

  test('a link that is cut for 20 s loses nothing: the gap fills', async () => {
    const { link } = running.federation
    const newest = 'max(timestamp(up{cluster="another-cluster"}))'
    const newestMs = async (): Promise<number> => Number((await query(newest))[0]?.samples[0]?.value) * 1_000
    await waitFor('samples from before', async () => Date.now() - (await newestMs()) < 5_000)
    const cutAtMs = Date.now()
    link.cut()
    await sleep(cutMs)
    expect(await newestMs(), 'what came while the link was cut').toBeLessThan(cutAtMs + 2 * scrapeMs)
    link.open()
    const openedAtMs = Date.now()
    await waitFor('samples from after', async () => (await newestMs()) > openedAtMs + 2 * scrapeMs)

    const skipped = Number(
      (await query('sum(promline_scrapes_skipped_total{cluster="another-cluster"}) or vector(0)'))[0]?.samples[0]?.value,
    )
    const stored = await query(`{cluster="another-cluster",__name__=~"up|nats_varz_connections|scrape_duration_seconds"}[60s]`)
    expect(stored.length).toBe(5)
    for (const { labels, samples } of stored) {
      const times = samples.map(({ timestampMs }) => timestampMs).filter((ms) => ms > cutAtMs - 5_000)
      const missing = times.slice(1).map((ms, i) => Math.round((ms - times[i]!) / scrapeMs) - 1)
      // A tick that the agent itself skipped, on a machine that is busy, is the only hole there may be.
      expect(
        missing.reduce((a, b) => a + b, 0),
        `scrapes missing of ${JSON.stringify(labels)}`,
      ).toBeLessThanOrEqual(skipped)
    }
  })

  test('a NATS server that is stopped fires an alert, and resolves it when it is back', async () => {
    const { programs, alerts } = running.federation
    const labels = { cluster: 'another-cluster', environment: 'demo', severity: 'critical' }
    const told = (status: string) => alerts.some((alert) => alert.status === status && alert.labels['alertname'] === 'NatsDown')
    await programs['another-cluster'].stop()
    await untilAlert('NatsDown', labels, 'active')
    await waitFor('notice that it fires', () => told('firing'))
    await programs['another-cluster'].start()
    await untilAlert('NatsDown', labels, 'gone')
    await waitFor('notice that it is over', () => told('resolved'))
    // The other cluster never was silent.
    expect(alerts.filter(({ labels: { alertname, cluster } }) => alertname === 'NatsDown' && cluster === 'nats-primary')).toEqual([])
  })

  test('a batch job that fails shows, as a metric and as an alert', async () => {
    const { jobs } = running.federation
    await jobs.fail('data_processing')
    await untilQuery('airflow_data_processing_success == 0', (found) => found.length === 1)
    await untilAlert('BatchJobFailed', { job: 'data_processing' }, 'active')
    const [average] = await query('avg_over_time(airflow_data_processing_success[1h])')
    expect(Number(average?.samples[0]?.value)).toBeLessThan(1)
    await jobs.recover('data_processing')
    await untilAlert('BatchJobFailed', { job: 'data_processing' }, 'gone')
  })

  test('the centre has lost nothing: its accounts balance', async () => {
    const status = await (await fetch(`${running.federation.urls.page}/api/status`)).text()
    expect(status).toContain('"balanced":true')
    expect(status).not.toContain('"balanced":false')
    expect(running.log.filter((line) => line.startsWith('error: '))).toEqual([])
  })
})

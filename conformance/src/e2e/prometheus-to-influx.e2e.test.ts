import { streamingServerGauges } from '@promline/exporter-kit'
import { freePorts, type PrometheusServer, queryPrometheus, startInfluxd, startPrometheus, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { readAccounts } from './accounts.js'
import { readPage, seriesKey } from './exposition.js'
import { startRecordingProxy } from './pages.js'
import { startPipeline } from './pipeline-program.js'
import { afterTest, started } from './scope.js'
import { influxSeries, missingFrom, promqlSeries, type StoredSeries } from './stored-series.js'

const job = 'otel-exporter'
const wantedScrapes = 5

describeWithServers('a real Prometheus, promline, and a real InfluxDB', ['prometheus', 'influxd'], () => {
  test('InfluxDB holds what the exporter showed, through promline as through its own endpoint', async () => {
    const influx = await started(startInfluxd({ databases: ['mydb', 'promline'] }))
    const [exporterPort, receiverPort] = await freePorts(2)
    const pipeline = await startPipeline({
      config: `exporter: { listen: 127.0.0.1:${exporterPort}, seed: 7 }
remote_write_receiver: { listen: 127.0.0.1:${receiverPort} }
influx_write: [{ url: '${influx.url}', database: promline }]
console: { listen: 127.0.0.1:0 }
`,
    })
    await pipeline.program.printed(/exporter at/)
    const exporter = await startRecordingProxy(`http://127.0.0.1:${exporterPort}/metrics`)
    afterTest(() => exporter.stop())
    const prometheus = await started(
      startPrometheus({
        config: `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: ${job}, static_configs: [{ targets: ['${exporter.address}'] }] }]
remote_write:
  - { url: 'http://127.0.0.1:${receiverPort}/api/v1/write', queue_config: { batch_send_deadline: 200ms } }
  - { url: '${influx.url}/api/v1/prom/write?db=mydb', queue_config: { batch_send_deadline: 200ms } }
`,
      }),
    )
    const wanted = await waitFor(`${wantedScrapes} scrapes`, () => scraped(prometheus))
    expect((await queryPrometheus({ url: prometheus.url, query: 'up == 1' })).map(({ labels }) => labels['job'])).toEqual([job])
    expect(shownBy(exporter.pages, wanted, exporter.address)).toEqual([])

    for (const database of ['promline', 'mydb']) {
      await waitFor(`what was scraped in ${database}`, async () => missingFrom(await influxSeries(influx, database), wanted).length === 0)
    }
    const [ours, own] = [await influxSeries(influx, 'promline'), await influxSeries(influx, 'mydb')]
    expect([...ours.keys()].sort()).toEqual([...own.keys()].sort())
    expect([...ours.keys()].sort()).toEqual([...wanted.keys()].sort())

    const { status, stdout } = await pipeline.stop()
    expect(status).toBe(0)
    const account = readAccounts(stdout).get('receive/influx')!
    expect([account.balanced, account.spooled, account.rejected, account.dropped]).toEqual([true, 0, 0, 0])
  })
})

/** All samples that Prometheus has, once it has as many scrapes as the test wants. */
async function scraped({ url }: PrometheusServer): Promise<StoredSeries | undefined> {
  const stored = promqlSeries(await queryPrometheus({ url, query: `{job="${job}"}[5m]` }))
  const fewest = Math.min(...[...stored.values()].map(({ size }) => size))
  return stored.size > 0 && fewest >= wantedScrapes ? stored : undefined
}

/** Where the gauges of the n-th scrape are not those of the n-th page. */
function shownBy(pages: readonly string[], stored: StoredSeries, instance: string): string[] {
  const wanted = new Map(
    streamingServerGauges.map(({ name }) => {
      const times = [...(stored.get(seriesKey(name, { instance, job }))?.keys() ?? [])]
      expect(times.length, name).toBeGreaterThanOrEqual(wantedScrapes)
      return [
        seriesKey(name, { instance, job }),
        new Map(times.map((time, i) => [time, readPage(pages[i]!).get(seriesKey(name, {}))!] as const)),
      ]
    }),
  )
  return missingFrom(stored, wanted)
}

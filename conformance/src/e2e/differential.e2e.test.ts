import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, queryPrometheus, startNodeExporter, startPrometheus, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { seriesKey } from './exposition.js'
import { oddPage } from './odd-page.js'
import { startPageTarget } from './pages.js'
import { startTestee } from './program.js'
import { afterTest, started, temporaryFolder } from './scope.js'

/** Labels of the page that are the target's as well, and a metric that the rules below act upon. */
const clashingPage = `# TYPE jobs gauge
jobs{job="own",instance="here",by="page",exported_job="twice"} 1
jobs{job="",queue="a"} 2
secret_total{token="x"} 3
renamed{a="1",b="2"} 4
empty_label{e=""} 5
`

/** The text of a configuration; who scrapes is a label of the targets. */
function scrapeConfigs(by: string, targets: readonly string[], clashing: string): string {
  const own = `[{ targets: [${targets.map((target) => `'${target}'`).join(', ')}], labels: { by: ${by} } }]`
  const rules = `
    metric_relabel_configs:
      - { source_labels: [__name__], regex: 'secret_.*', action: drop }
      - { source_labels: [a, b], separator: '-', target_label: joined, regex: '(.*)-(.*)', replacement: '\${2}:$1' }
      - { regex: a|b, action: labeldrop }`
  return `global: { scrape_interval: 1s }
scrape_configs:
  - { job_name: pages, static_configs: ${own} }
  - job_name: clash
    static_configs: [{ targets: ['${clashing}'], labels: { by: ${by} } }]${rules}
  - job_name: honour
    honor_labels: true
    static_configs: [{ targets: ['${clashing}'], labels: { who: ${by} } }]
`
}

describeWithServers('promline beside Prometheus 2.42', ['prometheus', 'node-exporter'], () => {
  test('the same pages give the same series and values', async () => {
    const node = await started(startNodeExporter())
    // Pages of programs in Go, taken once: both must see the same numbers.
    const other = await started(startPrometheus())
    const texts = [await bodyOf(`${node.url}/metrics`), await bodyOf(`${other.url}/metrics`), oddPage(1).text]
    const targets = await Promise.all([...texts, clashingPage].map(startPageTarget))
    for (const target of targets) afterTest(() => target.stop())
    const addresses = targets.map(({ address }) => address)
    const pages = addresses.slice(0, -1)
    const clashing = addresses.at(-1)!

    const prometheus = await started(startPrometheus({ remoteWriteReceiver: true, config: scrapeConfigs('prometheus', pages, clashing) }))
    const folder = await temporaryFolder()
    const config = join(folder, 'prometheus.yml')
    const write = `remote_write: [{ url: '${prometheus.remoteWriteUrl}', queue_config: { batch_send_deadline: 100ms } }]\n`
    await writeFile(config, scrapeConfigs('promline', pages, clashing) + write)
    const agent = startTestee('agent', '--config.file', config, '--data', join(folder, 'data'))

    const [theirs, ours] = await waitFor('three scrapes of everything by both', async () => {
      const found = await Promise.all(['prometheus', 'promline'].map((by) => scrapedBy(prometheus.url, by)))
      return found.every((series) => series !== undefined) && found
    })
    expect([...ours!.entries()].filter(([key, value]) => theirs!.get(key) !== value)).toEqual([])
    expect([...theirs!.keys()].filter((key) => !ours!.has(key))).toEqual([])
    expect(theirs!.size).toBeGreaterThan(500)
    expect((await agent.stop()).status).toBe(0)
  })

  test('both find a page that is none, and say so by up', async () => {
    const broken = await startPageTarget('good 1\nbad{x="y} 2\n')
    afterTest(() => broken.stop())
    const prometheus = await started(
      startPrometheus({ remoteWriteReceiver: true, config: scrapeConfigs('prometheus', [], broken.address) }),
    )
    const folder = await temporaryFolder()
    const config = join(folder, 'prometheus.yml')
    await writeFile(config, `${scrapeConfigs('promline', [], broken.address)}remote_write: [{ url: '${prometheus.remoteWriteUrl}' }]\n`)
    const listen = `127.0.0.1:${await freePort()}`
    startTestee('agent', '--config.file', config, '--data', join(folder, 'data'), '--web.listen-address', listen)
    const found = await waitFor('up of both', async () => {
      const up = await queryPrometheus({ url: prometheus.url, query: 'up{job="clash"}' })
      return up.length === 2 && up
    })
    expect(found.map(({ labels, samples }) => [labels['by'], samples[0]!.value])).toEqual([
      ['prometheus', '0'],
      ['promline', '0'],
    ])
    expect(await queryPrometheus({ url: prometheus.url, query: 'good' })).toEqual([])
  })
})

async function bodyOf(url: string): Promise<string> {
  return (await fetch(url)).text()
}

/** The last value of each series that one of the two wrote, without what tells the two apart; undefined before the third scrape. */
async function scrapedBy(url: string, by: string): Promise<ReadonlyMap<string, string> | undefined> {
  const answers = await Promise.all([`{by="${by}"}[5m]`, `{who="${by}"}[5m]`].map((query) => queryPrometheus({ url, query })))
  const series = answers.flat()
  const ups = series.filter(({ labels }) => labels['__name__'] === 'up')
  // Three targets with pages, and one with clashes that is scraped twice.
  if (ups.length < 5 || ups.some(({ samples }) => samples.length < 3)) return undefined
  return new Map(
    series
      .filter(({ labels }) => labels['__name__'] !== 'scrape_duration_seconds')
      .map(({ labels, samples }) => [keyOf(labels), samples.at(-1)!.value]),
  )
}

/**
 * promline writes `le` and `quantile` as Prometheus 3 does: `1` is `1.0`, so that text and protobuf give the same series. Prometheus
 * 2.42 leaves them as the page has them.
 * https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values
 */
function keyOf(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = '', by: _, who: __, ...rest } = labels
  const normalised = Object.entries(rest).map(([label, value]): [string, string] => [
    label,
    (label === 'le' || label === 'quantile') && /^\d+$/.test(value) ? `${value}.0` : value,
  ])
  return seriesKey(name, Object.fromEntries(normalised))
}

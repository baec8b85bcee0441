import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { queryPrometheus, startPrometheus, startVictoriaMetrics, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { oddPage } from './odd-page.js'
import { type PageTarget, startPageTarget } from './pages.js'
import { type Program, startTestee } from './program.js'
import { afterTest, started, temporaryFolder } from './scope.js'
import { promqlSeries } from './stored-series.js'

const scrapes = 3
const job = 'page'

/** A database that promline writes to, and what it is known to do to values. */
interface Database {
  readonly url: string
  readonly remoteWriteUrl: string
  flush(): Promise<void>
  /** Whether a stored value stands for the one that was sent. */
  keeps(sent: number, stored: number | undefined): boolean
}

describeWithServers('promline and databases of Prometheus kind', ['prometheus', 'victoria-metrics'], () => {
  test('what was scraped is read back, and what ended is over at once', async () => {
    const databases = [await prometheusDatabase(), await victoriaDatabase()]
    let page = oddPage(1)
    const target = await startPageTarget(page.text)
    afterTest(() => target.stop())
    const agent = await startAgent(target, databases)

    // Every scrape shows another tick, so that a timestamp tells which page was scraped.
    for (let tick = 1; tick <= scrapes; tick++) {
      await nextScrape(target)
      page = oddPage(tick + 1)
      target.page = page.text
    }
    const labels = { instance: target.address, job }
    for (const database of databases) await expectPages(database, labels)

    target.page = oddPage(scrapes + 2, { withGoing: false }).text
    await nextScrape(target)
    for (const database of databases) {
      const endMs = await firstWith(database, 'tick_total', String(scrapes + 2))
      await untilNothing(database, 'going', endMs)
      expect(await valuesAt(database, 'going', endMs - 1), `going, before ${endMs} in ${database.url}`).toEqual(['7'])
      expect(await valuesAt(database, 'tick_total', endMs), 'what stays').toEqual([String(scrapes + 2)])
    }

    await target.stop()
    for (const database of databases) {
      const downMs = await firstWith(database, 'up', '0')
      const all = `{job="${job}",__name__!~"up|scrape_.+"}`
      await untilNothing(database, all, downMs)
      expect((await valuesAt(database, all, downMs - 1)).length, 'before').toBeGreaterThan(10)
      expect(await valuesAt(database, all, Date.now()), 'now').toEqual([])
    }
    const { status, stderr } = await agent.stop()
    expect(status, stderr).toBe(0)
  })
})

async function prometheusDatabase(): Promise<Database> {
  const { url, remoteWriteUrl } = await started(startPrometheus({ remoteWriteReceiver: true }))
  return { url, remoteWriteUrl, flush: async () => {}, keeps: (sent, stored) => Object.is(stored, sent) }
}

/** VictoriaMetrics keeps decimals of some 15 digits, nothing next to zero, and no NaN that is no staleness marker. */
async function victoriaDatabase(): Promise<Database> {
  const victoria = await started(startVictoriaMetrics())
  const keeps = (sent: number, stored: number | undefined): boolean =>
    Number.isNaN(sent) ? stored === undefined : stored === sent || Math.abs(stored! - sent) <= Math.max(Math.abs(sent) * 1e-12, 1e-300)
  return { url: victoria.url, remoteWriteUrl: victoria.remoteWriteUrl, flush: () => victoria.flush(), keeps }
}

async function startAgent(target: PageTarget, databases: readonly Database[]): Promise<Program> {
  const folder = await temporaryFolder()
  const config = join(folder, 'prometheus.yml')
  const writes = databases.map(({ remoteWriteUrl }) => `  - { url: '${remoteWriteUrl}', queue_config: { batch_send_deadline: 100ms } }\n`)
  await writeFile(
    config,
    `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: ${job}, static_configs: [{ targets: ['${target.address}'] }] }]
remote_write:
${writes.join('')}`,
  )
  return startTestee('agent', '--config.file', config, '--data', join(folder, 'data'))
}

async function nextScrape(target: PageTarget): Promise<void> {
  const before = target.scrapes
  await waitFor('scrape', () => target.scrapes > before)
}

/** Every sample of every scraped page, and no series beside them and the automatic ones. */
async function expectPages(database: Database, labels: Readonly<Record<string, string>>): Promise<void> {
  const stored = await waitFor('samples of all pages', async () => {
    await database.flush()
    const found = promqlSeries(await queryPrometheus({ url: database.url, query: `{job="${job}",__name__!~"up|scrape_.+"}[5m]` }))
    return Math.max(...[...found.values()].map(({ size }) => size)) >= scrapes && found
  })
  const ticks = [...stored.entries()].find(([key]) => key.startsWith('["tick_total"'))![1]
  const wanted = new Set<string>()
  for (const [timestampMs, tick] of ticks) {
    for (const [key, value] of oddPage(tick).valuesWith(labels)) {
      wanted.add(key)
      const found = stored.get(key)?.get(timestampMs)
      expect(database.keeps(value, found), `${key} at ${timestampMs} in ${database.url}: ${value}, not ${found}`).toBe(true)
    }
  }
  expect([...stored.keys()].filter((key) => !wanted.has(key))).toEqual([])
}

/** When a series had a value first. */
async function firstWith(database: Database, series: string, wanted: string): Promise<number> {
  return waitFor(`${series} ${wanted}`, async () => {
    await database.flush()
    const samples = (await queryPrometheus({ url: database.url, query: `${series}[5m]` })).flatMap((found) => found.samples)
    return samples.find(({ value }) => value === wanted)?.timestampMs
  })
}

async function valuesAt({ url }: Database, query: string, timeMs: number): Promise<string[]> {
  return (await queryPrometheus({ url, query, timeMs })).flatMap(({ samples }) => samples.map(({ value }) => value))
}

/** The markers of one scrape may come in more than one request, but they come at once. */
async function untilNothing(database: Database, query: string, timeMs: number): Promise<void> {
  const isOver = async (): Promise<boolean> => {
    await database.flush()
    return (await valuesAt(database, query, timeMs)).length === 0
  }
  await waitFor(`end of ${query} at ${timeMs} in ${database.url}`, isOver, { timeoutMs: 3_000 })
}

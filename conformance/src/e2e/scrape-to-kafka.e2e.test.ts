import { streamingServerGauges } from '@promline/exporter-kit'
import { freePort, type KafkaServer, startKafka, startNodeExporter, waitFor } from '@promline/servers'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { readAccounts } from './accounts.js'
import { readPage, seriesKey } from './exposition.js'
import { parseLine } from './line-protocol.js'
import { type RecordingProxy, startRecordingProxy } from './pages.js'
import { startPipeline, untilDrained } from './pipeline-program.js'
import { afterTest, started } from './scope.js'
import { parseTelegrafJson, type RowSample, samplesOfVersion1, samplesOfVersion2 } from './telegraf-rows.js'

const scrapes = 3
/** One that the page is asked for. */
const gauge = 'totalBytesOut'

describeWithServers('promline and a real Kafka', ['kafka', 'node-exporter'], () => {
  test('the console consumer reads what the exporter and a node_exporter showed, in every format', async () => {
    const topics = ['prometheus-metrics', 'version-2', 'json']
    const kafka = await started(startKafka({ topics: topics.map((name, i) => ({ name, partitions: i + 1 })) }))
    const node = await started(startNodeExporter())
    const exporterPort = await freePort()
    const proxies = [
      await startRecordingProxy(`http://127.0.0.1:${exporterPort}/metrics`),
      await startRecordingProxy(`${node.url}/metrics`),
    ] as const
    for (const proxy of proxies) afterTest(() => proxy.stop())
    const targets = proxies.map(({ address }) => `'${address}'`).join(', ')
    // Two seconds: the JSON has whole ones, and two scrapes must not fall into one.
    const pipeline = await startPipeline({
      config: `global: { scrape_interval: 2s }
scrape_configs: [{ job_name: both, static_configs: [{ targets: [${targets}] }] }]
exporter: { listen: 127.0.0.1:${exporterPort} }
kafka_write:
  - { name: stock, brokers: ['${kafka.address}'] }
  - { name: second, brokers: ['${kafka.address}'], topic: version-2, metric_version: 2, compression: gzip }
  - { name: json, brokers: ['${kafka.address}'], topic: json, format: telegraf-json }
console: { listen: 127.0.0.1:0 }
`,
    })
    await waitFor('scrapes of both', () => proxies.every(({ pages }) => pages.length > scrapes))
    const drawn = await pipeline.window(`${gauge}{}`)
    const { status, stdout } = await pipeline.stop()
    expect(status).toBe(0)
    for (const [sink, account] of readAccounts(stdout))
      expect([account.balanced, account.spooled, account.rejected], sink).toEqual([true, 0, 0])

    const pageOf = (url: string): string => proxies.find((proxy) => url === `${proxy.url}/metrics`)?.pages[0] ?? ''
    const lines = (await consumeAll(kafka, topics[0]!)).map(parseLine)
    const version1 = lines.flatMap((line) => samplesOfVersion1(line, pageOf(line.tags['url']!)))
    for (const proxy of proxies) expect(differences(version1, proxy), 'metric version 1').toEqual([])
    const sent = version1.filter(({ key }) => key === seriesKey(gauge, {})).map(({ timestampMs, value }) => [timestampMs, value])
    const shown = drawn.flatMap(({ points }) => points.map(({ timestampMs, value }) => [timestampMs, value]))
    expect(shown.length, 'points on the page').toBeGreaterThanOrEqual(scrapes)
    expect(Object.fromEntries(sent), 'as the page draws it').toMatchObject(Object.fromEntries(shown))

    const version2 = (await consumeAll(kafka, topics[1]!)).map(parseLine).flatMap(samplesOfVersion2)
    for (const proxy of proxies) expect(differences(version2, proxy), 'metric version 2').toEqual([])

    const records = (await consumeAll(kafka, topics[2]!)).map(parseTelegrafJson)
    const json = records.flatMap((record) => samplesOfVersion1(record, pageOf(record.tags['url']!)))
    for (const proxy of proxies) expect(differences(json, proxy), 'telegraf-json').toEqual([])
  })

  test('a broker that was killed gets everything once it is back, in order', async () => {
    const kafka = await started(startKafka({ topics: [{ name: 'prometheus-metrics' }] }))
    const exporterPort = await freePort()
    const proxy = await startRecordingProxy(`http://127.0.0.1:${exporterPort}/metrics`)
    afterTest(() => proxy.stop())
    const pipeline = await startPipeline({
      config: `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: one, static_configs: [{ targets: ['${proxy.address}'] }] }]
exporter: { listen: 127.0.0.1:${exporterPort} }
kafka_write: [{ brokers: ['${kafka.address}'] }]
console: { listen: 127.0.0.1:0 }
`,
    })
    await pipeline.delivered('scrape/kafka', 1)
    await kafka.process.kill()
    await waitFor('what waits for the broker', async () => {
      const { state, spooled, inFlight } = await pipeline.sink('scrape/kafka')
      return state === 'retrying' && spooled + inFlight >= scrapes * streamingServerGauges.length
    })
    await kafka.process.restart()
    await untilDrained(pipeline, 'scrape/kafka')
    const { status, stdout } = await pipeline.stop()
    expect(status).toBe(0)
    const account = readAccounts(stdout).get('scrape/kafka')!
    expect([account.balanced, account.spooled, account.rejected]).toEqual([true, 0, 0])

    const samples = (await consumeAll(kafka, 'prometheus-metrics')).map(parseLine).flatMap((line) => samplesOfVersion1(line, ''))
    // What was on the way when the broker died may have come twice.
    const once = new Map(samples.map((sample) => [`${sample.key} ${sample.timestampMs}`, sample]))
    expect(differences([...once.values()], proxy)).toEqual([])
    const times = [...once.values()].filter(({ key }) => key === seriesKey(gauge, {})).map(({ timestampMs }) => timestampMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })
})

/** The samples of a page that line protocol can carry: no NaN and no infinity, and empty labels are none. */
function carried(page: string): ReadonlyMap<string, number> {
  return new Map(
    [...readPage(page)]
      .filter(([, value]) => Number.isFinite(value))
      .map(([key, value]) => {
        const [name, ...labels]: [string, ...[string, string][]] = JSON.parse(key)
        return [seriesKey(name, Object.fromEntries(labels.filter(([, text]) => text !== ''))), value]
      }),
  )
}

/** Every record of a topic's partitions, as the stock consumer prints it; Telegraf's values end in LF, so each second line is empty. */
async function consumeAll(kafka: KafkaServer, topic: string): Promise<string[]> {
  const admin = new Kafka({ brokers: [kafka.address], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const records = offsets.reduce((sum, { high }) => sum + Number(high), 0)
  const printed = (await kafka.consoleConsumer({ topic, maxMessages: records })).split('\n').filter((line) => line !== '')
  expect(printed).toHaveLength(records)
  return printed
}

/** Where the n-th scrape of a target, by time, is not its n-th page. The last page may have been shown to a scrape that was cut off. */
function differences(samples: readonly RowSample[], proxy: RecordingProxy): string[] {
  const byTime = new Map<number, Map<string, number>>()
  for (const { key, timestampMs, value } of samples.filter(({ url }) => url === `${proxy.url}/metrics`)) {
    const scrape = byTime.get(timestampMs) ?? new Map<string, number>()
    if (scrape.has(key)) return [`${key} comes twice at ${timestampMs}`]
    byTime.set(timestampMs, scrape.set(key, value))
  }
  expect(byTime.size).toBeGreaterThanOrEqual(scrapes)
  expect(proxy.pages.length - byTime.size).toBeOneOf([0, 1])
  return [...byTime.entries()]
    .sort(([a], [b]) => a - b)
    .flatMap(([time, scrape], i) => {
      const page = carried(proxy.pages[i]!)
      const keys = new Set([...page.keys(), ...scrape.keys()])
      return [...keys]
        .filter((key) => page.get(key) !== scrape.get(key))
        .map((key) => `${key} at ${time}: ${scrape.get(key)}, not ${page.get(key)}`)
    })
}

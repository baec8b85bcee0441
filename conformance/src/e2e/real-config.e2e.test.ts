import { readFile } from 'node:fs/promises'
import { streamingServerGauges } from '@promline/exporter-kit'
import { freePorts, startInfluxd, startKafka } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { difference, readAccounts } from './accounts.js'
import { seriesKey } from './exposition.js'
import { parseLine } from './line-protocol.js'
import { startPipeline } from './pipeline-program.js'
import { repository } from './program.js'
import { started } from './scope.js'
import { influxSeries } from './stored-series.js'

const scrapes = 3

describeWithServers('the shipped configuration for real servers', ['kafka', 'influxd'], () => {
  test('fills the topic and the database with the same values', async () => {
    const kafka = await started(startKafka({ topics: [{ name: 'prometheus-metrics' }] }))
    const influx = await started(startInfluxd())
    const [exporter, receiver, console] = await freePorts(3)
    const config = await shippedConfig([
      ['127.0.0.1:8000', `127.0.0.1:${exporter}`],
      ['127.0.0.1:9201', `127.0.0.1:${receiver}`],
      ['127.0.0.1:8888', `127.0.0.1:${console}`],
      ['127.0.0.1:9092', kafka.address],
      ['127.0.0.1:8086', influx.address],
      ['scrape_interval: 10s', 'scrape_interval: 1s'],
    ])
    const pipeline = await startPipeline({ config })
    await pipeline.delivered('scrape/kafka', scrapes * streamingServerGauges.length)
    await pipeline.delivered('receive/influx', scrapes * streamingServerGauges.length)
    const { status, stdout, stderr } = await pipeline.stop()
    expect(status).toBe(0)
    expect(stderr).not.toMatch(/WARN|ERROR/)
    const accounts = readAccounts(stdout)
    expect([...accounts.keys()]).toEqual(['scrape/receiver', 'scrape/kafka', 'receive/influx'])
    for (const [sink, account] of accounts) expect([account.balanced, difference(account), account.spooled], sink).toEqual([true, 0, 0])

    const records = accounts.get('scrape/kafka')!.delivered
    const printed = await kafka.consoleConsumer({ topic: 'prometheus-metrics', maxMessages: records })
    const lines = printed.split('\n').filter(Boolean).map(parseLine)
    expect(lines).toHaveLength(records)
    const stored = await influxSeries(influx, 'mydb')
    const labels = { instance: `127.0.0.1:${exporter}`, job: 'otel-exporter' }
    for (const { measurement, fields, timestampMs } of lines) {
      expect(stored.get(seriesKey(measurement, labels))?.get(timestampMs), `${measurement} at ${timestampMs}`).toBe(fields['gauge'])
    }
    expect(new Set(lines.map(({ measurement }) => measurement))).toEqual(new Set(streamingServerGauges.map(({ name }) => name)))
  })
})

/** real.yml on other ports; each of the replaced texts must be there. */
async function shippedConfig(replacements: readonly (readonly [from: string, to: string])[]): Promise<string> {
  let text = await readFile(`${repository}examples/pipeline/config/real.yml`, 'utf8')
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`real.yml has no ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

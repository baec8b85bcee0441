import { type Batch, batchOf, encodeLineProtocol, parseTextEntries, type SampleInput } from '@promline/core'
import { influxFormat, telegrafJsonFormat } from '@promline/kafka-sink'
import { choice, milliseconds, readOptions, writeOutput, type OptionValues, type VerbIo } from '../verb.js'

const recordFormats = ['influx', 'telegraf-json'] as const
const metricVersions = ['1', '2'] as const
const schemas = ['prometheus', 'telegraf-v1', 'telegraf-v2'] as const

/** `format`: an exposition body to the values of Kafka records, a line each. */
export async function format(args: readonly string[], io: VerbIo): Promise<void> {
  const options = readOptions(args, ['format', 'metric-version', 'url', 'now-ms'])
  const name = choice('format', options['format'], recordFormats)
  const metricVersion = choice('metric-version', options['metric-version'], metricVersions) === '1' ? 1 : 2
  const recordFormat = name === 'influx' ? influxFormat({ metricVersion }) : telegrafJsonFormat({ metricVersion, timestampUnitMs: 1 })
  const batch = await readBatch(io, options)
  const { records } = recordFormat.format([batch])
  await writeOutput(io, Buffer.concat(records.map((record) => record.value)))
}

/** `line-protocol`: an exposition body to what the InfluxDB sink writes. */
export async function lineProtocol(args: readonly string[], io: VerbIo): Promise<void> {
  const options = readOptions(args, ['schema', 'now-ms'])
  const schema = choice('schema', options['schema'], schemas)
  const batch = await readBatch(io, options)
  await writeOutput(io, [encodeLineProtocol([batch], { schema }).text])
}

/** The page as the scraper takes it, without the labels that a target adds. */
async function readBatch(io: VerbIo, options: OptionValues): Promise<Batch> {
  const nowMs = milliseconds('now-ms', options['now-ms'], Date.now())
  const url = options['url']
  const samples: SampleInput[] = []
  parseTextEntries(await io.input(), { mode: 'prometheus' }, ({ labels, metadata, value, timestampMs }) => {
    samples.push({ labels, metadata, value, timestampMs: timestampMs ?? nowMs })
  })
  return batchOf(samples, { kind: 'target', id: 'testee', ...(url !== undefined && { url }) })
}

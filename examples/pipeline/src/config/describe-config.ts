import { createScrapeSource, formatDuration, redactUrl, type TargetStatus } from '@promline/core'
import type { InfluxWriteConfig } from '@promline/influx-sink'
import type { KafkaWriteConfig } from '@promline/kafka-sink'
import { databaseFile, topicFile } from '../wiring/files.js'
import type { Fed, PipelineConfig } from './pipeline-config.js'

/** What a configuration does, for people: a line for each job, each sink and each address. It has no credentials in it. */
export function describeConfig(config: PipelineConfig, { dataDir }: { readonly dataDir: string }): string {
  const parts: readonly (readonly [verb: string, lines: readonly string[]])[] = [
    ['takes in', describeSources(config)],
    ['sends to', describeSinks(config, dataDir)],
    ['listens on', describeAddresses(config)],
  ]
  return parts.map(([verb, lines]) => `  ${verb}\n${lines.map((line) => `    ${line}\n`).join('')}`).join('')
}

function describeSources({ scrapeConfigs, receiver }: PipelineConfig): readonly string[] {
  // Relabelling decides what is a target: they are counted where they are made.
  const targets = createScrapeSource({ configs: scrapeConfigs }).targets()
  const jobs = scrapeConfigs.map(({ jobName, scrapeIntervalMs }) => {
    return `${jobName}: ${describeTargets(targets.filter((target) => target.jobName === jobName))} every ${formatDuration(scrapeIntervalMs)}`
  })
  const clients = receiver?.clients?.length
  const writers = clients === undefined ? 'everybody who can reach it' : clients === 1 ? '1 client' : `${clients} clients`
  const received = receiver === undefined ? [] : [`remote write of ${writers}`]
  const all = [...jobs, ...received]
  return all.length > 0 ? all : ['nothing: there are neither scrape_configs nor a remote_write_receiver']
}

function describeTargets(targets: readonly TargetStatus[]): string {
  if (targets.length === 0) return 'no target'
  return targets.length === 1 ? '1 target' : `${targets.length} targets`
}

function describeSinks({ remoteWrite, kafkaWrite, influxWrite }: PipelineConfig, dataDir: string): readonly string[] {
  const sinks = [
    ...remoteWrite.map((sink) => describeSink(sink, `remote write, ${redactUrl(sink.url)}`)),
    ...kafkaWrite.map((sink) => describeSink(sink, topicPlace(sink, dataDir))),
    ...influxWrite.map((sink) => describeSink(sink, databasePlace(sink, dataDir))),
  ]
  const none = 'nothing: there is no remote_write, kafka_write or influx_write; what comes in is only shown on the page'
  return sinks.length > 0 ? sinks : [none]
}

function topicPlace(sink: KafkaWriteConfig, dataDir: string): string {
  const { brokers, topic } = sink
  return brokers.length === 0 ? `file ${topicFile(sink, dataDir)}` : `Kafka, topic ${topic} at ${brokers.join(', ')}`
}

function databasePlace(sink: InfluxWriteConfig, dataDir: string): string {
  const { url, version, database, bucket = '' } = sink
  if (url === '') return `file ${databaseFile(sink, dataDir)}`
  return `InfluxDB ${version}, ${version === 2 ? `bucket ${bucket}` : `database ${database}`} at ${redactUrl(url)}`
}

function describeSink({ name, from }: Fed & { readonly name: string }, destination: string): string {
  return `${name}: ${destination} (what is ${from === 'scrape' ? 'scraped' : 'received'})`
}

function describeAddresses({ console: page, exporter, receiver }: PipelineConfig): readonly string[] {
  const login = page.password === undefined ? '' : ', for those with its password'
  return [
    `${page.listen}: the page and /metrics${login}`,
    ...(receiver === undefined
      ? []
      : [`${receiver.listen}: the receiver of remote write${receiver.tls === undefined ? '' : ', with TLS'}`]),
    ...(exporter === undefined ? [] : [`${exporter.listen}: the exporter`]),
  ]
}

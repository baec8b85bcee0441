import type { ConfigNode, RemoteWriteConfig, ScrapeConfig, SinkPlace } from '@promline/core'
import type { InfluxWriteConfig } from '@promline/influx-sink'
import type { KafkaWriteConfig } from '@promline/kafka-sink'
import type { ReceiverSection } from '@promline/remote-write'
import type { ConsoleSection, ExporterSection, SpoolSection } from './own-sections.js'

/** The two pipelines of the program, by what feeds them. */
export const pipelineNames = ['scrape', 'receive'] as const
export type PipelineName = (typeof pipelineNames)[number]

/** What feeds a sink, and where it stands in the file, for messages. */
export interface Fed {
  readonly from: PipelineName
  readonly node: ConfigNode
}

/** The whole file, complete and checked. */
export interface PipelineConfig {
  readonly file: string
  readonly scrapeConfigs: readonly ScrapeConfig[]
  readonly remoteWrite: readonly (RemoteWriteConfig & SinkPlace & Fed)[]
  readonly kafkaWrite: readonly (KafkaWriteConfig & Fed)[]
  readonly influxWrite: readonly (InfluxWriteConfig & Fed)[]
  readonly exporter?: ExporterSection
  readonly receiver?: ReceiverSection
  readonly spool: SpoolSection
  readonly console: ConsoleSection
}

/** All sinks, in the order of their sections. */
export function sinksOf(config: PipelineConfig): readonly ({ readonly name: string } & Fed)[] {
  return [...config.remoteWrite, ...config.kafkaWrite, ...config.influxWrite]
}

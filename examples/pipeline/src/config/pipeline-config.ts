import type { ConfigNode, LabelsInput, RemoteWriteConfig, ScrapeConfig } from '@promline/core'
import type { InfluxWriteConfig } from '@promline/influx-sink'
import type { KafkaWriteConfig } from '@promline/kafka-sink'
import type { ConsoleSection, ExporterSection, ReceiverSection, SpoolSection } from './own-sections.js'

/** The two pipelines of the program, by what feeds them. */
export const pipelineNames = ['scrape', 'receive'] as const
export type PipelineName = (typeof pipelineNames)[number]

/** What sink sections have beyond their own keys: the pipeline that feeds them, and their place in the file, for messages. */
export interface Fed<C> {
  readonly config: C
  readonly from: PipelineName
  readonly node: ConfigNode
}

/** The whole file, complete and checked. */
export interface PipelineConfig {
  readonly file: string
  readonly externalLabels: LabelsInput
  readonly scrapeConfigs: readonly ScrapeConfig[]
  readonly remoteWrite: readonly Fed<RemoteWriteConfig>[]
  readonly kafkaWrite: readonly Fed<KafkaWriteConfig>[]
  readonly influxWrite: readonly Fed<InfluxWriteConfig>[]
  readonly exporter?: ExporterSection
  readonly receiver?: ReceiverSection
  readonly spool: SpoolSection
  readonly console: ConsoleSection
}

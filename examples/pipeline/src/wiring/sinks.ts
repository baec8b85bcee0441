import { join } from 'node:path'
import { createFileDeadLetter, type Logger, type SinkSetup } from '@promline/core'
import { influxSinkSetup } from '@promline/influx-sink'
import { kafkaSinkSetup } from '@promline/kafka-sink'
import { remoteWriteSinkSetups } from '@promline/remote-write'
import type { PipelineConfig, PipelineName } from '../config/pipeline-config.js'
import { influxFolder, topicsFolder } from './files.js'

export interface SinksOptions {
  readonly config: PipelineConfig
  readonly dataDir: string
  readonly logger: Logger
}

/** The sinks that a pipeline feeds. What has no server configured goes into folders and files below the data folder. */
export function createSinks(pipeline: PipelineName, { config, dataDir, logger }: SinksOptions): SinkSetup[] {
  const isFed = ({ from }: { readonly from: PipelineName }): boolean => from === pipeline
  const setups: SinkSetup[] = [
    ...remoteWriteSinkSetups(config.remoteWrite.filter(isFed)),
    ...config.kafkaWrite.filter(isFed).map((kafka) => kafkaSinkSetup(kafka, { topicsDir: topicsFolder(dataDir), logger })),
    ...config.influxWrite.filter(isFed).map((influx) => influxSinkSetup(influx, { dir: influxFolder(dataDir) })),
  ]
  return setups.map((setup) => ({ ...setup, deadLetter: createFileDeadLetter({ dir: join(dataDir, 'dead-letter', setup.sink.name) }) }))
}

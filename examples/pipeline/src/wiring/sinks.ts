import { join } from 'node:path'
import { createFileDeadLetter, type SinkSetup } from '@promline/core'
import { createInfluxSink, fileWriter } from '@promline/influx-sink'
import { createKafkaSink, kafkaJsProducer, topicFolderProducer } from '@promline/kafka-sink'
import { remoteWriteSinkSetups } from '@promline/remote-write'
import type { PipelineConfig, PipelineName } from '../config/pipeline-config.js'

/** The sinks that a pipeline feeds. What has no server configured goes into folders and files below the data folder. */
export function createSinks(config: PipelineConfig, pipeline: PipelineName, dataDir: string): SinkSetup[] {
  const fedBy = <C>(sinks: readonly { config: C; from: PipelineName }[]): C[] =>
    sinks.filter(({ from }) => from === pipeline).map((fed) => fed.config)
  const setups: SinkSetup[] = [
    ...remoteWriteSinkSetups(fedBy(config.remoteWrite)),
    ...fedBy(config.kafkaWrite).map(({ brokers, kafkaJs, ...options }) => ({
      sink: createKafkaSink({
        ...options,
        producer: brokers.length > 0 ? kafkaJsProducer({ brokers, ...kafkaJs }) : topicFolderProducer({ dir: join(dataDir, 'topics') }),
      }),
    })),
    ...fedBy(config.influxWrite).map(({ url, ...options }) => ({
      sink: createInfluxSink({
        ...options,
        ...(url === '' ? { writer: fileWriter({ path: join(dataDir, 'influx', `${options.database}.lp`) }) } : { url }),
      }),
    })),
  ]
  return setups.map((setup) => ({ ...setup, deadLetter: createFileDeadLetter({ dir: join(dataDir, 'dead-letter', setup.sink.name) }) }))
}

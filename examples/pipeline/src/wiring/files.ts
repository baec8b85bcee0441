import { join } from 'node:path'
import type { Logger } from '@promline/core'
import type { InfluxWriteConfig } from '@promline/influx-sink'
import type { KafkaWriteConfig } from '@promline/kafka-sink'
import type { PipelineConfig } from '../config/pipeline-config.js'

/** Holds a folder for each topic that has no broker. */
export function topicsFolder(dataDir: string): string {
  return join(dataDir, 'topics')
}

/** Holds a file for each database that has no server. */
export function influxFolder(dataDir: string): string {
  return join(dataDir, 'influx')
}

/** Where the records of a topic without brokers are appended: `topicFolderProducer` of the Kafka sink writes there. */
export function topicFile({ topic }: Pick<KafkaWriteConfig, 'topic'>, dataDir: string): string {
  return join(topicsFolder(dataDir), topic, '0.ndjson')
}

/** Where the lines of a database without a server are appended: `influxSinkSetup` writes there. */
export function databaseFile({ database }: Pick<InfluxWriteConfig, 'database'>, dataDir: string): string {
  return join(influxFolder(dataDir), `${encodeURIComponent(database)}.lp`)
}

/** Says where what has no server is written: nobody would look for it below the data folder. */
export function logFiles(
  { kafkaWrite, influxWrite }: PipelineConfig,
  { dataDir, logger }: { readonly dataDir: string; readonly logger: Logger },
): void {
  for (const kafka of kafkaWrite) {
    if (kafka.brokers.length === 0) logger.info({}, `topic ${kafka.topic} in ${topicFile(kafka, dataDir)}`)
  }
  for (const influx of influxWrite) {
    if (influx.url === '') logger.info({}, `database ${influx.database} in ${databaseFile(influx, dataDir)}`)
  }
}

// Symbols for those who build pipelines.
export type { FormatName, KafkaSinkOptions } from './config.js'
export type { KafkaJsOptions, KafkaLogin } from './kafkajs-producer.js'
export { kafkaJsProducer } from './kafkajs-producer.js'
export type { KafkaWriteConfig } from './section.js'
export { kafkaSinkSetup, kafkaWriteParser } from './section.js'
export { createKafkaSink } from './sink.js'
export type { TelegrafFormatOptions, TelegrafJsonOptions } from './telegraf-formats.js'
export { influxFormat, telegrafJsonFormat } from './telegraf-formats.js'
export type { TopicFolderOptions } from './topic-folder.js'
export { topicFolderProducer } from './topic-folder.js'

// Symbols below are for authors of formats and of producers on other clients.
export type { KafkaBody } from './encode.js'
export { murmur2, partitionOf } from './murmur2.js'
export type { KafkaProducer, Produced, ProduceRequest, ProducerFactory } from './producer.js'
export type { FormattedRecord, FormattedRecords, KafkaRecord, RecordFormat } from './records.js'

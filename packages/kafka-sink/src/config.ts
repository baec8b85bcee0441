import { PromlineError } from '@promline/core'
import { assertSinkName } from '@promline/core/delivery'
import type { ProducerFactory } from './producer.js'
import type { RecordFormat } from './records.js'
import { influxFormat, type TelegrafJsonOptions, telegrafJsonFormat } from './telegraf-formats.js'

/** Kafka's own `max.request.size` and Telegraf's `max_message_bytes` are as large; brokers take 1,048,588 by default. */
const defaultMaxRequestBytes = 1_000_000
/** As `sendTimeoutMs` of delivery and remote write's `remote_timeout`. */
const defaultSendTimeoutMs = 30_000

/** The formats that can be named. */
export type FormatName = 'influx' | 'telegraf-json'

export interface KafkaSinkOptions extends TelegrafJsonOptions {
  /** The sink's name, also of its cursor: `[A-Za-z0-9_-]{1,64}`. Default `kafka`. */
  readonly name?: string
  /** Must exist: promline creates no topics, since a number of partitions cannot be taken back. */
  readonly topic: string
  /** `kafkaJsProducer({ brokers })`, `topicFolderProducer({ dir })`, or another client behind the same interface. */
  readonly producer: ProducerFactory
  /** Default `influx`, Telegraf's. A format of your own ignores the options of Telegraf's formats. */
  readonly format?: FormatName | RecordFormat
  /** Records of a partition are joined up to this many bytes, before compression. A single record above it is rejected. Default 1,000,000. */
  readonly maxRequestBytes?: number
  /** One attempt, connecting included, is given up after this. Monotonic. Default 30,000. */
  readonly sendTimeoutMs?: number
  /**
   * Producers side by side, each with the partitions that are its own and one send outstanding. Default 1: enough for 28,000 records a
   * second at 20 ms of round trip.
   */
  readonly producers?: number
}

/** Complete and checked options. */
export interface KafkaSinkConfig {
  readonly name: string
  readonly topic: string
  readonly producer: ProducerFactory
  readonly format: RecordFormat
  readonly maxRequestBytes: number
  readonly sendTimeoutMs: number
  readonly producers: number
}

/** Completes the options. Throws a PromlineError `options` that names the option. */
export function validateKafkaSinkOptions(options: KafkaSinkOptions): KafkaSinkConfig {
  const config: KafkaSinkConfig = {
    name: options.name ?? 'kafka',
    topic: options.topic,
    producer: options.producer,
    format: resolveFormat(options),
    maxRequestBytes: options.maxRequestBytes ?? defaultMaxRequestBytes,
    sendTimeoutMs: options.sendTimeoutMs ?? defaultSendTimeoutMs,
    producers: options.producers ?? 1,
  }
  assertSinkName(config.name)
  assertTopic(config.topic)
  if (typeof config.producer !== 'function')
    throw optionError('producer', 'must be a function, such as kafkaJsProducer({ ... })', config.producer)
  assertInteger('maxRequestBytes', config.maxRequestBytes, { min: 1000, max: 1_000_000_000 })
  assertInteger('sendTimeoutMs', config.sendTimeoutMs, { min: 1, max: 3_600_000 })
  assertInteger('producers', config.producers, { min: 1, max: 64 })
  return config
}

/** Kafka's rule for the names of topics. Throws a PromlineError `options`. */
export function assertTopic(topic: string): void {
  if (typeof topic !== 'string' || !/^[A-Za-z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..') {
    throw optionError('topic', "must match [A-Za-z0-9._-]{1,249} and be neither '.' nor '..'", topic)
  }
}

/** A broker's address, `host:port`. Throws a PromlineError `options`. */
export function assertBroker(broker: string): void {
  if (!/^[^\s/]+:\d{1,5}$/.test(broker)) throw optionError('brokers', 'must be host:port', broker)
}

/** Throws a PromlineError `options` where the value is no whole number of the range. */
export function assertInteger(option: string, value: number, range: { readonly min: number; readonly max: number }): void {
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return
  throw optionError(option, `must be a whole number from ${range.min} to ${range.max}`, value)
}

/** An option that cannot be used: `kafka sink: topic must ..., not "a b"`. */
export function optionError(option: string, rule: string, value: unknown): PromlineError {
  return new PromlineError('options', `kafka sink: ${option} ${rule}, not ${JSON.stringify(value) ?? 'undefined'}`, { facts: { option } })
}

function resolveFormat(options: KafkaSinkOptions): RecordFormat {
  const format = options.format ?? 'influx'
  if (typeof format !== 'string') return format
  const version = options.metricVersion
  if (version !== undefined && version !== 1 && version !== 2) throw optionError('metricVersion', 'must be 1 or 2', version)
  if (format === 'influx') return influxFormat(options)
  if (format === 'telegraf-json') return telegrafJsonFormat(options)
  throw optionError('format', 'must be influx or telegraf-json', format)
}

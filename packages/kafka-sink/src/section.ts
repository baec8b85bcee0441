import {
  assertOneOf,
  checkedString,
  type ConfigNode,
  type Logger,
  parseTls,
  type SectionParser,
  secretSource,
  type SinkPlace,
  sinkPlaceOf,
  sinkPlaceParsers,
  type SinkSetup,
  type TlsConfig,
} from '@promline/core'
import { assertSinkName } from '@promline/core/delivery'
import { assertBroker, assertTopic, type FormatName } from './config.js'
import { kafkaJsProducer, type KafkaLogin } from './kafkajs-producer.js'
import { createKafkaSink } from './sink.js'
import { topicFolderProducer } from './topic-folder.js'

/** One entry of `kafka_write`, complete. */
export interface KafkaWriteConfig<P extends string = string> extends SinkPlace {
  /** `[A-Za-z0-9_-]{1,64}`, unique among the entries. */
  readonly name: string
  readonly topic: string
  /** Empty: the topic is a folder. */
  readonly brokers: readonly string[]
  readonly format: FormatName
  readonly metricVersion: 1 | 2
  /** '' for none. */
  readonly host: string
  readonly compression: 'none' | 'gzip'
  readonly sasl?: KafkaLogin
  /** Present, be it empty: the connection is encrypted. */
  readonly tls?: TlsConfig
  /** The pipeline that it is fed from. Absent: the application's default. */
  readonly from?: P
}

/**
 * A parser of the section `kafka_write`, a list:
 *
 *     kafka_write:
 *       - name: kafka                  # also the name of its place in the spool
 *         topic: prometheus-metrics
 *         brokers: ["kafka:9092"]      # none: a folder of newline-delimited records
 *         format: influx               # or telegraf-json
 *         metric_version: 1            # or 2
 *         host: ""                     # the tag `host`
 *         compression: none            # or gzip
 *         sasl: { mechanism: SCRAM-SHA-512, username: promline, password_file: /run/secrets/kafka }
 *         tls: { ca_file: ca.pem }     # the keys of Prometheus' tls_config; {} encrypts with the system's CAs
 *         from: scrape
 *         overflow: block              # at the spool's cap the pipeline waits; or drop-oldest
 *         start: end                   # where a new sink begins; or beginning: with what is still there for others
 *
 * @param options.pipelines what `from` may name
 */
export function kafkaWriteParser<const P extends string>(options: {
  readonly pipelines: readonly P[]
}): SectionParser<readonly KafkaWriteConfig<P>[]> {
  return (node) => {
    const names = new Set<string>()
    return node.list((item) => {
      const config = parseEntry(item, options.pipelines)
      if (names.has(config.name)) throw item.at('name').error(`${JSON.stringify(config.name)} is the name of another kafka_write`)
      names.add(config.name)
      return config
    })
  }
}

function parseEntry<P extends string>(node: ConfigNode, pipelines: readonly P[]): KafkaWriteConfig<P> {
  const given = node.fields({
    name: checkedString(assertSinkName),
    topic: checkedString(assertTopic),
    brokers: (field) => field.list(checkedString(assertBroker)),
    format: (field) => field.choice(['influx', 'telegraf-json']),
    metric_version: (field) => (field.choice(['1', '2']) === '1' ? 1 : 2),
    host: (field) => field.string(),
    compression: (field) => field.choice(['none', 'gzip']),
    sasl: parseLogin,
    tls: parseTls,
    from: (field) => field.choice(pipelines),
    ...sinkPlaceParsers,
  })
  return {
    name: given.name ?? 'kafka',
    topic: given.topic ?? 'prometheus-metrics',
    brokers: given.brokers ?? [],
    format: given.format ?? 'influx',
    metricVersion: given.metric_version ?? 1,
    host: given.host ?? '',
    compression: given.compression ?? 'none',
    ...(given.sasl !== undefined && { sasl: given.sasl }),
    ...(given.tls !== undefined && { tls: given.tls }),
    ...(given.from !== undefined && { from: given.from }),
    ...sinkPlaceOf(given),
  }
}

/** Kafka's spelling of the mechanisms. */
const mechanisms = { PLAIN: 'plain', 'SCRAM-SHA-256': 'scram-sha-256', 'SCRAM-SHA-512': 'scram-sha-512' } as const

function parseLogin(node: ConfigNode): KafkaLogin {
  const given = node.fields(
    {
      mechanism: (field) => mechanisms[field.choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])],
      username: (field) => field.string(),
      password: (field) => field.secret(),
      password_file: (field) => field.file(),
    },
    { required: ['mechanism', 'username'] },
  )
  assertOneOf(node, ['password', 'password_file'])
  const password = secretSource(given.password, given.password_file)
  if (password === undefined) throw node.error('password or password_file is required')
  return { mechanism: given.mechanism, username: given.username, password }
}

/** The sink of an entry, in its place in a pipeline. Throws a PromlineError `options`. */
export function kafkaSinkSetup(
  config: KafkaWriteConfig,
  options: {
    /** Holds the folders of topics, for an entry without brokers. */
    readonly topicsDir: string
    readonly logger?: Logger
  },
): SinkSetup {
  const { name, topic, brokers, format, metricVersion, host, compression, sasl, tls } = config
  const producer =
    brokers.length === 0
      ? topicFolderProducer({ dir: options.topicsDir })
      : kafkaJsProducer({
          brokers,
          compression,
          ...(sasl !== undefined && { sasl }),
          ...(tls !== undefined && { tls }),
          ...(options.logger !== undefined && { logger: options.logger }),
        })
  return { sink: createKafkaSink({ name, topic, producer, format, metricVersion, host }), ...sinkPlaceOf(config) }
}

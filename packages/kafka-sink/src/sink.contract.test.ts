import { batchOf, influxLine, type InfluxFields, telegrafJson, telegrafRows } from '@promline/core'
import {
  createFileDestination,
  type Destination,
  fileLacks,
  type ReceivedSample,
  sinkContract,
  type SinkContractSubject,
} from '@promline/core/testing'
import kafkajs from 'kafkajs'
import { describe, it } from 'vitest'
import type { KafkaSinkOptions } from './config.js'
import type { KafkaProducer, Produced, ProduceRequest } from './producer.js'
import { createKafkaSink } from './sink.js'
import { topicFolderProducer } from './topic-folder.js'

/** How samples are written, and read again. */
interface Format {
  readonly options: Pick<KafkaSinkOptions, 'format' | 'metricVersion' | 'timestampUnitMs'>
  /** By the plain writer of a row. */
  readonly write: (row: InfluxFields) => string
  readonly read: (line: string) => ReceivedSample[]
}

const influx: Format = {
  options: { format: 'influx' },
  write: (row) => influxLine(row),
  // Everything before the value stands for the labels.
  read: (line) =>
    [...line.matchAll(/^([^\n]*)=(\S+) (\d+)$/g)].map(([, series = '', value, nanoseconds]) => ({
      labels: { series },
      value: Number(value),
      timestampMs: Number(nanoseconds) / 1_000_000,
    })),
}

const inSeconds: Format = json(1000)
const inMilliseconds: Format = json(1)

function json(timestampUnitMs: 1 | 1000): Format {
  return {
    options: { format: 'telegraf-json', timestampUnitMs },
    write: (row) => telegrafJson(row, { timestampUnitMs }),
    read(line) {
      const { name, tags, fields, timestamp } = JSON.parse(line)
      return Object.entries<number>(fields).map(([field, value]) => ({
        labels: { ...tags, __name__: `${name} ${field}` },
        value,
        timestampMs: timestamp * timestampUnitMs,
      }))
    },
  }
}

function readLines({ read }: Format, bytes: Uint8Array): ReceivedSample[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : read(line)))
}

function carriesBy({ options, write, read }: Format): (sample: ReceivedSample) => ReceivedSample | undefined {
  return (sample) => {
    const { rows } = telegrafRows(batchOf([sample]), { metricVersion: options.metricVersion ?? 1 })
    return rows.flatMap((row) => read(write(row)))[0]
  }
}

/** A broker of one topic, behind a client that fails as kafkajs does. */
class FakeProducer implements KafkaProducer {
  readonly #format: Format
  readonly #destination: Destination

  constructor(format: Format, destination: Destination) {
    this.#format = format
    this.#destination = destination
  }

  async connect(): Promise<void> {}

  async partitions(): Promise<number> {
    return 4
  }

  async send({ records }: ProduceRequest): Promise<Produced> {
    const bytes = Buffer.concat(records.map(({ value }) => value))
    const { status } = await this.#destination.receive({ samples: readLines(this.#format, bytes), bytes })
    if (status === 'delivered') return { baseOffset: '0', partitions: 4 }
    if (status === 'hang') return await new Promise<Produced>(() => {})
    if (status === 'rejected') throw protocolError(87, 'INVALID_RECORD')
    if (status === 'too-large') throw protocolError(10, 'MESSAGE_TOO_LARGE')
    if (status === 'blocked') throw protocolError(29, 'TOPIC_AUTHORIZATION_FAILED')
    throw new kafkajs.KafkaJSConnectionError('Closed connection', {})
  }

  async close(): Promise<void> {}
}

function protocolError(code: number, type: string): Error {
  return new kafkajs.KafkaJSProtocolError(Object.assign(new Error(`about ${type}`), { code, type, retriable: false }))
}

function toBroker(format: Format): SinkContractSubject {
  return {
    divisible: true,
    lacks: {
      'retry-after': 'brokers ask for nothing',
      partial: 'a broker takes a request as a whole',
      concurrency: 'a producer has one send outstanding',
    },
    carries: carriesBy(format),
    async open(destination) {
      const producer = (): KafkaProducer => new FakeProducer(format, destination)
      return { sink: createKafkaSink({ topic: 'metrics', producer, ...format.options }), close: async () => {} }
    },
  }
}

function toFolder(format: Format): SinkContractSubject {
  return {
    lacks: { ...fileLacks, parts: 'a topic in a folder has one partition' },
    carries: carriesBy(format),
    async open(destination) {
      const fileSystem = createFileDestination({ destination, decode: (lines) => readLines(format, lines) })
      const producer = topicFolderProducer({ dir: 'topics', fileSystem })
      return { sink: createKafkaSink({ topic: 'metrics', producer, ...format.options }), close: async () => {} }
    },
  }
}

function version2(format: Format): Format {
  return { ...format, options: { ...format.options, metricVersion: 2 } }
}

describe.each<[string, SinkContractSubject]>([
  ['InfluxDB lines of metric version 1', toBroker(influx)],
  ['InfluxDB lines of metric version 2', toBroker(version2(influx))],
  ['JSON in seconds', toBroker(inSeconds)],
  ['JSON of metric version 2 in milliseconds', toBroker(version2(inMilliseconds))],
  ['JSON to a folder', toFolder(inSeconds)],
  ['InfluxDB lines to a folder', toFolder(influx)],
])('the Kafka sink with %s keeps the contract', (_, subject) => {
  for (const { name, notApplicable, run } of sinkContract(subject)) it.skipIf(notApplicable !== undefined)(name, run)
})

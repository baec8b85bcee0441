import { createKafkaSink, kafkaJsProducer } from '@promline/kafka-sink'
import type { DestinationAnswer, ReceivedSample, SinkContractSubject } from '@promline/core/testing'
import { sinkContract } from '@promline/core/testing'
import { describe, it } from 'vitest'
import { FakeBroker, type ProducedBatch, type Verdict } from './fake-broker.js'

const verdicts: Readonly<Record<Exclude<DestinationAnswer['status'], 'lost' | 'partial'>, Verdict>> = {
  delivered: 'store',
  retryable: 55, // OPERATION_NOT_ATTEMPTED: kafkajs does not repeat it by itself
  rejected: 87, // INVALID_RECORD
  'too-large': 10, // MESSAGE_TOO_LARGE
  blocked: 29, // TOPIC_AUTHORIZATION_FAILED
  hang: 'ignore',
}

/** Telegraf's JSON in milliseconds; the record's own timestamp says the same. */
function decode({ values }: ProducedBatch): ReceivedSample[] {
  return values.flatMap((text) => {
    const { name, tags, fields, timestamp } = JSON.parse(text)
    return Object.values<number>(fields).map((value) => ({ labels: { ...tags, __name__: name }, value, timestampMs: timestamp }))
  })
}

const subject: SinkContractSubject = {
  divisible: true,
  lacks: {
    'retry-after': 'brokers ask for nothing',
    lost: 'kafkajs repeats the request under its sequence number, and the broker stores it once',
    partial: 'a broker takes a request as a whole',
    concurrency: 'a producer has one send outstanding',
  },
  carries: (sample) => (sample.stale === true || !Number.isFinite(sample.value) ? undefined : sample),
  async open(destination) {
    const broker = new FakeBroker()
    broker.partitions = 3
    broker.judge = async (batch) => {
      const { status } = await destination.receive({ samples: decode(batch), bytes: Buffer.from(batch.values.join('')) })
      return status === 'lost' || status === 'partial' ? 'lose-answer' : verdicts[status]
    }
    await broker.listen()
    const producer = kafkaJsProducer({ brokers: [broker.address] })
    const sink = createKafkaSink({ topic: 'metrics', producer, format: 'telegraf-json', timestampUnitMs: 1 })
    return { sink, close: () => broker.close() }
  },
}

describe('the Kafka sink on kafkajs keeps the contract', () => {
  for (const { name, notApplicable, run } of sinkContract(subject)) it.skipIf(notApplicable !== undefined)(name, run)
})

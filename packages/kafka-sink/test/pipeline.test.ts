import { type Batch, batchOf, createMemorySpool, createPipeline, samplesOf } from '@promline/core'
import { createKafkaSink, kafkaJsProducer } from '@promline/kafka-sink'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeBroker, type Verdict } from './fake-broker.js'

let broker: FakeBroker

beforeEach(async () => {
  broker = new FakeBroker()
  broker.partitions = 3
  await broker.listen()
})

afterEach(() => broker.close())

const series = ['a', 'b', 'c', 'd', 'e', 'f']

/** What one origin says at one time: its value counts up, so that order shows. */
function batch(round: number, origin: string): Batch {
  const samples = series.map((name) => ({ labels: { __name__: name, origin }, value: round, timestampMs: 1_700_000_000_000 + round }))
  return batchOf(samples, { kind: 'target', id: origin })
}

function createDelivery() {
  const buried: Batch[] = []
  const sink = createKafkaSink({
    topic: 'metrics',
    producer: kafkaJsProducer({ brokers: [broker.address], requestTimeoutMs: 200 }),
    sendTimeoutMs: 2000,
  })
  const pipeline = createPipeline({
    name: 'test',
    spool: createMemorySpool(),
    sinks: [
      {
        sink,
        delivery: { batchSendDeadlineMs: 5, minBackoffMs: 1, maxBackoffMs: 10, blockedProbeMs: 20 },
        deadLetter: {
          write: (one) => {
            buried.push(one)
            return Promise.resolve()
          },
        },
      },
    ],
  })
  return { pipeline, buried }
}

/** The values of a series in the order in which they were first stored. */
function firstSeen(name: string, origin: string): number[] {
  const values = broker.values.flatMap((line) => {
    const [key, field] = line.split(' ')
    return key === `${name},origin=${origin}` ? [Number(field?.split('=')[1])] : []
  })
  return [...new Set(values)]
}

describe('a pipeline to Kafka', () => {
  it('loses nothing and keeps the order of every series while answers are lost, requests hang and errors come', async () => {
    const verdicts: Verdict[] = [
      'store',
      'lose-answer',
      'store',
      6,
      'hang',
      'store',
      45,
      'store',
      59,
      19,
      'lose-answer',
      'lose-answer',
      'lose-answer',
      'store',
    ]
    let asked = 0
    broker.judge = () => verdicts[asked++ % verdicts.length] ?? 'store'
    const { pipeline, buried } = createDelivery()
    const origins = ['one', 'two', 'three']
    const rounds = Array.from({ length: 10 }, (_, round) => round)
    await Promise.all(rounds.flatMap((round) => origins.map((origin) => pipeline.write(batch(round, origin)))))
    await pipeline.close()
    for (const origin of origins) for (const name of series) expect(firstSeen(name, origin)).toEqual(rounds)
    expect(buried).toEqual([])
    expect(pipeline.accounts()).toMatchObject({
      balanced: true,
      sinks: { kafka: { delivered: { samples: 180 }, rejected: {}, dropped: {} } },
    })
  })

  it('goes on when the topic gets more partitions', async () => {
    const { pipeline } = createDelivery()
    await pipeline.write(batch(0, 'one'))
    // The client refreshes its view of the topic after an error, as it does every five minutes.
    broker.partitions = 9
    let moved = false
    broker.judge = () => {
      if (moved) return 'store'
      moved = true
      return 6
    }
    for (let round = 1; round < 5; round++) await pipeline.write(batch(round, 'one'))
    await pipeline.close()
    for (const name of series) expect(new Set(firstSeen(name, 'one'))).toEqual(new Set([0, 1, 2, 3, 4]))
    expect(Math.max(...broker.stored.map(({ partition }) => partition))).toBeGreaterThan(2)
    expect(pipeline.accounts()).toMatchObject({ balanced: true, sinks: { kafka: { delivered: { samples: 30 } } } })
  })

  it('buries exactly the samples that the broker refuses', async () => {
    broker.judge = ({ values }) => (values.some((line) => line.startsWith('c,origin=two ')) ? 87 : 'store')
    const { pipeline, buried } = createDelivery()
    await Promise.all(['one', 'two'].map((origin) => pipeline.write(batch(0, origin))))
    await pipeline.close()
    const samples = buried.flatMap((one) => [...samplesOf(one)])
    expect(samples.map(({ labels }) => labels.toObject())).toEqual([{ __name__: 'c', origin: 'two' }])
    expect(broker.values.length).toBe(11)
    expect(pipeline.accounts()).toMatchObject({
      balanced: true,
      sinks: { kafka: { delivered: { samples: 11 }, rejected: { invalid: { samples: 1 } } } },
    })
  })

  it('keeps the data while it is blocked, and says why', async () => {
    broker.topic = 'other'
    const { pipeline } = createDelivery()
    const blocked = new Promise<string | undefined>((resolve) => {
      pipeline.events.on('state', ({ state, reason }) => state === 'blocked' && resolve(reason))
    })
    const written = pipeline.write(batch(0, 'one'))
    expect(await blocked).toContain('the topic metrics does not exist: create it')
    broker.topic = 'metrics'
    await written
    await pipeline.close()
    expect(broker.values.length).toBe(6)
  })
})

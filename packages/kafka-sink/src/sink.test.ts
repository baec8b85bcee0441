import { addCounts, type Batch, batchOf, countsOf, PromlineError, samplesOf, zeroCounts } from '@promline/core'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import type { KafkaSinkOptions } from './config.js'
import type { KafkaBody } from './encode.js'
import type { KafkaProducer, Produced, ProduceRequest } from './producer.js'
import { createKafkaSink } from './sink.js'

type Step = Produced | Error | 'hang'

/** A cluster of one topic that answers as the script says: by default it stores. */
class FakeCluster {
  partitions = 1
  /** What the next sends come to, in order. */
  readonly script: Step[] = []
  /** Decides where the script is empty. */
  judge: (request: ProduceRequest) => Step = () => ({ baseOffset: '0', partitions: this.partitions })
  readonly stored: { partition: number; value: string }[] = []
  producers = 0
  closed = 0
  requests = 0
  outstanding = 0
  mostOutstanding = 0
  connectError: Error | undefined

  producer = (): KafkaProducer => {
    this.producers++
    return {
      connect: () => (this.connectError === undefined ? Promise.resolve() : Promise.reject(this.connectError)),
      partitions: () => Promise.resolve(this.partitions),
      send: (request) => this.#send(request),
      close: () => {
        this.closed++
        return Promise.resolve()
      },
    }
  }

  get values(): string[] {
    return this.stored.map(({ value }) => value)
  }

  async #send(request: ProduceRequest): Promise<Produced> {
    this.requests++
    this.outstanding++
    this.mostOutstanding = Math.max(this.mostOutstanding, this.outstanding)
    await new Promise(setImmediate)
    try {
      const step = this.script.shift() ?? this.judge(request)
      if (step === 'hang') return await new Promise<Produced>(() => {})
      if (step instanceof Error) throw step
      if (step.baseOffset !== undefined) {
        for (const { value } of request.records)
          this.stored.push({ partition: request.partition, value: Buffer.from(value).toString().trim() })
      }
      return step
    } finally {
      this.outstanding--
    }
  }
}

const { signal } = new AbortController()

function protocolError(code: number, type: string): Error {
  return new kafkajs.KafkaJSProtocolError(Object.assign(new Error(`about ${type}`), { code, type, retriable: true }))
}

function batch(names: readonly string[], origin = 'a'): Batch {
  const samples = names.map((name, i) => ({ labels: { __name__: name }, value: i, timestampMs: 1000 }))
  return batchOf(samples, { kind: 'target', id: origin, url: 'http://h/metrics' })
}

/** A prepared sink and the bodies of a batch. */
async function prepared(cluster: FakeCluster, batches: readonly Batch[], options: Partial<KafkaSinkOptions> = {}) {
  const sink = createKafkaSink({ topic: 'metrics', producer: cluster.producer, urlTag: '', ...options })
  expect(await sink.prepare?.({ signal })).toEqual({ status: 'delivered' })
  return { sink, bodies: sink.encode(batches).map(({ body }) => body) }
}

async function sendAll(sink: Awaited<ReturnType<typeof prepared>>['sink'], bodies: readonly KafkaBody[]) {
  const outcomes = []
  for (const body of bodies) outcomes.push(await sink.send(body, { signal, attempt: 1 }))
  return outcomes
}

describe('createKafkaSink()', () => {
  it('delivers every row, to the partition of its series, and tells of one send at a time', async () => {
    const cluster = new FakeCluster()
    cluster.partitions = 4
    const { sink, bodies } = await prepared(cluster, [batch(['a', 'b', 'c', 'd']), batch(['a', 'b'], 'b')])
    expect([sink.name, sink.maxInFlight]).toEqual(['kafka', 1])
    const outcomes = await Promise.all(bodies.map((body) => sink.send(body, { signal, attempt: 1 })))
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['delivered']))
    expect(cluster.values.sort()).toEqual([
      'a value=0 1000000000',
      'a value=0 1000000000',
      'b value=1 1000000000',
      'b value=1 1000000000',
      'c value=2 1000000000',
      'd value=3 1000000000',
    ])
    for (const name of ['a', 'b']) {
      expect(new Set(cluster.stored.filter(({ value }) => value.startsWith(`${name} `)).map(({ partition }) => partition)).size).toBe(1)
    }
    expect([cluster.mostOutstanding, cluster.producers]).toEqual([1, 1])
    await sink.close?.()
    expect(cluster.closed).toBe(1)
  })

  it('sends side by side with several producers, each with partitions of its own', async () => {
    const cluster = new FakeCluster()
    cluster.partitions = 8
    const names = Array.from({ length: 64 }, (_, i) => `m${i}`)
    const { sink, bodies } = await prepared(cluster, [batch(names)], { producers: 3 })
    await Promise.all(bodies.map((body) => sink.send(body, { signal, attempt: 1 })))
    expect([sink.maxInFlight, cluster.mostOutstanding, cluster.producers, cluster.stored.length]).toEqual([3, 3, 3, 64])
  })

  it('does not encode before it knows the partitions', () => {
    const sink = createKafkaSink({ topic: 'metrics', producer: new FakeCluster().producer })
    expect(() => sink.encode([batch(['a'])])).toThrow('Kafka topic metrics: prepare() comes before encode()')
  })

  it('says in prepare what is wrong, and takes a fresh producer for the next try', async () => {
    const cluster = new FakeCluster()
    cluster.connectError = protocolError(58, 'SASL_AUTHENTICATION_FAILED')
    const sink = createKafkaSink({ topic: 'metrics', producer: cluster.producer })
    expect(await sink.prepare?.({ signal })).toMatchObject({
      status: 'retryable',
      blocked: 'the broker refused the login: check mechanism, username and password',
    })
    cluster.connectError = undefined
    expect(await sink.prepare?.({ signal })).toEqual({ status: 'delivered' })
    expect([cluster.producers, cluster.closed]).toEqual([2, 1])
  })

  it.each([
    ['a lost answer', new kafkajs.KafkaJSRequestTimeoutError('timed out')],
    ['a closed connection', new kafkajs.KafkaJSConnectionError('closed')],
    ['a sequence out of order', protocolError(45, 'OUT_OF_ORDER_SEQUENCE_NUMBER')],
    ['a producer that the broker forgot', protocolError(59, 'UNKNOWN_PRODUCER_ID')],
    ['a fenced producer', protocolError(47, 'INVALID_PRODUCER_EPOCH')],
    ['a topic that went', protocolError(3, 'UNKNOWN_TOPIC_OR_PARTITION')],
  ])('never uses a producer again after %s', async (_name, error) => {
    const cluster = new FakeCluster()
    const { sink, bodies } = await prepared(cluster, [batch(['a', 'b'])])
    cluster.script.push(error)
    expect(await sendAll(sink, bodies)).toMatchObject([{ status: 'retryable' }])
    expect([cluster.producers, cluster.closed]).toEqual([1, 1])
    expect(await sendAll(sink, bodies)).toEqual([{ status: 'delivered' }])
    expect([cluster.producers, cluster.values]).toEqual([2, ['a value=0 1000000000', 'b value=1 1000000000']])
  })

  it('gives an attempt up at its deadline, with its producer', async () => {
    const cluster = new FakeCluster()
    const { sink, bodies } = await prepared(cluster, [batch(['a'])], { sendTimeoutMs: 20 })
    cluster.script.push('hang')
    expect(await sendAll(sink, bodies)).toMatchObject([
      { status: 'retryable', error: { code: 'timeout', message: 'timed out after 20 ms while waiting for Kafka for the topic metrics' } },
    ])
    expect(cluster.closed).toBe(1)
    expect(await sendAll(sink, bodies)).toEqual([{ status: 'delivered' }])
  })

  it('ends when the signal aborts', async () => {
    const cluster = new FakeCluster()
    const { sink, bodies } = await prepared(cluster, [batch(['a'])])
    cluster.script.push('hang')
    const controller = new AbortController()
    const outcome = sink.send(bodies[0]!, { signal: controller.signal, attempt: 1 })
    controller.abort()
    expect(await outcome).toMatchObject({ status: 'retryable', error: { code: 'unavailable' } })
    expect(await sink.send(bodies[0]!, { signal: controller.signal, attempt: 2 })).toMatchObject({ status: 'retryable' })
    expect(cluster.values).toEqual([])
  })

  it('takes no offset for an answer: the partition does not exist', async () => {
    const cluster = new FakeCluster()
    const { sink, bodies } = await prepared(cluster, [batch(['a'])])
    cluster.script.push({})
    expect(await sendAll(sink, bodies)).toMatchObject([
      { status: 'retryable', reencode: true, error: { message: 'Kafka topic metrics: partition 0 does not exist, nothing was stored' } },
    ])
    expect(cluster.closed).toBe(1)
  })

  it('encodes anew when the topic has got more partitions', async () => {
    const cluster = new FakeCluster()
    const { sink, bodies } = await prepared(cluster, [batch(['a'])])
    cluster.partitions = 3
    expect(await sendAll(sink, bodies)).toEqual([{ status: 'delivered' }])
    expect(await sendAll(sink, bodies)).toMatchObject([
      { status: 'retryable', reencode: true, error: { message: 'Kafka topic metrics: has 3 partitions now and had 1' } },
    ])
    expect(await sink.prepare?.({ signal })).toEqual({ status: 'delivered' })
    const names = Array.from({ length: 50 }, (_, i) => `m${i}`)
    expect(new Set(sink.encode([batch(names)]).map(({ part }) => part))).toEqual(new Set(['metrics/0', 'metrics/1', 'metrics/2']))
  })
})

describe('a record that is refused', () => {
  const poison = (name: string, code: number, type: string) => (request: ProduceRequest) =>
    request.records.some(({ value }) => Buffer.from(value).toString().startsWith(`${name} `))
      ? protocolError(code, type)
      : { baseOffset: '0', partitions: 1 }

  it.each([
    [10, 'MESSAGE_TOO_LARGE', 'too-large'],
    [87, 'INVALID_RECORD', 'invalid'],
    [32, 'INVALID_TIMESTAMP', 'invalid'],
  ])('%i %s: the rest is delivered in order, its samples are named', async (code, type, reason) => {
    const cluster = new FakeCluster()
    const names = Array.from({ length: 64 }, (_, i) => `m${i}`)
    const batches = [batch(names.slice(0, 40)), batch(names.slice(40), 'b')]
    const { sink, bodies } = await prepared(cluster, batches)
    cluster.judge = poison('m41', code, type)
    const [outcome] = await sendAll(sink, bodies)
    expect(outcome).toMatchObject({
      status: 'delivered',
      rejected: {
        counts: { samples: 1, histograms: 0, exemplars: 0 },
        reason,
        message: `Kafka topic metrics: ${type} (${code}): about ${type}`,
      },
    })
    const rejected = outcome?.status === 'delivered' ? (outcome.rejected?.batches ?? []) : []
    expect(rejected.map(({ origin }) => origin.id)).toEqual(['b'])
    expect(rejected.flatMap((one) => [...samplesOf(one)]).map(({ labels }) => labels.get('__name__'))).toEqual(['m41'])
    expect(cluster.values.map((value) => value.split(' ')[0])).toEqual(names.filter((name) => name !== 'm41'))
    // The body, six refused pieces on the way to the record, and the pieces beside them.
    expect(cluster.requests).toBeLessThanOrEqual(1 + 2 * Math.log2(64))
    expect(cluster.producers).toBe(1)
  })

  it('goes on where it was when a division is interrupted', async () => {
    const cluster = new FakeCluster()
    const { sink, bodies } = await prepared(cluster, [batch(['a', 'b', 'c', 'd'])])
    cluster.judge = poison('a', 10, 'MESSAGE_TOO_LARGE')
    cluster.script.push(
      protocolError(10, 'MESSAGE_TOO_LARGE'),
      protocolError(10, 'MESSAGE_TOO_LARGE'),
      protocolError(10, 'MESSAGE_TOO_LARGE'),
    )
    // abcd, ab, a: refused. Then the broker goes, behind b.
    cluster.script.push({ baseOffset: '0', partitions: 1 }, new kafkajs.KafkaJSConnectionError('closed'))
    expect(await sendAll(sink, bodies)).toMatchObject([{ status: 'retryable' }])
    expect(cluster.values).toEqual(['b value=1 1000000000'])
    expect(await sendAll(sink, bodies)).toMatchObject([{ status: 'delivered', rejected: { counts: { samples: 1 } } }])
    expect(cluster.values).toEqual(['b value=1 1000000000', 'c value=2 1000000000', 'd value=3 1000000000'])
  })

  it('is never sent where it is larger than the limit by itself', async () => {
    const cluster = new FakeCluster()
    const large = 'x'.repeat(2000)
    const { sink, bodies } = await prepared(cluster, [batch(['a', large, 'b'])], { maxRequestBytes: 1000 })
    const outcomes = await sendAll(sink, bodies)
    expect(outcomes).toMatchObject([
      { status: 'delivered' },
      {
        status: 'delivered',
        rejected: {
          counts: { samples: 1 },
          reason: 'too-large',
          message: 'Kafka topic metrics: a record of 2052 bytes is larger than the limit of 1000',
        },
      },
      { status: 'delivered' },
    ])
    expect([cluster.requests, cluster.values]).toEqual([2, ['a value=0 1000000000', 'b value=2 1000000000']])
  })

  it('is a whole row: a histogram is never divided', async () => {
    const metadata = { name: 'h', type: 'histogram', help: '', unit: '' } as const
    const sample = (labels: Record<string, string>, value: number) => ({ metadata, labels, value, timestampMs: 1000 })
    const histogram = batchOf(
      [
        sample({ __name__: 'h_bucket', le: '1' }, 1),
        sample({ __name__: 'h_bucket', le: '+Inf' }, 2),
        sample({ __name__: 'h_sum' }, 1.5),
        sample({ __name__: 'h_count' }, 2),
        { labels: { __name__: 'g' }, value: 7, timestampMs: 1000 },
      ],
      { kind: 'target', id: 'a' },
    )
    const cluster = new FakeCluster()
    const { sink, bodies } = await prepared(cluster, [histogram])
    cluster.judge = poison('h', 10, 'MESSAGE_TOO_LARGE')
    const [outcome] = await sendAll(sink, bodies)
    const rejected = outcome?.status === 'delivered' ? outcome.rejected : undefined
    expect(rejected?.counts.samples).toBe(4)
    expect((rejected?.batches ?? []).reduce((sum, one) => addCounts(sum, countsOf(one)), zeroCounts).samples).toBe(4)
    expect(cluster.values).toEqual(['g value=7 1000000000'])
  })

  it('is counted and not named where a format cannot be traced back', async () => {
    const cluster = new FakeCluster()
    const format = {
      name: 'all-in-one',
      format: (batches: readonly Batch[]) => ({
        records: [
          {
            value: Buffer.from(`poison ${batches.length}`),
            timestampMs: 0,
            seriesKey: Buffer.from(String(batches.reduce((sum, one) => sum + countsOf(one).samples, 0))),
            counts: batches.reduce((sum, one) => addCounts(sum, countsOf(one)), zeroCounts),
          },
        ],
        dropped: [],
      }),
    }
    const { sink, bodies } = await prepared(cluster, [batch(['a', 'b'])], { format })
    cluster.judge = poison('poison', 87, 'INVALID_RECORD')
    const [outcome] = await sendAll(sink, bodies)
    expect(outcome).toMatchObject({ status: 'delivered', rejected: { counts: { samples: 2 }, reason: 'invalid' } })
    expect(outcome).not.toHaveProperty('rejected.batches')
  })
})

describe('a format that throws', () => {
  it('throws out of encode, where delivery counts it as invalid', async () => {
    const format = {
      name: 'no',
      format: () => {
        throw new PromlineError('encode', 'cannot')
      },
    }
    const sink = createKafkaSink({ topic: 'metrics', producer: new FakeCluster().producer, format })
    await sink.prepare?.({ signal })
    expect(() => sink.encode([batch(['a'])])).toThrow('cannot')
  })
})

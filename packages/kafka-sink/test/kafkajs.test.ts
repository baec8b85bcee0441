import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, batchOf, encodeUtf8, Secret } from '@promline/core'
import { createKafkaSink, kafkaJsProducer, type KafkaBody, type KafkaJsOptions, type KafkaSinkOptions } from '@promline/kafka-sink'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeBroker } from './fake-broker.js'

let broker: FakeBroker
const sinks: ReturnType<typeof createKafkaSink>[] = []
const { signal } = new AbortController()

beforeEach(async () => {
  broker = new FakeBroker()
  await broker.listen()
})

afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close?.()
  await broker.close()
})

function batch(...names: string[]): Batch {
  return batchOf(
    names.map((name, i) => ({ labels: { __name__: name }, value: i, timestampMs: 1_700_000_000_000 + i })),
    { kind: 'target', id: 'a' },
  )
}

function createSink(options: Partial<KafkaJsOptions> = {}, sinkOptions: Partial<KafkaSinkOptions> = {}) {
  const producer = kafkaJsProducer({ brokers: [broker.address], requestTimeoutMs: 300, ...options })
  const sink = createKafkaSink({ topic: 'metrics', producer, sendTimeoutMs: 5000, ...sinkOptions })
  sinks.push(sink)
  return sink
}

async function prepared(options: Partial<KafkaJsOptions> = {}, sinkOptions: Partial<KafkaSinkOptions> = {}) {
  const sink = createSink(options, sinkOptions)
  expect(await sink.prepare?.({ signal })).toEqual({ status: 'delivered' })
  const send = (body: KafkaBody) => sink.send(body, { signal, attempt: 1 })
  const bodiesOf = (...names: string[]) => sink.encode([batch(...names)]).map(({ body }) => body)
  return { sink, send, bodyOf: (...names: string[]) => bodiesOf(...names)[0]!, bodiesOf }
}

const names = (broker: FakeBroker) => broker.values.map((value) => value.split(' ')[0])

describe('kafkajs under the sink', () => {
  it('stores records with their timestamps, acknowledged by all replicas, by an idempotent producer', async () => {
    const { send, bodyOf } = await prepared()
    expect(await send(bodyOf('a', 'b'))).toEqual({ status: 'delivered' })
    expect(await send(bodyOf('c'))).toEqual({ status: 'delivered' })
    expect(broker.stored).toEqual([
      {
        topic: 'metrics',
        partition: 0,
        producerId: 0n,
        baseSequence: 0,
        values: ['a value=0 1700000000000000000\n', 'b value=1 1700000000001000000\n'],
        timestampsMs: [1_700_000_000_000, 1_700_000_000_001],
        gzip: false,
        acks: -1,
      },
      expect.objectContaining({ baseSequence: 2, values: ['c value=0 1700000000000000000\n'] }),
    ])
  })

  it('compresses', async () => {
    const { send, bodyOf } = await prepared({ compression: 'gzip' })
    expect(await send(bodyOf('a', 'b'))).toEqual({ status: 'delivered' })
    expect([broker.stored[0]?.gzip, names(broker)]).toEqual([true, ['a', 'b']])
  })

  it('stores once what a lost answer makes it send again', async () => {
    const { send, bodyOf } = await prepared()
    let lost = 0
    broker.judge = () => (lost++ === 0 ? 'lose-answer' : 'store')
    expect(await send(bodyOf('a', 'b'))).toEqual({ status: 'delivered' })
    expect([broker.requests.length, names(broker)]).toEqual([2, ['a', 'b']])
  })

  it('stores once what a broker that stood still makes it send again', async () => {
    const { send, bodyOf } = await prepared()
    let hung = 0
    broker.judge = () => (hung++ === 0 ? 'hang' : 'store')
    expect(await send(bodyOf('a'))).toEqual({ status: 'delivered' })
    expect(await send(bodyOf('b'))).toEqual({ status: 'delivered' })
    expect(names(broker)).toEqual(['a', 'b'])
  })

  it('loses nothing when it gives up and goes on: the next attempt has a producer of its own', async () => {
    const { send, bodyOf } = await prepared()
    broker.judge = () => 'lose-answer'
    expect(await send(bodyOf('a'))).toMatchObject({ status: 'retryable' })
    broker.judge = () => 'store'
    expect(await send(bodyOf('b'))).toEqual({ status: 'delivered' })
    expect(new Set(names(broker))).toEqual(new Set(['a', 'b']))
    expect(broker.stored.at(-1)?.producerId).not.toBe(0n)
  })

  it('sends nothing any more for an attempt that was given up', async () => {
    const { send, bodyOf } = await prepared({}, { sendTimeoutMs: 100 })
    broker.judge = () => 'hang'
    expect(await send(bodyOf('a'))).toMatchObject({ status: 'retryable', error: { code: 'timeout' } })
    const requests = broker.requests.length
    // Longer than kafkajs' own request timeout and first retry.
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect([broker.requests.length, broker.connections]).toEqual([requests, 0])
  })

  it.each([
    [10, 'too-large'],
    [87, 'invalid'],
  ])('error %i concerns one record', async (code, reason) => {
    const { send, bodyOf } = await prepared()
    broker.judge = ({ values }) => (values.some((value) => value.startsWith('bad ')) ? code : 'store')
    expect(await send(bodyOf('a', 'bad', 'b', 'c'))).toMatchObject({ status: 'delivered', rejected: { reason, counts: { samples: 1 } } })
    expect(names(broker)).toEqual(['a', 'b', 'c'])
    expect(await send(bodyOf('d'))).toEqual({ status: 'delivered' })
  })

  it.each([6, 7, 19, 45, 47, 59, 89])('error %i passes', async (code) => {
    const { send, bodyOf } = await prepared()
    broker.judge = () => code
    const body = bodyOf('a')
    const outcome = await send(body)
    expect(outcome).toMatchObject({ status: 'retryable' })
    expect(outcome).not.toHaveProperty('blocked')
    broker.judge = () => 'store'
    expect(await send(body)).toEqual({ status: 'delivered' })
    expect(names(broker)).toEqual(['a'])
  })

  it('is blocked where it has no right, until it has', async () => {
    const { send, bodyOf } = await prepared()
    broker.judge = () => 29
    expect(await send(bodyOf('a'))).toMatchObject({
      status: 'retryable',
      blocked: 'no right to write to the topic metrics: grant Describe and Write',
    })
    broker.judge = () => 'store'
    expect(await send(bodyOf('a'))).toEqual({ status: 'delivered' })
  })

  it('is blocked where the topic does not exist, until it does', async () => {
    broker.topic = 'other'
    const sink = createSink()
    expect(await sink.prepare?.({ signal })).toMatchObject({ status: 'retryable', blocked: 'the topic metrics does not exist: create it' })
    broker.topic = 'metrics'
    expect(await sink.prepare?.({ signal })).toEqual({ status: 'delivered' })
  })

  it('notices a partition that is not there any more, and partitions that came', async () => {
    broker.partitions = 8
    const { sink, send, bodiesOf } = await prepared()
    const many = Array.from({ length: 200 }, (_, i) => `m${i}`)
    const bodies = bodiesOf(...many)
    expect(bodies.length).toBe(8)
    broker.partitions = 2
    const last = bodies.find(({ partition }) => partition === 7)
    expect(last && (await send(last))).toMatchObject({ status: 'retryable', reencode: true })
    expect(await sink.prepare?.({ signal })).toEqual({ status: 'delivered' })
    const anew = bodiesOf(...many)
    expect(anew.length).toBe(2)
    for (const body of anew) expect(await send(body)).toEqual({ status: 'delivered' })
    expect(broker.values.length).toBe(200)
  })

  it('goes on when the broker comes back', async () => {
    const { send, bodyOf } = await prepared()
    expect(await send(bodyOf('a'))).toEqual({ status: 'delivered' })
    await broker.close()
    expect(await send(bodyOf('b'))).toMatchObject({ status: 'retryable', error: { code: 'connect' } })
    await broker.listen()
    expect(await send(bodyOf('b'))).toEqual({ status: 'delivered' })
    expect(names(broker)).toEqual(['a', 'b'])
  })

  it('takes up a changed password, which a used login of kafkajs would not', async () => {
    broker.password = 'new'
    const folder = await mkdtemp(join(tmpdir(), 'kafka-'))
    const file = join(folder, 'password')
    try {
      await writeFile(file, 'old\n')
      const sink = createSink({ sasl: { mechanism: 'plain', username: 'promline', password: { file } } })
      expect(await sink.prepare?.({ signal })).toMatchObject({
        status: 'retryable',
        blocked: 'the broker refused the login: check mechanism, username and password',
      })
      await writeFile(file, 'new\n')
      expect(await sink.prepare?.({ signal })).toEqual({ status: 'delivered' })
    } finally {
      await rm(folder, { recursive: true })
    }
    expect(broker.logins).toBeGreaterThan(1)
  })

  it('prints no password', async () => {
    broker.password = 'right'
    const printed: unknown[] = []
    const log = (...entry: unknown[]) => printed.push(entry)
    const sink = createSink({
      sasl: { mechanism: 'plain', username: 'promline', password: { value: new Secret('hunter2') } },
      logger: { debug: log, info: log, warn: log, error: log },
    })
    printed.push(await sink.prepare?.({ signal }))
    expect(printed.length).toBeGreaterThan(1)
    expect(JSON.stringify(printed)).not.toContain('hunter2')
  })

  it('gives up on a peer that accepts and says nothing', async () => {
    // It reads, so that it sees the end of the connection.
    const mute = createServer((socket) => socket.on('error', () => {}).resume())
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const address = mute.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const sink = createSink({ brokers: [`127.0.0.1:${port}`] }, { sendTimeoutMs: 100 })
    expect(await sink.prepare?.({ signal })).toMatchObject({
      status: 'retryable',
      error: { code: 'timeout', message: 'timed out after 100 ms while connecting to Kafka for the topic metrics' },
    })
    await new Promise<void>((resolve) => mute.close(() => resolve()))
  })

  it('speaks TLS where it is told to, and says why that failed', async () => {
    const sink = createSink({ tls: {} }, { sendTimeoutMs: 100 })
    expect(await sink.prepare?.({ signal })).toMatchObject({ status: 'retryable' })
    const missing = createSink({ tls: { caFile: '/does/not/exist.pem' } })
    const outcome = await missing.prepare?.({ signal })
    expect(outcome).toMatchObject({ status: 'retryable', error: { code: 'tls' } })
    expect(outcome).toHaveProperty('blocked')
  })
})

describe('kafkaJsProducer()', () => {
  it.each([
    [{ brokers: [] }, 'kafka sink: brokers must name at least one broker, not []'],
    [{ brokers: ['localhost'] }, 'kafka sink: brokers must be host:port, not "localhost"'],
    [{ brokers: ['a:1'], requestTimeoutMs: 0 }, 'kafka sink: requestTimeoutMs must be a whole number from 1 to 3600000, not 0'],
  ])('refuses %o', (options, message) => {
    expect(() => kafkaJsProducer(options)).toThrow(message)
  })

  it('refuses to send before it is connected', async () => {
    const producer = kafkaJsProducer({ brokers: [broker.address] })()
    const records = [{ value: encodeUtf8('x'), timestampMs: 0 }]
    await expect(producer.send({ topic: 'metrics', partition: 0, records })).rejects.toMatchObject({ code: 'closed' })
    await producer.close()
  })

  it('may be closed at any moment, and never connects afterwards', async () => {
    const producer = kafkaJsProducer({ brokers: [broker.address] })()
    const connecting = producer.connect()
    await producer.close()
    await expect(connecting).rejects.toMatchObject({ code: 'closed' })
    expect(broker.connections).toBe(0)
  })
})

import { createServer, type Server, type Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { WireReader, WireWriter } from './wire.js'

/** A record batch as it came. https://kafka.apache.org/documentation/#recordbatch */
export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  readonly producerId: bigint
  readonly baseSequence: number
  readonly values: readonly string[]
  readonly timestampsMs: readonly number[]
  readonly gzip: boolean
  readonly acks: number
}

/**
 * What becomes of a produce request: `store` it and answer; `lose-answer`: store it and close the connection; `hang`: store it and never
 * answer; `ignore`: neither; a number: refuse it with this error code.
 */
export type Verdict = 'store' | 'lose-answer' | 'hang' | 'ignore' | number

/** The body of an answer, or none. */
type Reply = WireWriter | 'close' | 'silence'

const api = { produce: 0, metadata: 3, saslHandshake: 17, apiVersions: 18, initProducerId: 22, saslAuthenticate: 36 } as const
const versions = [
  [api.produce, 3, 3],
  [api.metadata, 1, 1],
  [api.saslHandshake, 1, 1],
  [api.apiVersions, 0, 2],
  [api.initProducerId, 0, 0],
  [api.saslAuthenticate, 0, 0],
] as const

/** One broker of Kafka with one topic, as much as a producer needs, that checks the sequence of idempotent producers as a real one does. */
export class FakeBroker {
  topic = 'metrics'
  partitions = 1
  /** The password of the user `promline`; undefined: no login is asked for. */
  password: string | undefined
  /** Decides on every produce request. */
  judge: (batch: ProducedBatch) => Verdict | Promise<Verdict> = () => 'store'
  readonly stored: ProducedBatch[] = []
  readonly requests: ProducedBatch[] = []
  logins = 0
  port = 0
  #producerIds = 0n
  readonly #sequences = new Map<string, { next: number; last: number }>()
  readonly #sockets = new Set<Socket>()
  #server: Server = createServer((socket) => this.#accept(socket))

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get values(): string[] {
    return this.stored.flatMap(({ values }) => values)
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Listens; again on the same port after a `close`. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address !== null && typeof address === 'object') this.port = address.port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server = createServer((socket) => this.#accept(socket))
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    let buffered = Buffer.alloc(0)
    let last: Promise<unknown> = Promise.resolve()
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk])
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const end = 4 + buffered.readInt32BE(0)
        const request = new WireReader(buffered.subarray(4, end))
        // A connection is answered in the order of its requests. What the broker cannot read ends it.
        last = last.then(() => this.#answer(socket, request)).catch(() => socket.destroy())
        buffered = buffered.subarray(end)
      }
    })
  }

  async #answer(socket: Socket, request: WireReader): Promise<void> {
    const key = request.int16()
    request.int16()
    const correlationId = request.int32()
    request.string()
    const body = await this.#handle(key, request)
    if (body === 'close') socket.destroy()
    else if (body !== 'silence') {
      const answer = new WireWriter().int32(correlationId).raw(body.finish()).finish()
      socket.write(new WireWriter().bytes(answer).finish())
    }
  }

  #handle(key: number, request: WireReader): Reply | Promise<Reply> {
    if (key === api.apiVersions) {
      const answer = new WireWriter().int16(0)
      return answer.array(versions, ([apiKey, min, max]) => answer.int16(apiKey).int16(min).int16(max)).int32(0)
    }
    if (key === api.metadata) return this.#metadata(request)
    if (key === api.initProducerId)
      return new WireWriter()
        .int32(0)
        .int16(0)
        .int64(this.#producerIds++)
        .int16(0)
    if (key === api.saslHandshake) return new WireWriter().int16(0).int32(1).string('PLAIN')
    if (key === api.saslAuthenticate) return this.#login(request)
    if (key === api.produce) return this.#produce(request)
    return 'close'
  }

  /** Metadata v1. */
  #metadata(request: WireReader): WireWriter {
    const answer = new WireWriter().int32(1).int32(1).string('127.0.0.1').int32(this.port).string(undefined).int32(1)
    const topics = request.array(() => request.string())
    answer.int32(topics.length)
    for (const topic of topics) {
      const known = topic === this.topic
      answer
        .int16(known ? 0 : 3)
        .string(topic)
        .bool(false)
      answer.int32(known ? this.partitions : 0)
      for (let id = 0; known && id < this.partitions; id++) {
        answer.int16(0).int32(id).int32(1).int32(1).int32(1).int32(1).int32(1)
      }
    }
    return answer
  }

  #login(request: WireReader): WireWriter {
    this.logins++
    const [, username, password] = request.bytes().toString().split('\0')
    const accepted = username === 'promline' && password === this.password
    return new WireWriter()
      .int16(accepted ? 0 : 58)
      .string(accepted ? undefined : 'Authentication failed')
      .bytes(Buffer.alloc(0))
  }

  /** Produce v3, of one topic and partition, as the sink sends it. */
  #produce(request: WireReader): Reply | Promise<Reply> {
    request.string()
    const acks = request.int16()
    request.int32()
    const batches = request.array(() => {
      const topic = request.string() ?? ''
      return request.array(() => {
        const partition = request.int32()
        return readBatch(new WireReader(request.bytes()), { topic, partition, acks })
      })
    })
    const [batch] = batches.flat()
    return batch === undefined ? 'close' : this.#store(batch)
  }

  async #store(batch: ProducedBatch): Promise<Reply> {
    this.requests.push(batch)
    const verdict = await this.judge(batch)
    if (verdict === 'ignore') return 'silence'
    if (typeof verdict === 'number') return produceAnswer(batch, verdict)
    const key = `${batch.producerId} ${batch.partition}`
    const sequence = this.#sequences.get(key) ?? { next: 0, last: -1 }
    const repeated = batch.baseSequence === sequence.last
    if (!repeated && batch.baseSequence !== sequence.next) return produceAnswer(batch, 45)
    if (!repeated) {
      this.#sequences.set(key, { next: sequence.next + batch.values.length, last: batch.baseSequence })
      this.stored.push(batch)
    }
    if (verdict === 'lose-answer') return 'close'
    return verdict === 'hang' ? 'silence' : produceAnswer(batch, 0)
  }
}

function produceAnswer({ topic, partition }: ProducedBatch, errorCode: number): WireWriter {
  return new WireWriter()
    .int32(1)
    .string(topic)
    .int32(1)
    .int32(partition)
    .int16(errorCode)
    .int64(errorCode === 0 ? 7n : -1n)
    .int64(-1n)
    .int32(0)
}

function readBatch(data: WireReader, head: { readonly topic: string; readonly partition: number; readonly acks: number }): ProducedBatch {
  data.int64() // base offset
  data.int32() // length
  data.int32() // leader epoch
  data.int8() // magic
  data.int32() // crc
  const gzip = (data.int16() & 7) === 1
  data.int32() // last offset delta
  const firstTimestampMs = Number(data.int64())
  data.int64() // max timestamp
  const producerId = data.int64()
  data.int16() // epoch
  const baseSequence = data.int32()
  const count = data.int32()
  const rest = data.raw(data.left)
  const records = new WireReader(gzip ? gunzipSync(rest) : rest)
  const values: string[] = []
  const timestampsMs: number[] = []
  for (let i = 0; i < count; i++) {
    records.varint() // length
    records.int8() // attributes
    timestampsMs.push(firstTimestampMs + records.varint())
    records.varint() // offset delta
    records.raw(Math.max(0, records.varint())) // key
    values.push(records.raw(records.varint()).toString())
    for (let headers = records.varint(); headers > 0; headers--) {
      records.raw(records.varint())
      records.raw(records.varint())
    }
  }
  return { ...head, producerId, baseSequence, values, timestampsMs, gzip }
}

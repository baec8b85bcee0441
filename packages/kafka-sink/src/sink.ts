import { type Batch, PromlineError } from '@promline/core'
import type { Encoded, SendOutcome, Sink } from '@promline/core/delivery'
import { KafkaClient } from './client.js'
import { type KafkaSinkConfig, type KafkaSinkOptions, validateKafkaSinkOptions } from './config.js'
import { BodyProgress, type RecordRange, toRejected } from './division.js'
import { encodeKafka, type KafkaBody, recordBytes } from './encode.js'
import type { Failure } from './errors.js'
import type { Produced } from './producer.js'

/**
 * Writes batches to a Kafka topic. Every row is a record; rows of a series go to one partition, in order. Delivered means that all in-sync
 * replicas have it. A crash or an unknown outcome repeats records and never loses one. Throws a PromlineError `options`.
 */
export function createKafkaSink(options: KafkaSinkOptions): Sink<KafkaBody> {
  return new KafkaSink(validateKafkaSinkOptions(options))
}

class KafkaSink implements Sink<KafkaBody> {
  readonly name: string
  readonly maxInFlight: number
  readonly #config: KafkaSinkConfig
  /** Each has the partitions whose number modulo theirs is its place. */
  readonly #clients: readonly KafkaClient[]
  /** The number of partitions that bodies are encoded for; 0 before `prepare`. */
  #partitions = 0
  /** What a broker said last: where it differs, bodies are encoded anew. */
  #partitionsSeen = 0
  /** Bodies that were divided and are not settled yet. */
  readonly #progress = new WeakMap<KafkaBody, BodyProgress>()

  constructor(config: KafkaSinkConfig) {
    this.name = config.name
    this.maxInFlight = config.producers
    this.#config = config
    this.#clients = Array.from({ length: config.producers }, () => new KafkaClient(config))
  }

  async prepare(options: { readonly signal: AbortSignal }): Promise<SendOutcome> {
    const attempt = await this.#clients[0]!.partitions(options)
    if (attempt.failure !== undefined) return attempt.failure
    this.#partitions = attempt.value
    this.#partitionsSeen = attempt.value
    return { status: 'delivered' }
  }

  encode(batches: readonly Batch[]): readonly Encoded<KafkaBody>[] {
    const { topic, format, maxRequestBytes } = this.#config
    if (this.#partitions === 0) throw new PromlineError('unavailable', `Kafka topic ${topic}: prepare() comes before encode()`)
    return encodeKafka(batches, { topic, partitions: this.#partitions, format, maxRequestBytes })
  }

  async send(body: KafkaBody, options: { readonly signal: AbortSignal }): Promise<SendOutcome> {
    if (this.#partitionsSeen !== this.#partitions) return this.#encodeAnew()
    const progress = this.#progress.get(body) ?? new BodyProgress(body.records.length)
    for (let range = progress.next; range !== undefined; range = progress.next) {
      const failure = await this.#sendRange(body, range, options)
      if (failure === undefined) progress.stored()
      else if (failure.status === 'retryable') return failure
      else if (range.end - range.start > 1) progress.divide()
      else progress.refuse({ record: body.records[range.start]!, reason: failure.cause, message: failure.error.message })
      this.#progress.set(body, progress)
    }
    this.#progress.delete(body)
    const rejected = toRejected(progress.refused, this.#config.format, body.batches)
    return { status: 'delivered', ...(rejected !== undefined && { rejected }) }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
  }

  async #sendRange(body: KafkaBody, range: RecordRange, options: { readonly signal: AbortSignal }): Promise<Failure | undefined> {
    const { topic, partition } = body
    const records = body.records.slice(range.start, range.end)
    const tooLarge = records.length === 1 && this.#refusesItself(recordBytes(records[0]!))
    if (tooLarge) return tooLarge
    const client = this.#clients[partition % this.#clients.length]!
    const attempt = await client.send({ topic, partition, records }, options)
    return attempt.failure ?? this.#check(attempt.value, body, client)
  }

  /** kafkajs resolves with nothing where a partition does not exist: only an offset says that the records are stored. */
  #check(produced: Produced, body: KafkaBody, client: KafkaClient): Failure | undefined {
    if (produced.partitions !== undefined) this.#partitionsSeen = produced.partitions
    const stored = produced.baseOffset !== undefined
    if (stored && this.#partitionsSeen === this.#partitions) return undefined
    // The client's view of the topic is not the one that bodies were encoded for: a fresh one asks the brokers.
    client.discard()
    if (stored) return undefined
    const message = `Kafka topic ${body.topic}: partition ${body.partition} does not exist, nothing was stored`
    return { status: 'retryable', error: new PromlineError('unavailable', message), reencode: true }
  }

  #refusesItself(bytes: number): Failure | undefined {
    const { topic, maxRequestBytes } = this.#config
    if (bytes <= maxRequestBytes) return undefined
    const message = `Kafka topic ${topic}: a record of ${bytes} bytes is larger than the limit of ${maxRequestBytes}`
    const error = new PromlineError('limit', message, { facts: { topic, bytes, maxRequestBytes } })
    return { status: 'rejected', error, cause: 'too-large', divisible: true }
  }

  #encodeAnew(): SendOutcome {
    const message = `Kafka topic ${this.#config.topic}: has ${this.#partitionsSeen} partitions now and had ${this.#partitions}`
    return { status: 'retryable', error: new PromlineError('unavailable', message), reencode: true }
  }
}

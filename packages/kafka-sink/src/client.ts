import { Deadline } from '@promline/core'
import { classifyKafkaError, type Failure } from './errors.js'
import type { KafkaProducer, Produced, ProduceRequest, ProducerFactory } from './producer.js'

export interface KafkaClientOptions {
  readonly topic: string
  readonly producer: ProducerFactory
  readonly sendTimeoutMs: number
}

/** What an attempt came to: a value, or what its failure means. */
export type Attempt<T> = { readonly value: T; readonly failure?: undefined } | { readonly failure: Failure }

/**
 * One producer at a time, and one request outstanding on it. kafkajs' idempotent producer loses acknowledged records when two sends are
 * outstanding and one answer is lost, or when it is used on after it gave up; so after every failure but a plain refusal of the records
 * the producer is closed and the next attempt gets a fresh one.
 */
export class KafkaClient {
  readonly #options: KafkaClientOptions
  #producer: KafkaProducer | undefined
  #closing: Promise<void> = Promise.resolve()
  /** The attempt under way: the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: KafkaClientOptions) {
    this.#options = options
  }

  /** How many partitions the topic has. */
  partitions(options: { readonly signal: AbortSignal }): Promise<Attempt<number>> {
    return this.#attempt((producer) => producer.partitions(this.#options.topic), options)
  }

  /** One produce request. */
  send(request: ProduceRequest, options: { readonly signal: AbortSignal }): Promise<Attempt<Produced>> {
    return this.#attempt((producer) => producer.send(request), options)
  }

  /** Lets the producer go; the next attempt gets a fresh one, with fresh metadata. */
  discard(): void {
    const producer = this.#producer
    this.#producer = undefined
    if (producer !== undefined) this.#closing = producer.close()
  }

  async close(): Promise<void> {
    this.discard()
    await this.#closing
  }

  #attempt<T>(work: (producer: KafkaProducer) => Promise<T>, options: { readonly signal: AbortSignal }): Promise<Attempt<T>> {
    const attempt = this.#last.then(() => this.#try(work, options.signal))
    this.#last = attempt
    return attempt
  }

  async #try<T>(work: (producer: KafkaProducer) => Promise<T>, signal: AbortSignal): Promise<Attempt<T>> {
    const deadline = new Deadline(this.#options.sendTimeoutMs, signal)
    let phase = 'connecting to'
    deadline.phase = () => `${phase} Kafka for the topic ${this.#options.topic}`
    try {
      deadline.signal.throwIfAborted()
      const producer = await this.#connected(deadline)
      phase = 'waiting for'
      return { value: await deadline.race(work(producer)) }
    } catch (error) {
      const failure = classifyKafkaError(error, this.#options.topic)
      if (failure.status === 'retryable') this.discard()
      return { failure }
    } finally {
      deadline.release()
    }
  }

  async #connected(deadline: Deadline): Promise<KafkaProducer> {
    if (this.#producer !== undefined) return this.#producer
    const producer = this.#options.producer()
    this.#producer = producer
    await deadline.race(producer.connect())
    return producer
  }
}

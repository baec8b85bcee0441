import { loadTlsOptions, type Logger, PromlineError, readSecret, type SecretSource, silentLogger, type TlsConfig } from '@promline/core'
import type { Admin, Kafka, KafkaConfig, logCreator, Producer, SASLOptions } from 'kafkajs'
import { assertBroker, assertInteger, optionError } from './config.js'
import { ClientSockets } from './kafkajs-sockets.js'
import type { KafkaProducer, Produced, ProduceRequest, ProducerFactory } from './producer.js'

/** kafkajs' own second is too short for TLS over a long way. */
const defaultConnectTimeoutMs = 3000
/** Three tries fit into the 30 s of an attempt. */
const defaultRequestTimeoutMs = 10_000
/** kafkajs repeats a request this often within an attempt, which its idempotence makes safe; the long run of retries is delivery's. */
const retry = { retries: 2, initialRetryTime: 100, maxRetryTime: 1000, factor: 0.2, multiplier: 2 } as const

export interface KafkaLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  /** A file is read anew for each client, so a changed password is taken up by the next attempt. */
  readonly password: SecretSource
}

export interface KafkaJsOptions {
  /** `host:port` of some brokers; the rest are learned from them. */
  readonly brokers: readonly string[]
  /** What brokers' logs and quotas call this client. Default `promline`. */
  readonly clientId?: string
  /** Present: the connection is encrypted. */
  readonly tls?: TlsConfig
  readonly sasl?: KafkaLogin
  /** Default `none`. The other codecs of Kafka need packages that kafkajs does not bring. */
  readonly compression?: 'none' | 'gzip'
  /** Default 3,000. */
  readonly connectTimeoutMs?: number
  /** How long one request may take, before it is repeated. Default 10,000. */
  readonly requestTimeoutMs?: number
  /** Takes kafkajs' own lines, all of them at debug: what they mean for delivery is told by the sink's outcomes. */
  readonly logger?: Logger
}

/**
 * Producers on kafkajs, with the settings under which it loses nothing: idempotent, explicit partitions, acknowledged by all in-sync
 * replicas, a new client (and login) for each producer. kafkajs is a peer dependency and is loaded by the first `connect`. Throws a
 * PromlineError `options`.
 */
export function kafkaJsProducer(options: KafkaJsOptions): ProducerFactory {
  const { compression } = options
  if (compression !== undefined && compression !== 'none' && compression !== 'gzip') {
    throw optionError('compression', 'must be none or gzip', compression)
  }
  if (options.brokers.length === 0) throw optionError('brokers', 'must name at least one broker', options.brokers)
  for (const broker of options.brokers) assertBroker(broker)
  for (const name of ['connectTimeoutMs', 'requestTimeoutMs'] as const) {
    const value = options[name]
    if (value !== undefined) assertInteger(name, value, { min: 1, max: 3_600_000 })
  }
  return () => new KafkaJsProducer(options)
}

class KafkaJsProducer implements KafkaProducer {
  readonly #options: KafkaJsOptions
  readonly #sockets = new ClientSockets()
  #client: { readonly kafka: Kafka; readonly producer: Producer; readonly compression: number } | undefined
  /** How many partitions the topic of the last send has, by the client's metadata (at most five minutes old). */
  #partitions: number | undefined
  #closed = false

  constructor(options: KafkaJsOptions) {
    this.#options = options
  }

  async connect(): Promise<void> {
    const kafkajs = await loadKafkaJs()
    const kafka = new kafkajs.Kafka({ ...(await this.#config()), logLevel: kafkajs.logLevel.INFO })
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry,
      createPartitioner: () => (args) => {
        this.#partitions = args.partitionMetadata.length
        return args.message.partition ?? 0
      },
    })
    this.#client = { kafka, producer, compression: kafkajs.CompressionTypes[this.#options.compression === 'gzip' ? 'GZIP' : 'None'] }
    if (this.#closed) throw new PromlineError('closed', 'the Kafka producer was closed while it connected')
    await producer.connect()
  }

  async partitions(topic: string): Promise<number> {
    const admin = this.#connected().kafka.admin({ retry })
    try {
      await admin.connect()
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      const found = topics.find(({ name }) => name === topic)?.partitions.length ?? 0
      if (found === 0) throw new PromlineError('unavailable', `Kafka topic ${topic}: the broker names no partition`)
      return found
    } finally {
      await disconnect(admin)
    }
  }

  async send({ topic, partition, records }: ProduceRequest): Promise<Produced> {
    const { producer, compression } = this.#connected()
    const answers = await producer.send({
      topic,
      acks: -1,
      // Below the request's own timeout, so that the broker's answer to a slow replica comes before it.
      timeout: Math.ceil(this.#requestTimeoutMs * 0.8),
      compression,
      messages: records.map(({ key, value, timestampMs }) => ({
        partition,
        key: key === undefined ? null : asBuffer(key),
        value: asBuffer(value),
        // Kafka has no time before 1970.
        timestamp: String(Math.max(0, Math.trunc(timestampMs))),
      })),
    })
    const answer = answers.find((one) => one.topicName === topic && one.partition === partition && one.errorCode === 0)
    const baseOffset = answer?.baseOffset ?? answer?.offset
    return {
      ...(baseOffset !== undefined && baseOffset !== '-1' && { baseOffset }),
      ...(this.#partitions !== undefined && { partitions: this.#partitions }),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    // First told, so that nothing new starts; then cut, since what is under way would wait for answers and try again.
    const disconnected = this.#client === undefined ? Promise.resolve() : disconnect(this.#client.producer)
    this.#sockets.close()
    await disconnected
  }

  get #requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs ?? defaultRequestTimeoutMs
  }

  #connected(): { readonly kafka: Kafka; readonly producer: Producer; readonly compression: number } {
    if (this.#client === undefined) throw new PromlineError('closed', 'the Kafka producer is not connected')
    return this.#client
  }

  async #config(): Promise<KafkaConfig> {
    const { brokers, clientId, tls, sasl, connectTimeoutMs, logger } = this.#options
    return {
      brokers: [...brokers],
      clientId: clientId ?? 'promline',
      connectionTimeout: connectTimeoutMs ?? defaultConnectTimeoutMs,
      requestTimeout: this.#requestTimeoutMs,
      retry,
      socketFactory: (request) => this.#sockets.connect(request),
      logCreator: toLogCreator(logger ?? silentLogger),
      ...(tls !== undefined && { ssl: await loadTlsOptions(tls) }),
      ...(sasl !== undefined && { sasl: await toSasl(sasl) }),
    }
  }
}

async function loadKafkaJs(): Promise<typeof import('kafkajs')> {
  try {
    const { default: kafkajs } = await import('kafkajs')
    return kafkajs
  } catch (error) {
    throw new PromlineError('options', 'kafkajs is not installed: npm install kafkajs', { cause: error })
  }
}

/** A new object for each client: kafkajs stores the login in it, and a used one would log in with the old password. */
async function toSasl({ mechanism, username, password }: KafkaLogin): Promise<SASLOptions> {
  const login = { username, password: await readSecret(password) }
  if (mechanism === 'plain') return { mechanism, ...login }
  return mechanism === 'scram-sha-256' ? { mechanism, ...login } : { mechanism, ...login }
}

/** Ends a client's work without caring how: its sockets are cut by themselves. */
async function disconnect(client: Producer | Admin): Promise<void> {
  await client.disconnect().catch(() => {})
}

function toLogCreator(logger: Logger): logCreator {
  return () => (entry) => {
    const { message, ...facts } = entry.log
    logger.debug({ ...facts, level: entry.label, namespace: entry.namespace }, message)
  }
}

/** kafkajs takes Buffers only; the bytes are shared. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

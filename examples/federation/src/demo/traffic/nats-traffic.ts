import { setTimeout as sleep } from 'node:timers/promises'
import { AckPolicy, DiscardPolicy, jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type Logger, PromlineError, toError } from '@promline/core'
import { createRateWave } from './rate-wave.js'
import type { TrafficProfile } from './profiles.js'

const publishIntervalMs = 100
/** After the server went away, or has lost its stream: it is asked again this often. */
const retryMs = 500
/** One round of a consumer. */
const roundMs = 1_000

export interface NatsTrafficOptions {
  /** `nats://host:port`. */
  readonly url: string
  readonly profile: TrafficProfile
  readonly logger: Logger
}

/** Traffic at a NATS server. It goes on by itself after the server was away. */
export interface NatsTraffic {
  /** Closes all connections. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Connects publishers, subscribers and JetStream consumers. Rejects with a PromlineError (`connect`) where the server does not answer, with
 * nothing left open.
 */
export async function startNatsTraffic(options: NatsTrafficOptions): Promise<NatsTraffic> {
  const traffic = new RunningTraffic(options)
  try {
    await traffic.start()
  } catch (error) {
    await traffic.stop()
    throw new PromlineError('connect', `traffic at ${options.url}: ${toError(error).message}`, {
      cause: error,
      facts: { url: options.url },
    })
  }
  return traffic
}

class RunningTraffic implements NatsTraffic {
  readonly #options: NatsTrafficOptions
  readonly #stopping = new AbortController()
  readonly #connections: NatsConnection[] = []
  readonly #loops: Promise<void>[] = []

  constructor(options: NatsTrafficOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { profile } = this.#options
    for (let i = 1; i <= profile.subscribers; i++) {
      const subscriber = await this.#connect(`subscriber-${i}`)
      subscriber.subscribe(`${profile.subject}.>`, { callback: () => {} })
    }
    for (const consumer of profile.consumers) this.#loops.push(this.#consume(await this.#connect(consumer.name), consumer))
    this.#loops.push(this.#publish(await this.#connect('publisher')))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#connections.map((connection) => connection.close()))
    await Promise.all(this.#loops)
  }

  async #connect(role: string): Promise<NatsConnection> {
    const { url, profile } = this.#options
    // For ever: a server that comes back is part of what is shown.
    const forEver = { maxReconnectAttempts: -1, reconnectTimeWait: retryMs }
    const connection = await connect({ servers: url, name: `${profile.subject}-${role}`, ...forEver })
    this.#connections.push(connection)
    return connection
  }

  /** Publishes at a rate that swells and ebbs; what could not be sent while the server was away is not sent later. */
  async #publish(connection: NatsConnection): Promise<void> {
    const { subject, kinds, messagesPerSecond, payloadBytes } = this.#options.profile
    const payload = new Uint8Array(payloadBytes)
    const wave = createRateWave({ perSecond: messagesPerSecond })
    let isConnected = true
    const watching = watchConnection(connection, (is) => {
      isConnected = is
    })
    let sent = 0
    while (await this.#pause(publishIntervalMs)) {
      const due = wave.due(performance.now())
      for (let i = 0; i < due && isConnected; i++) connection.publish(`${subject}.${kinds[sent++ % kinds.length]}`, payload)
    }
    await watching
  }

  /** Takes messages from the stream and acknowledges them; makes the stream where the server has none, or has it no more. */
  async #consume(connection: NatsConnection, { name, messagesPerSecond }: TrafficProfile['consumers'][number]): Promise<void> {
    const { logger, profile } = this.#options
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#makeConsumer(connection, name)
        const consumer = await jetstream(connection).consumers.get(profile.stream.name, name)
        while (await this.#pause(roundMs)) {
          for await (const message of await consumer.fetch({ max_messages: messagesPerSecond, expires: roundMs })) message.ack()
        }
      } catch (error) {
        logger.debug({ error, consumer: name }, `traffic: consumer ${name}: ${toError(error).message}; trying again`)
        await this.#pause(retryMs)
      }
    }
  }

  async #makeConsumer(connection: NatsConnection, name: string): Promise<void> {
    const { stream, subject } = this.#options.profile
    const manager = await jetstreamManager(connection)
    await manager.streams.add({
      name: stream.name,
      subjects: [`${subject}.>`],
      storage: stream.storage === 'file' ? StorageType.File : StorageType.Memory,
      max_bytes: stream.maxBytes,
      discard: DiscardPolicy.Old,
    })
    await manager.consumers.add(stream.name, { durable_name: name, ack_policy: AckPolicy.Explicit })
  }

  /** Resolves with false once the traffic stops. */
  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stopping
    await sleep(ms, undefined, { signal }).catch(() => {})
    return !signal.aborted
  }
}

/** Ends when the connection is closed. */
async function watchConnection(connection: NatsConnection, tell: (isConnected: boolean) => void): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') tell(false)
    else if (type === 'reconnect') tell(true)
  }
}

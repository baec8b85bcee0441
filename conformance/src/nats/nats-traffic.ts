import { AckPolicy, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'

/** Clients of a NATS server, with a stream, its mirror and two consumers. */
export interface NatsTraffic {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  /** Publishes so many messages of a few bytes to the stream. */
  publish(count: number): Promise<void>
  close(): Promise<void>
}

/** Connects, and makes the streams `ORDERS` and `COPY`, its mirror, and the consumers `billing`, which took ten and acknowledged five, and `audit`. */
export async function startNatsTraffic(url: string): Promise<NatsTraffic> {
  const connection = await connect({ servers: url, name: 'orders "svc"' })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_bytes: 1_000_000 })
  await manager.streams.add({ name: 'COPY', mirror: { name: 'ORDERS' } })
  for (const name of ['billing', 'audit']) {
    await manager.consumers.add('ORDERS', { durable_name: name, ack_policy: AckPolicy.Explicit, description: `for ${name}` })
  }
  const publish = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await jetstream(connection).publish('orders.new', `order ${i}`)
  }
  await publish(20)
  const billing = await jetstream(connection).consumers.get('ORDERS', 'billing')
  let taken = 0
  for await (const message of await billing.fetch({ max_messages: 10, expires: 5_000 })) if (taken++ < 5) message.ack()
  await connection.flush()
  return { connection, manager, publish, close: () => connection.close() }
}

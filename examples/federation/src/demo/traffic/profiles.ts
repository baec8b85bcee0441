/** What goes on at a NATS server. */
export interface TrafficProfile {
  /** Messages go to `${subject}.${one of kinds}`, in turn. */
  readonly subject: string
  readonly kinds: readonly string[]
  /** On average; it swells and ebbs by half within a minute, so that a rate is a curve. */
  readonly messagesPerSecond: number
  readonly payloadBytes: number
  /** Connections that listen to everything, each of its own. */
  readonly subscribers: number
  /** Keeps the messages, the oldest go. */
  readonly stream: { readonly name: string; readonly storage: 'file' | 'memory'; readonly maxBytes: number }
  /** Durable consumers, and how many messages each takes in a second: one that takes less than comes has something pending. */
  readonly consumers: readonly { readonly name: string; readonly messagesPerSecond: number }[]
}

/** Production: a shop's orders, for three services at once, for billing, and for an archive that lags behind. */
export const ordersTraffic: TrafficProfile = {
  subject: 'orders',
  kinds: ['created', 'paid', 'shipped'],
  messagesPerSecond: 60,
  payloadBytes: 256,
  subscribers: 3,
  // Some four hours of it, so that storage visibly fills and is then bounded.
  stream: { name: 'ORDERS', storage: 'file', maxBytes: 256 * 2 ** 20 },
  consumers: [
    { name: 'billing', messagesPerSecond: 200 },
    { name: 'archive', messagesPerSecond: 40 },
  ],
}

/** The demo cluster: readings of a few sensors. */
export const sensorsTraffic: TrafficProfile = {
  subject: 'sensors',
  kinds: ['temperature', 'humidity'],
  messagesPerSecond: 10,
  payloadBytes: 64,
  subscribers: 1,
  stream: { name: 'SENSORS', storage: 'memory', maxBytes: 8 * 2 ** 20 },
  consumers: [{ name: 'display', messagesPerSecond: 50 }],
}

import { parseGoTime, toSeconds } from '../go-time.js'
import type { JsonRecord } from '../json-record.js'

/** One of JetStream's metrics: all are gauges. */
export interface JszMetric {
  readonly name: string
  readonly help: string
  /** Undefined where there is nothing to show. */
  readonly read: (record: JsonRecord) => number | bigint | boolean | undefined
}

/** Of the server. */
export const serverMetrics: readonly JszMetric[] = [
  { name: 'jetstream_disabled', help: 'JetStream disabled or not', read: (jsz) => jsz.flag('disabled') },
  { name: 'max_memory', help: 'JetStream Max Memory', read: (jsz) => jsz.record('config').number('max_memory') },
  { name: 'max_storage', help: 'JetStream Max Storage', read: (jsz) => jsz.record('config').number('max_storage') },
  { name: 'total_streams', help: 'Total number of streams in JetStream', read: (jsz) => jsz.number('streams') },
  { name: 'total_consumers', help: 'Total number of consumers in JetStream', read: (jsz) => jsz.number('consumers') },
  { name: 'total_messages', help: 'Total number of stored messages in JetStream', read: (jsz) => jsz.number('messages') },
  { name: 'total_message_bytes', help: 'Total number of bytes stored in JetStream', read: (jsz) => jsz.number('bytes') },
]

/** Of an account. Without a limit its reservations are 2^64-1. */
export const accountMetrics: readonly JszMetric[] = [
  { name: 'max_memory', help: 'JetStream Account Max Memory in bytes', read: (account) => account.number('reserved_memory') },
  { name: 'max_storage', help: 'JetStream Account Max Storage in bytes', read: (account) => account.number('reserved_storage') },
  { name: 'memory_used', help: 'Total number of bytes used by JetStream memory', read: (account) => account.number('memory') },
  { name: 'storage_used', help: 'Total number of bytes used by JetStream storage', read: (account) => account.number('storage') },
]

const limitOf = (key: string) => (stream: JsonRecord) => (stream.has('config') ? stream.record('config').number(key) : undefined)
const stateOf = (key: string) => (stream: JsonRecord) => stream.record('state').number(key)

/** Of a stream. */
export const streamMetrics: readonly JszMetric[] = [
  { name: 'total_messages', help: 'Total number of messages from a stream', read: stateOf('messages') },
  { name: 'total_bytes', help: 'Total stored bytes from a stream', read: stateOf('bytes') },
  { name: 'first_seq', help: 'First sequence from a stream', read: stateOf('first_seq') },
  { name: 'last_seq', help: 'Last sequence from a stream', read: stateOf('last_seq') },
  { name: 'consumer_count', help: 'Total number of consumers from a stream', read: stateOf('consumer_count') },
  { name: 'subject_count', help: 'Total number of subjects in a stream', read: stateOf('num_subjects') },
  {
    name: 'limit_bytes',
    help: 'The maximum configured storage limit (in bytes) for a JetStream stream. A value of -1 indicates no limit.',
    read: limitOf('max_bytes'),
  },
  {
    name: 'limit_messages',
    help: 'The maximum number of messages allowed in a JetStream stream as per its configuration. A value of -1 indicates no limit.',
    read: limitOf('max_msgs'),
  },
]

/** Of what a stream is filled from: its sources and its mirror. */
export const originMetrics = (kind: 'source' | 'mirror'): readonly JszMetric[] => [
  { name: `${kind}_lag`, help: `Number of messages a stream ${kind} is behind`, read: (origin) => origin.number('lag') },
  {
    name: `${kind}_active_duration_ns`,
    help: `Stream ${kind} active duration in nanoseconds (-1 indicates inactive)`,
    read: (origin) => origin.number('active'),
  },
]

/** Of a consumer. */
export const consumerMetrics: readonly JszMetric[] = [
  {
    name: 'delivered_consumer_seq',
    help: 'Latest sequence number of a stream consumer',
    read: (consumer) => consumer.record('delivered').number('consumer_seq'),
  },
  {
    name: 'delivered_stream_seq',
    help: 'Latest sequence number of a stream',
    read: (consumer) => consumer.record('delivered').number('stream_seq'),
  },
  {
    name: 'last_delivery_seconds',
    help: 'Seconds since last message delivery to consumer',
    read: (consumer) => secondsSince(consumer, 'delivered'),
  },
  { name: 'last_ack_seconds', help: 'Seconds since last ack from consumer', read: (consumer) => secondsSince(consumer, 'ack_floor') },
  { name: 'num_ack_pending', help: 'Number of pending acks from a consumer', read: (consumer) => consumer.number('num_ack_pending') },
  {
    name: 'num_redelivered',
    help: 'Number of redelivered messages from a consumer',
    read: (consumer) => consumer.number('num_redelivered'),
  },
  {
    name: 'num_waiting',
    help: 'Number of inflight fetch requests from a pull consumer',
    read: (consumer) => consumer.number('num_waiting'),
  },
  { name: 'num_pending', help: 'Number of pending messages from a consumer', read: (consumer) => consumer.number('num_pending') },
  {
    name: 'ack_floor_stream_seq',
    help: 'Number of ack floor stream seq from a consumer',
    read: (consumer) => consumer.record('ack_floor').number('stream_seq'),
  },
  {
    name: 'ack_floor_consumer_seq',
    help: 'Number of ack floor consumer seq from a consumer',
    read: (consumer) => consumer.record('ack_floor').number('consumer_seq'),
  },
]

/** From its last activity to the time of the answer, by the server's own clock. Undefined before the first. */
function secondsSince(consumer: JsonRecord, key: 'delivered' | 'ack_floor'): number | undefined {
  const last = parseGoTime(consumer.record(key).text('last_active'))
  const now = parseGoTime(consumer.text('ts'))
  return last === undefined || now === undefined ? undefined : toSeconds(now - last)
}

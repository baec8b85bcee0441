import type { JsonValue } from '../exact-json.js'
import { parseGoDuration, parseGoTime, parseNatsUptime, toUnixMs } from '../go-time.js'
import { JsonRecord } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily, type NatsLabels, type NatsMetric, type NatsMetricType } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'

/** What is shown of each connection, and of all together under the same name. */
const summed: readonly (readonly [key: string, type: NatsMetricType])[] = [
  ['pending_bytes', 'gauge'],
  ['subscriptions', 'gauge'],
  ['in_bytes', 'counter'],
  ['out_bytes', 'counter'],
  ['in_msgs', 'counter'],
  ['out_msgs', 'counter'],
]

/** What is shown of each connection alone. A text that is none of its kind is -1, as in the real exporter. */
const timed: readonly {
  readonly key: string
  readonly type: NatsMetricType
  readonly help: string
  readonly parse: (text: string) => number | undefined
}[] = [
  { key: 'start', type: 'untyped', help: 'epoch time at which the connection was started', parse: unixMs },
  { key: 'last_activity', type: 'untyped', help: 'epoch time at which the last activity was registred', parse: unixMs },
  { key: 'rtt', type: 'gauge', help: 'response time latency in microseconds', parse: microseconds },
  { key: 'uptime', type: 'untyped', help: 'uptime duration in milliseconds', parse: milliseconds },
  { key: 'idle', type: 'gauge', help: 'idle time duration in milliseconds', parse: milliseconds },
]

const labelKeys = ['kind', 'type', 'ip', 'name', 'name_tag', 'account', 'lang', 'version', 'tls_version', 'tls_cipher_suite'] as const

/** Options of `connzFamilies`. */
export interface ConnzOptions {
  /** Each connection as well, with eleven series. */
  readonly detailed: boolean
}

/** `/connz`, in one or more pages: the connections together and, where that is wanted, one by one. */
export function connzFamilies(pages: readonly JsonValue[], context: EndpointContext, { detailed }: ConnzOptions): NatsFamily[] {
  const families = new NatsFamilies()
  const metric = (key: string, type: NatsMetricType, help = key): NatsMetric => ({ name: `${context.corePrefix}_connz_${key}`, type, help })
  const records = pages.map((page) => new JsonRecord(page, '/connz'))
  const connections = distinct(records.flatMap((record) => record.records('connections')))
  const labels = createNatsLabels({ server_id: context.serverId })
  for (const key of ['total', 'offset', 'limit']) families.add(metric(key, 'gauge'), labels, records[0]?.number(key) ?? 0)
  families.add(metric('num_connections', 'gauge'), labels, sum(records, 'num_connections'))
  for (const [key, type] of summed) families.add(metric(key, type), labels, sum(connections, key))
  if (!detailed) return families.list()
  for (const connection of connections) {
    const own = connectionLabels(connection, context.serverId)
    for (const [key, type] of summed) families.add(metric(key, type), own, connection.number(key))
    for (const { key, type, help, parse } of timed) {
      families.add(metric(key, type, help), own, connection.has(key) ? (parse(connection.text(key)) ?? -1) : 0)
    }
  }
  return families.list()
}

/** Connections come and go between two pages, so one may be on both. */
function distinct(connections: readonly JsonRecord[]): JsonRecord[] {
  return Array.from(new Map(connections.map((connection) => [connection.integer('cid'), connection])).values())
}

/** Exact, however large: it is rounded once, when all is added. */
function sum(records: readonly JsonRecord[], key: string): bigint {
  return records.reduce((total, record) => total + record.integer(key), 0n)
}

function connectionLabels(connection: JsonRecord, serverId: string): NatsLabels {
  const texts = Object.fromEntries(labelKeys.map((key) => [key, connection.text(key)]))
  return createNatsLabels({
    ...texts,
    server_id: serverId,
    account_id: connection.text('account'),
    cid: String(connection.integer('cid')),
    port: connection.has('port') ? String(connection.integer('port')) : '',
  })
}

function unixMs(text: string): number | undefined {
  const ns = parseGoTime(text)
  return ns === undefined ? undefined : toUnixMs(ns)
}

function microseconds(text: string): number | undefined {
  const ns = parseGoDuration(text)
  return ns === undefined ? undefined : Number(ns / 1_000n)
}

function milliseconds(text: string): number | undefined {
  const ns = parseNatsUptime(text)
  return ns === undefined ? undefined : Number(ns / 1_000_000n)
}

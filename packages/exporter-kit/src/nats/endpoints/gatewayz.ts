import type { JsonValue } from '../exact-json.js'
import { parseGoDuration, parseGoTime, parseNatsUptime, toSeconds, toUnixSeconds } from '../go-time.js'
import { JsonRecord } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'

/** Numbers of a gateway's connection. */
const counts = ['pending_bytes', 'in_msgs', 'out_msgs', 'in_bytes', 'out_bytes', 'subscriptions'] as const

/** Times of a gateway's connection in seconds. One that is missing, or is none, is not shown: the real exporter shows the year 1, or 0. */
const times: readonly {
  readonly key: string
  readonly name: string
  readonly help: string
  readonly parse: (text: string) => number | undefined
}[] = [
  { key: 'start', name: 'conn_start_time_seconds', help: 'conn_start_time_seconds', parse: unixSeconds },
  { key: 'last_activity', name: 'conn_last_activity_seconds', help: 'conn_last_activity_seconds', parse: unixSeconds },
  { key: 'uptime', name: 'conn_uptime_seconds', help: 'conn_uptime_seconds', parse: uptimeSeconds },
  { key: 'idle', name: 'conn_idle_seconds', help: 'conn_idle_seconds', parse: uptimeSeconds },
  { key: 'rtt', name: 'conn_rtt', help: 'rtt', parse: durationSeconds },
]

/** `/gatewayz`: the connections to other clusters (one each) and from them. Nothing where the server is in no super cluster. */
export function gatewayzFamilies(json: JsonValue, context: EndpointContext): NatsFamily[] {
  const gatewayz = new JsonRecord(json, '/gatewayz')
  const families = new NatsFamilies()
  const outbound = gatewayz.record('outbound_gateways')
  for (const remote of outbound.keys()) add('outbound', remote, outbound.record(remote))
  const inbound = gatewayz.record('inbound_gateways')
  for (const remote of inbound.keys()) for (const gateway of inbound.records(remote)) add('inbound', remote, gateway)
  return families.list()

  function add(direction: 'outbound' | 'inbound', remote: string, gateway: JsonRecord): void {
    const connection = gateway.record('connection')
    const labels = createNatsLabels({
      server_id: context.serverId,
      gateway_name: gatewayz.text('name'),
      remote_gateway_name: remote,
      cid: String(connection.integer('cid')),
    })
    const show = (name: string, help: string, value: number | bigint | boolean): void => {
      families.add({ name: `${context.corePrefix}_gatewayz_${direction}_gateway_${name}`, type: 'gauge', help }, labels, value)
    }
    show('configured', 'configured', gateway.flag('configured'))
    for (const key of counts) show(`conn_${key}`, key, connection.number(key))
    for (const { key, name, help, parse } of times) {
      const value = parse(connection.text(key))
      if (value !== undefined) show(name, help, value)
    }
  }
}

function unixSeconds(text: string): number | undefined {
  const ns = parseGoTime(text)
  return ns === undefined ? undefined : toUnixSeconds(ns)
}

function uptimeSeconds(text: string): number | undefined {
  const ns = parseNatsUptime(text)
  return ns === undefined ? undefined : toSeconds(ns)
}

function durationSeconds(text: string): number | undefined {
  const ns = parseGoDuration(text)
  return ns === undefined ? undefined : toSeconds(ns)
}

import type { JsonValue } from '../exact-json.js'
import { parseGoDuration, parseNatsUptime, toSeconds } from '../go-time.js'
import { JsonRecord } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily, type NatsMetric } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'

/** `/routez`: the number of routes, and each route. */
export function routezFamilies(json: JsonValue, context: EndpointContext): NatsFamily[] {
  const { corePrefix, serverId } = context
  const routez = new JsonRecord(json, '/routez')
  const families = new NatsFamilies()
  const metric = (name: string, help: string): NatsMetric => ({ name: `${corePrefix}_routez_${name}`, type: 'gauge', help })
  families.add(metric('num_routes', 'num_routes'), createNatsLabels({ server_id: serverId }), routez.number('num_routes'))
  for (const key of ['server_id', 'server_name']) {
    families.add(metric(key, key), createNatsLabels({ server_id: serverId, value: routez.text(key) }), 1)
  }
  for (const route of routez.records('routes')) {
    const rid = String(route.integer('rid'))
    const labels = createNatsLabels({ server_id: serverId, rid })
    const texts = ['remote_id', 'remote_name', 'account', 'ip', 'compression'].map((key) => [key, route.text(key)])
    families.add(metric('route_info', 'route_info'), createNatsLabels({ ...Object.fromEntries(texts), server_id: serverId, rid }), 1)
    for (const key of ['subscriptions', 'in_msgs', 'out_msgs', 'in_bytes', 'out_bytes']) {
      families.add(metric(`route_${key}`, key), labels, route.number(key))
    }
    const rtt = parseGoDuration(route.text('rtt'))
    if (rtt !== undefined) families.add(metric('route_rtt_seconds', 'rtt_seconds'), labels, toSeconds(rtt))
    const uptime = parseNatsUptime(route.text('uptime'))
    if (uptime !== undefined) families.add(metric('route_uptime_seconds', 'uptime_seconds'), labels, toSeconds(uptime))
  }
  return families.list()
}

import type { JsonValue } from '../exact-json.js'
import { parseGoDuration, toSeconds } from '../go-time.js'
import { JsonRecord } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily, type NatsMetric } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'

/** `/leafz`: the number of leaf nodes, and each of them. */
export function leafzFamilies(json: JsonValue, context: EndpointContext): NatsFamily[] {
  const { corePrefix, serverId } = context
  const leafz = new JsonRecord(json, '/leafz')
  const families = new NatsFamilies()
  const metric = (name: string, help: string): NatsMetric => ({ name: `${corePrefix}_leafz_${name}`, type: 'gauge', help })
  families.add(metric('conn_nodes_total', 'nodes_total'), createNatsLabels({ server_id: serverId }), leafz.number('leafnodes'))
  for (const leaf of leafz.records('leafs')) {
    const account = leaf.text('account')
    const place = { ip: leaf.text('ip'), port: String(leaf.integer('port')) }
    const own = { server_id: serverId, account, account_id: account, name: leaf.text('name'), ...place }
    const labels = createNatsLabels(own)
    families.add(metric('info', 'info'), labels, 1)
    families.add(metric('conn_rtt', 'rtt'), labels, toSeconds(parseGoDuration(leaf.text('rtt')) ?? 0n))
    for (const key of ['in_msgs', 'out_msgs', 'in_bytes', 'out_bytes']) families.add(metric(`conn_${key}`, key), labels, leaf.number(key))
    families.add(metric('conn_subscriptions_total', 'subscriptions_total'), labels, leaf.number('subscriptions'))
    for (const subscription of leaf.texts('subscriptions_list')) {
      families.add(metric('conn_subscriptions', 'subscriptions'), createNatsLabels({ ...own, subscription }), 0)
    }
  }
  return families.list()
}

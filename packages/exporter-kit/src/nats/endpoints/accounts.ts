import type { JsonValue } from '../exact-json.js'
import { JsonRecord } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily, type NatsMetric } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'

/** `/accstatz`: the traffic of every account, also of those without connections. */
export function accstatzFamilies(json: JsonValue, { corePrefix, serverId }: EndpointContext): NatsFamily[] {
  const families = new NatsFamilies()
  const metric = (name: string): NatsMetric => ({ name: `${corePrefix}_accstatz_${name}`, type: 'gauge', help: name })
  for (const account of new JsonRecord(json, '/accstatz').records('account_statz')) {
    const id = account.text('acc')
    const labels = createNatsLabels({ server_id: serverId, account: id, account_id: id, account_name: account.text('name') })
    const sent = account.record('sent')
    const received = account.record('received')
    families.add(metric('current_connections'), labels, account.number('conns'))
    families.add(metric('total_connections'), labels, account.number('total_conns'))
    families.add(metric('subscriptions'), labels, account.number('num_subscriptions'))
    families.add(metric('leaf_nodes'), labels, account.number('leafnodes'))
    families.add(metric('sent_messages'), labels, sent.number('msgs'))
    families.add(metric('sent_bytes'), labels, sent.number('bytes'))
    families.add(metric('received_messages'), labels, received.number('msgs'))
    families.add(metric('received_bytes'), labels, received.number('bytes'))
    families.add(metric('slow_consumers'), labels, account.number('slow_consumers'))
  }
  return families.list()
}

/** The names of all accounts, from `/accountz`: each is then asked for by `/accountz?acc=NAME`. */
export function accountNames(json: JsonValue): string[] {
  return new JsonRecord(json, '/accountz').texts('accounts')
}

const accountCounts = ['client_connections', 'leafnode_connections', 'subscriptions'] as const
const accountFlags = ['is_system', 'expired', 'complete', 'jetstream_enabled'] as const
/** Of the account's JWT; 0 where it has none. */
const accountLimits = ['subs', 'data', 'payload', 'imports', 'exports', 'conn', 'leaf'] as const

/** `/accountz?acc=NAME` of every account: its state, and the limits that its JWT sets. */
export function accountzFamilies(details: readonly JsonValue[], { corePrefix, serverId }: EndpointContext): NatsFamily[] {
  const families = new NatsFamilies()
  const metric = (name: string): NatsMetric => ({ name: `${corePrefix}_accountz_${name}`, type: 'gauge', help: name })
  for (const detail of details) {
    const account = new JsonRecord(detail, '/accountz').record('account_detail')
    const names = { account_id: account.text('account_name'), account_name: account.text('name_tag') }
    const labels = createNatsLabels({ server_id: serverId, ...names })
    for (const key of accountCounts) families.add(metric(key), labels, account.number(key))
    for (const key of accountFlags) families.add(metric(key), labels, account.flag(key))
    const limits = account.record('decoded_jwt').record('nats').record('limits')
    for (const key of accountLimits) families.add(metric(`limit_${key}`), labels, limits.number(key))
    families.add(metric('limit_wildcards'), labels, limits.flag('wildcards'))
  }
  return families.list()
}

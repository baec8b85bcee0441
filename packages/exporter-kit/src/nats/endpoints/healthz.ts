import type { JsonValue } from '../exact-json.js'
import { JsonRecord } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'

/** The three questions about health, as their metrics are named, and how each is asked. */
export const healthzPaths = {
  healthz: '/healthz',
  healthz_js_enabled_only: '/healthz?js-enabled-only=true',
  healthz_js_server_only: '/healthz?js-server-only=true',
} as const

/** One of them. */
export type HealthzEndpoint = keyof typeof healthzPaths

/** `/healthz`: `status` is 0 where all is well, and 1 otherwise; `status_value` is 1 where all is well, and names the state in its label. */
export function healthzFamilies(endpoint: HealthzEndpoint, json: JsonValue, context: EndpointContext): NatsFamily[] {
  const { corePrefix, serverId } = context
  const state = new JsonRecord(json, '/healthz').text('status')
  const families = new NatsFamilies()
  const status = { name: `${corePrefix}_${endpoint}_status`, type: 'gauge', help: 'status' } as const
  families.add(status, createNatsLabels({ server_id: serverId }), state !== 'ok')
  addState(families, endpoint, { state, context })
  return families.list()
}

/** What is shown of a server that does not answer. */
export function unreachableFamilies(endpoint: HealthzEndpoint, context: EndpointContext): NatsFamily[] {
  const families = new NatsFamilies()
  addState(families, endpoint, { state: 'unreachable', context })
  return families.list()
}

function addState(
  families: NatsFamilies,
  endpoint: HealthzEndpoint,
  { state, context }: { state: string; context: EndpointContext },
): void {
  const metric = { name: `${context.corePrefix}_${endpoint}_status_value`, type: 'gauge', help: 'status' } as const
  families.add(metric, createNatsLabels({ server_id: context.serverId, value: state }), state === 'ok')
}

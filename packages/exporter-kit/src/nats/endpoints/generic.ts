import type { JsonObject, JsonValue } from '../exact-json.js'
import { parseGoTime, toUnixMs } from '../go-time.js'
import { isObject, objectOf } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'

/** Strings that are shown: times as milliseconds since the epoch, others as a label `value` of a gauge that is 1. */
const shownStrings: ReadonlySet<string> = new Set([
  'server_id',
  'server_name',
  'version',
  'domain',
  'leader',
  'name',
  'start',
  'config_load_time',
])

/** What the real exporter leaves out, objects with all that is in them. */
const leftOut: ReadonlySet<string> = new Set([
  'leaf',
  'trusted_operators_claim',
  'cluster_tls_timeout',
  'cluster_cluster_port',
  'cluster_auth_timeout',
  'gateway_port',
  'gateway_auth_timeout',
  'gateway_tls_timeout',
  'gateway_connect_retries',
])

/**
 * `/varz` and `/subsz`: every number is a gauge named by the keys that lead to it, whatever this version of NATS has. Booleans and lists
 * are left out.
 */
export function genericFamilies(endpoint: 'varz' | 'subsz', json: JsonValue, context: EndpointContext): NatsFamily[] {
  const { corePrefix, serverId } = context
  const families = new NatsFamilies()
  const labels = createNatsLabels({ server_id: serverId })
  for (const { name, value, text } of shownValues(objectOf(json, `/${endpoint}`))) {
    const metric = { name: `${corePrefix}_${endpoint}_${name}`, type: 'gauge', help: name } as const
    families.add(metric, text === undefined ? labels : createNatsLabels({ server_id: serverId, value: text }), value)
  }
  return families.list()
}

/** One value with the name that its keys make. */
interface ShownValue {
  readonly name: string
  readonly value: number | bigint
  /** Of a string: its label. */
  readonly text?: string
}

/** The values in an object and in those within; of two with one name the first. */
function shownValues(object: JsonObject): Iterable<ShownValue> {
  const shown = new Map<string, ShownValue>()
  const walk = (members: JsonObject, parent: string): void => {
    for (const [key, value] of members) {
      const name = metricKey(parent, key)
      if (name === '' || leftOut.has(name)) continue
      if (isObject(value)) walk(value, name)
      else if (!shown.has(name)) show(shown, { name, key, value })
    }
  }
  walk(object, '')
  return shown.values()
}

function show(shown: Map<string, ShownValue>, { name, key, value }: { name: string; key: string; value: JsonValue }): void {
  if (typeof value === 'number' || typeof value === 'bigint') shown.set(name, { name, value })
  if (typeof value !== 'string' || !shownStrings.has(key)) return
  const time = parseGoTime(value)
  shown.set(name, time === undefined ? { name, value: 1, text: value } : { name, value: toUnixMs(time) })
}

/** Keys joined by `_`, without doubles and at no end; `/routez` is `routez`. What a name cannot hold is `_` as well. */
function metricKey(parent: string, key: string): string {
  return `${parent}_${key}`
    .replace(/[^a-zA-Z0-9_]/g, '_')
    .replace(/_{2,}/g, '_')
    .replace(/^_|_$/g, '')
}

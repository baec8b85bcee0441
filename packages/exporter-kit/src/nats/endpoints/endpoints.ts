import { isPromlineError } from '@promline/core'
import type { JsonValue } from '../exact-json.js'
import { JsonRecord } from '../json-record.js'
import type { NatsFamily } from '../nats-family.js'
import type { NatsMonitor } from '../nats-monitor.js'
import type { NatsCollectors } from '../nats-collectors.js'
import type { CompleteNatsOptions } from '../nats-options.js'
import { accountNames, accountzFamilies, accstatzFamilies } from './accounts.js'
import { connzFamilies } from './connz.js'
import type { EndpointContext } from './endpoint-context.js'
import { gatewayzFamilies } from './gatewayz.js'
import { genericFamilies } from './generic.js'
import { type HealthzEndpoint, healthzFamilies, healthzPaths, unreachableFamilies } from './healthz.js'
import { jszFamilies } from './jsz.js'
import { leafzFamilies } from './leafz.js'
import { routezFamilies } from './routez.js'

/** What one reading of an endpoint needs. */
export interface EndpointCall {
  readonly monitor: NatsMonitor
  readonly context: EndpointContext
  readonly signal: AbortSignal
}

/** One thing that is read of a server, at its own times: where it breaks, only its own families suffer. */
export interface NatsEndpoint {
  readonly name: string
  read(call: EndpointCall): Promise<NatsFamily[]>
  /** What is shown instead while the server does not answer. */
  whenDown?(context: EndpointContext): NatsFamily[]
}

/** Requests at the same time for the accounts of one server: it has other work. */
const maxConcurrentAccounts = 4

/** The endpoints that the options ask for. */
export function chosenEndpoints(options: CompleteNatsOptions): NatsEndpoint[] {
  const { collectors } = options
  const all: readonly (readonly [chosen: NatsCollectors[keyof NatsCollectors], endpoint: NatsEndpoint])[] = [
    [collectors.varz, { name: 'varz', read: async (call) => genericFamilies('varz', await call.monitor.varz(call.signal), call.context) }],
    [collectors.connz, connz(options)],
    [collectors.routez, simple('routez', '/routez', routezFamilies)],
    [collectors.gatewayz, simple('gatewayz', '/gatewayz', gatewayzFamilies)],
    [collectors.leafz, simple('leafz', '/leafz', leafzFamilies)],
    [collectors.subsz, simple('subsz', '/subsz', (json, context) => genericFamilies('subsz', json, context))],
    [collectors.healthz, healthz('healthz')],
    [collectors.healthzJsEnabledOnly, healthz('healthz_js_enabled_only')],
    [collectors.healthzJsServerOnly, healthz('healthz_js_server_only')],
    [collectors.jsz, jsz(options)],
    [collectors.accstatz, simple('accstatz', '/accstatz?unused=1', accstatzFamilies)],
    [collectors.accountz, accountz(options)],
  ]
  return all.flatMap(([chosen, endpoint]) => (chosen === false || chosen === undefined ? [] : [endpoint]))
}

function simple(name: string, path: string, families: (json: JsonValue, context: EndpointContext) => NatsFamily[]): NatsEndpoint {
  return { name, read: async ({ monitor, context, signal }) => families(await monitor.get(path, { signal }), context) }
}

/** Its answer is JSON whatever the status is: 503 says that something is wrong. */
function healthz(name: HealthzEndpoint): NatsEndpoint {
  return {
    name,
    read: async ({ monitor, context, signal }) =>
      healthzFamilies(name, await monitor.get(healthzPaths[name], { signal, anyStatus: true }), context),
    whenDown: (context) => unreachableFamilies(name, context),
  }
}

function connz({ collectors, maxItems }: CompleteNatsOptions): NatsEndpoint {
  const detailed = collectors.connz === 'detailed'
  // Names of users and accounts come with `auth` only.
  const path = detailed ? '/connz?auth=true' : '/connz'
  return {
    name: 'connz',
    read: async (call) => connzFamilies(await readPages(call, { path, list: 'connections', maxItems }), call.context, { detailed }),
  }
}

const jszPaths = {
  accounts: '/jsz?accounts=true',
  streams: '/jsz?streams=true',
  consumers: '/jsz?consumers=true&config=true&raft=true',
  all: '/jsz?consumers=true&config=true&raft=true',
} as const

function jsz({ collectors, maxItems, streamMetaKeys, consumerMetaKeys, aliases }: CompleteNatsOptions): NatsEndpoint {
  const path = jszPaths[collectors.jsz === false ? 'all' : collectors.jsz]
  return {
    name: 'jsz',
    async read(call) {
      const pages = await readPages(call, { path, list: 'account_details', maxItems })
      const { name: serverName } = await call.monitor.identity(call.signal)
      return jszFamilies(pages, call.context, { serverName, streamMetaKeys, consumerMetaKeys, aliases })
    },
  }
}

function accountz({ maxItems }: CompleteNatsOptions): NatsEndpoint {
  return {
    name: 'accountz',
    async read({ monitor, context, signal }) {
      const names = accountNames(await monitor.get('/accountz', { signal })).slice(0, maxItems)
      const details: JsonValue[] = []
      const next = names.values()
      const ask = async (): Promise<void> => {
        for (const name of next) {
          const path = `/accountz?acc=${encodeURIComponent(name)}`
          const detail = await monitor.get(path, { signal }).catch(undefinedIfGone)
          if (detail !== undefined) details.push(detail)
        }
      }
      await Promise.all(Array.from({ length: maxConcurrentAccounts }, ask))
      return accountzFamilies(details, context)
    },
  }
}

/** An account that was removed after the list was made is answered with 400. */
function undefinedIfGone(thrown: unknown): undefined {
  if (isPromlineError(thrown, 'status') && thrown.facts['status'] === 400) return undefined
  throw thrown
}

/**
 * An answer that comes in pages, until all of `total` or the most that are wanted were read. The first is asked for without an offset and a
 * limit, so that a server that has but one is asked as the real exporter asks.
 */
async function readPages(
  { monitor, signal }: EndpointCall,
  { path, list, maxItems }: { readonly path: string; readonly list: string; readonly maxItems: number },
): Promise<JsonValue[]> {
  const pages: JsonValue[] = []
  for (let read = 0; ; ) {
    const page = await monitor.get(read === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}offset=${read}`, { signal })
    pages.push(page)
    const record = new JsonRecord(page, path.replace(/\?.*/, ''))
    const items = record.records(list).length
    read += items
    if (items === 0 || read >= record.number('total') || read >= maxItems) return pages
  }
}

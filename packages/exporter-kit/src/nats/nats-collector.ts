import { isPromlineError } from '@promline/core'
import { createPoller, type Poller } from '../poller/poller.js'
import { registerPollerMetrics } from '../poller/poller-metrics.js'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { createTextRegistry } from '../registry/text-registry.js'
import type { EndpointContext } from './endpoints/endpoint-context.js'
import { chosenEndpoints, type NatsEndpoint } from './endpoints/endpoints.js'
import { mergeFamilies, serializeFamilies } from './nats-exposition.js'
import { createNatsLabels, NatsFamilies, type NatsFamily } from './nats-family.js'
import { type NatsIdentity, NatsMonitor } from './nats-monitor.js'
import { type CompleteNatsOptions, type NatsCollectorOptions, type NatsTarget, validateNatsOptions } from './nats-options.js'

/** The metrics of NATS servers, as prometheus-nats-exporter names them: a registry to be given to `createExporter` or `registrySource`. */
export interface NatsCollector extends MetricRegistry, AsyncDisposable {
  /** Reads all endpoints of all servers now; resolves when that ended, well or badly. Rejects with a PromlineError `closed` after `close`. */
  pollNow(): Promise<void>
  /** Reads no more, and ends what is being read. What was read last is shown until it is too old. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Begins to read NATS servers. A server or an endpoint that does not answer, or answers with what it should not, is logged and counted, and
 * costs its own values only: they are withdrawn when they are too old.
 *
 * Throws a PromlineError (`options`) that names the option and what it must be.
 */
export function createNatsCollector(options: NatsCollectorOptions): NatsCollector {
  const complete = validateNatsOptions(options)
  return new PollingCollector(
    complete.servers.map((target) => new NatsServerPolls(target, complete)),
    complete,
  )
}

/** One endpoint of one server, with what was read last. */
interface EndpointPoller {
  readonly endpoint: NatsEndpoint
  readonly poller: Poller<readonly NatsFamily[]>
}

/** What fails like this may succeed at once when it is tried again; an answer that is wrong is wrong the second time. */
function isTransient(error: Error): boolean {
  if (isPromlineError(error, 'status')) return Number(error.facts['status']) >= 500
  return isPromlineError(error, 'connect') || isPromlineError(error, 'timeout')
}

/** All endpoints of one server. */
class NatsServerPolls {
  readonly pollers: readonly EndpointPoller[]
  readonly #target: Required<NatsTarget>
  readonly #options: CompleteNatsOptions
  readonly #monitor: NatsMonitor

  constructor(target: Required<NatsTarget>, options: CompleteNatsOptions) {
    this.#target = target
    this.#options = options
    const { maxBodyBytes, polling } = options
    const { intervalMs, clock, timeoutMs = intervalMs } = polling
    this.#monitor = new NatsMonitor({ target, timeoutMs, maxBodyBytes, identityMaxAgeMs: intervalMs, clock })
    this.pollers = chosenEndpoints(options).map((endpoint) => ({ endpoint, poller: this.#createPoller(endpoint) }))
  }

  /** What is shown of the server: a server that was never asked shows nothing. */
  families(): readonly (readonly NatsFamily[])[] {
    const shown = this.pollers.map(({ endpoint, poller }) => {
      const failed = poller.status.consecutiveErrors > 0
      if (failed && endpoint.whenDown !== undefined) return endpoint.whenDown(this.#context(this.#monitor.lastIdentity))
      return poller.latest()?.value ?? []
    })
    return [...shown, this.#up()]
  }

  async close(): Promise<void> {
    await Promise.all(this.pollers.map(({ poller }) => poller.close()))
    await this.#monitor.close()
  }

  #createPoller(endpoint: NatsEndpoint): Poller<readonly NatsFamily[]> {
    return createPoller({
      ...this.#options.polling,
      name: `${this.#target.name} ${endpoint.name}`,
      retryIf: isTransient,
      poll: async ({ signal }) => {
        const asked = this.#options.serverId === 'configured' ? undefined : await this.#monitor.identity(signal)
        return endpoint.read({ monitor: this.#monitor, context: this.#context(asked), signal })
      },
    })
  }

  #context(identity: NatsIdentity | undefined): EndpointContext {
    const { serverId, corePrefix, jetstreamPrefix } = this.#options
    const own = serverId === 'configured' ? '' : (identity?.[serverId] ?? '')
    return { corePrefix, jetstreamPrefix, serverId: own === '' ? this.#target.name : own }
  }

  #up(): NatsFamily[] {
    const ended = this.pollers.filter(({ poller }) => poller.status.polls > 0)
    if (ended.length === 0) return []
    const families = new NatsFamilies()
    const { corePrefix, serverId } = this.#context(this.#monitor.lastIdentity)
    const help = 'Whether the last reading of any endpoint of the server succeeded.'
    const up = ended.some(({ poller }) => poller.status.consecutiveErrors === 0 && poller.latest() !== undefined)
    families.add({ name: `${corePrefix}_up`, type: 'gauge', help }, createNatsLabels({ server_id: serverId }), up)
    return families.list()
  }
}

class PollingCollector implements NatsCollector {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
  readonly #servers: readonly NatsServerPolls[]
  readonly #pollers: readonly Poller<unknown>[]
  readonly #options: CompleteNatsOptions
  readonly #ownMetrics = createTextRegistry()

  constructor(servers: readonly NatsServerPolls[], options: CompleteNatsOptions) {
    this.#servers = servers
    this.#options = options
    this.#pollers = servers.flatMap((server) => server.pollers.map(({ poller }) => poller))
    registerPollerMetrics({ registry: this.#ownMetrics, pollers: this.#pollers })
    for (const poller of this.#pollers) {
      poller.start()
      // Not after the jitter, which is for what follows: who starts an exporter looks at it.
      void poller.pollNow()
    }
  }

  async metrics(): Promise<string> {
    const { families, duplicates } = mergeFamilies(this.#servers.flatMap((server) => server.families()))
    return serializeFamilies([...families, this.#duplicates(duplicates)]) + (await this.#ownMetrics.metrics())
  }

  async pollNow(): Promise<void> {
    await Promise.all(this.#pollers.map((poller) => poller.pollNow()))
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #duplicates(count: number): NatsFamily {
    const name = `${this.#options.corePrefix}_exporter_duplicate_samples`
    const help = 'Samples of this page left out, because another has their name and labels: two servers of one name, for example.'
    return { name, type: 'gauge', help, samples: [{ labels: createNatsLabels({}), value: count }] }
  }
}

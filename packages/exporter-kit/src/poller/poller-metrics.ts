import { PromlineError } from '@promline/core'
import { type CollectedFamily, registerCollected } from '../registry/collected-metrics.js'
import type { WritableMetricRegistry } from '../registry/metric-registry.js'
import type { Poller, PollerStatus } from './poller.js'

/** Options of `registerPollerMetrics`. */
export interface PollerMetricsOptions {
  /** Where the metrics are registered: a `Registry` of prom-client or of @prometheus-io/client. */
  readonly registry: WritableMetricRegistry
  /** Shown by their names, which must differ. */
  readonly pollers: readonly Pick<Poller<unknown>, 'name' | 'status'>[]
}

/**
 * Registers the `poller_*` metrics of these pollers, with a label `poller`. Returns what takes them off the registry again.
 *
 * Throws a PromlineError (`options`) where two pollers have one name; and what the registry throws where it has such metrics already.
 */
export function registerPollerMetrics({ registry, pollers }: PollerMetricsOptions): () => void {
  assertDistinctNames(pollers.map((poller) => poller.name))
  const family = (described: Omit<CollectedFamily, 'values'>, read: (status: PollerStatus) => number | undefined): CollectedFamily => ({
    ...described,
    values: () =>
      pollers.flatMap(({ name, status }) => {
        const value = read(status)
        return value === undefined ? [] : [{ value, labels: { poller: name } }]
      }),
  })
  return registerCollected(registry, [
    ...statusFamilies.map(({ read, ...described }) => family(described, read)),
    {
      name: 'poller_errors_total',
      help: 'Polls that failed after their retries, by reason.',
      type: 'counter',
      values: () =>
        pollers.flatMap(({ name, status }) =>
          Object.entries(status.errorsByReason).map(([reason, value]) => ({ value, labels: { poller: name, reason } })),
        ),
    },
  ])
}

const statusFamilies: readonly (Omit<CollectedFamily, 'values'> & { read: (status: PollerStatus) => number | undefined })[] = [
  { name: 'poller_polls_total', help: 'Polls that ended, well or badly.', type: 'counter', read: (status) => status.polls },
  {
    name: 'poller_retries_total',
    help: 'Calls of the source beyond the first of a poll.',
    type: 'counter',
    read: (status) => status.retries,
  },
  {
    name: 'poller_skipped_total',
    help: 'Ticks without a poll, because the one before was still under way.',
    type: 'counter',
    read: (status) => status.skipped,
  },
  {
    name: 'poller_last_success_timestamp_seconds',
    help: 'When the source last answered; absent before it has.',
    type: 'gauge',
    read: (status) => toSeconds(status.lastSuccessMs),
  },
  {
    name: 'poller_last_duration_seconds',
    help: 'How long the last poll took, its retries included.',
    type: 'gauge',
    read: (status) => toSeconds(status.lastDurationMs),
  },
]

function toSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}

function assertDistinctNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return
  throw new PromlineError('options', `two pollers are called ${twice}: their metrics could not be told apart`, { facts: { poller: twice } })
}

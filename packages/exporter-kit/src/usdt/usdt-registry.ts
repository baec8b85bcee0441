import type { Poller } from '../poller/poller.js'
import { registerPollerMetrics } from '../poller/poller-metrics.js'
import { type CollectedFamily, registerCollected } from '../registry/collected-metrics.js'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { createTextRegistry } from '../registry/text-registry.js'
import type { UsdtRate } from './usdt-poller.js'

/** A family of one series, or of none while there is no value. */
interface RateFamily extends Omit<CollectedFamily, 'values'> {
  readonly read: (poller: Poller<UsdtRate>) => number | undefined
}

const families: readonly RateFamily[] = [
  {
    name: 'usdt_vnd_rate',
    help: 'VND for one USDT; absent while there is none that is recent.',
    type: 'gauge',
    read: (poller) => poller.latest()?.value.rate,
  },
  {
    name: 'usdt_vnd_last_update',
    help: 'When the rate was last found, in Unix seconds.',
    type: 'gauge',
    read: ({ status: { lastSuccessMs } }) => (lastSuccessMs === undefined ? undefined : lastSuccessMs / 1000),
  },
  {
    name: 'usdt_vnd_fetch_errors_total',
    help: 'Searches that failed after their retries.',
    type: 'counter',
    read: (poller) => poller.status.errors,
  },
  {
    name: 'usdt_vnd_offers_used',
    help: 'Offers that the rate is the mean of.',
    type: 'gauge',
    read: (poller) => poller.latest()?.value.used,
  },
  {
    name: 'usdt_vnd_offers_trimmed',
    help: 'Offers that were left out of the rate as outliers.',
    type: 'gauge',
    read: (poller) => poller.latest()?.value.trimmed,
  },
]

/** The metrics of a rate, and those of its poller. No label is about an advertiser: people are no series. */
export function createUsdtRegistry(poller: Poller<UsdtRate>): MetricRegistry {
  const registry = createTextRegistry()
  const collected = families.map(({ read, ...described }): CollectedFamily => {
    const values: CollectedFamily['values'] = () => {
      const value = read(poller)
      return value === undefined ? [] : [{ value, labels: {} }]
    }
    return { ...described, values }
  })
  registerCollected(registry, collected)
  registerPollerMetrics({ registry, pollers: [poller] })
  return registry
}

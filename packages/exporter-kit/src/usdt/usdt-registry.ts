import type { Poller } from '../poller/poller.js'
import { registerPollerMetrics } from '../poller/poller-metrics.js'
import { type CollectedFamily, registerCollected } from '../registry/collected-metrics.js'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { createTextRegistry } from '../registry/text-registry.js'
import type { UsdtRate } from './usdt-poller.js'

/** The metrics of a rate, and those of its poller. No label is about an advertiser: people are no series. */
export function createUsdtRegistry(poller: Poller<UsdtRate>): MetricRegistry {
  const registry = createTextRegistry()
  const family = (described: Omit<CollectedFamily, 'values'>, read: () => number | undefined): CollectedFamily => ({
    ...described,
    values: () => {
      const value = read()
      return value === undefined ? [] : [{ value, labels: {} }]
    },
  })
  registerCollected(registry, [
    family({ name: 'usdt_vnd_rate', help: 'VND for one USDT; absent while there is none that is recent.', type: 'gauge' }, () => {
      return poller.latest()?.value.rate
    }),
    family({ name: 'usdt_vnd_last_update', help: 'When the rate was last found, in Unix seconds.', type: 'gauge' }, () => {
      const { lastSuccessMs } = poller.status
      return lastSuccessMs === undefined ? undefined : lastSuccessMs / 1000
    }),
    family({ name: 'usdt_vnd_fetch_errors_total', help: 'Searches that failed after their retries.', type: 'counter' }, () => {
      return poller.status.errors
    }),
    family({ name: 'usdt_vnd_offers_used', help: 'Offers that the rate is the mean of.', type: 'gauge' }, () => {
      return poller.latest()?.value.used
    }),
    family({ name: 'usdt_vnd_offers_trimmed', help: 'Offers that were left out of the rate as outliers.', type: 'gauge' }, () => {
      return poller.latest()?.value.trimmed
    }),
  ])
  registerPollerMetrics({ registry, pollers: [poller] })
  return registry
}

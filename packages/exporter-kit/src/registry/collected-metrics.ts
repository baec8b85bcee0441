import type { CollectedMetric, WritableMetricRegistry } from './metric-registry.js'

/** A metric whose values are asked for at every collection. */
export interface CollectedFamily {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  values(): readonly { readonly value: number; readonly labels: Readonly<Record<string, string>> }[]
}

/**
 * Registers all of these metrics or none of them. Returns what takes them away again; calling it twice does no harm. Throws what the
 * registry throws where a name is taken.
 */
export function registerCollected(registry: WritableMetricRegistry, families: readonly CollectedFamily[]): () => void {
  const registered: string[] = []
  const unregister = (): void => {
    for (const name of registered.splice(0)) registry.removeSingleMetric(name)
  }
  try {
    for (const family of families) {
      registry.registerMetric(collectedMetric(family))
      registered.push(family.name)
    }
  } catch (error) {
    unregister()
    throw error
  }
  return unregister
}

function collectedMetric(family: CollectedFamily): CollectedMetric {
  const { name, help, type } = family
  const metric: CollectedMetric = {
    name,
    help,
    type,
    aggregator: 'sum',
    // By the name that the metric has now: an OpenMetrics registry takes `_total` off a counter's.
    get: async () => ({ name: metric.name, help, type, aggregator: 'sum', values: family.values() }),
    // What is shown lives elsewhere: its past is not the registry's to forget.
    reset: () => {},
  }
  return metric
}

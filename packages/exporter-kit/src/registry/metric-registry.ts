/**
 * What is needed of a registry to expose it: `Registry` of prom-client, of @prometheus-io/client, and of their forks. Structural, so
 * that none of them is a dependency and two copies in one program do no harm.
 */
export interface MetricRegistry {
  /** Sent as the Content-Type of an exposition. */
  readonly contentType: string
  /** Collects every metric; the text of the exposition. */
  metrics(): Promise<string>
}

/** A registry that metrics can be added to. */
export interface WritableMetricRegistry {
  /** Throws where another metric has the name. */
  registerMetric(metric: { get(): Promise<object> }): void
  removeSingleMetric(name: string): void
}

/** One metric as those registries hold it: asked for its values at every collection. */
export interface CollectedMetric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  /** How a cluster's workers are put together. */
  readonly aggregator: 'sum'
  get(): Promise<CollectedMetricValues>
  /** Called by a registry's `resetMetrics`. */
  reset(): void
}

/** What a metric answers at a collection. */
export interface CollectedMetricValues {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly aggregator: 'sum'
  readonly values: readonly { readonly value: number; readonly labels: object }[]
}

import { PromlineError } from '@promline/core'
import { type CollectedFamily, registerCollected } from '../registry/collected-metrics.js'
import { isLabelName, isMetricName } from '../registry/names.js'
import { createTextRegistry, type TextRegistry } from '../registry/text-registry.js'

/** Values of labels by their names. */
export type JobLabels = Readonly<Record<string, string>>

/** One metric of a job. */
export interface JobGauge {
  /**
   * Sets the series with these labels (default: the one without). Throws a PromlineError (`options`) for a label that cannot be pushed, and
   * for what is no number.
   */
  set(value: number, labels?: JobLabels): void
  /** Adds to the series with these labels, which begins with 0. Throws as `set` does. */
  add(amount: number, labels?: JobLabels): void
}

/** What a job tells of itself. What it has set when it ends, well or badly, is pushed. */
export interface JobMetrics {
  /**
   * The gauge of this name; the first call makes it, and says its help. All metrics of a job are gauges: each run begins anew, so that
   * nothing counts up from one push to the next. Throws a PromlineError (`options`) for a name that cannot be pushed.
   */
  gauge(name: string, help?: string): JobGauge
}

export interface JobMetricsOptions {
  /** Names of metrics that others write. */
  readonly reserved: readonly string[]
  /** Names of the labels of the grouping key, which a series must not have. */
  readonly groupingNames: readonly string[]
}

interface Series {
  readonly labels: JobLabels
  value: number
}

/** Makes a job's metrics, and the registry that shows what was set. */
export function createJobMetrics(options: JobMetricsOptions): { metrics: JobMetrics; registry: TextRegistry } {
  const registry = createTextRegistry()
  const gauges = new Map<string, JobGauge>()
  const gauge = (name: string, help: string): JobGauge => {
    if (!isMetricName(name)) throw metricError(name, `the metric name ${JSON.stringify(name)} is not [a-zA-Z_:][a-zA-Z0-9_:]*`)
    if (options.reserved.includes(name)) throw metricError(name, `the metric ${name} is set by pushJob itself`)
    const series = new Map<string, Series>()
    const values: CollectedFamily['values'] = () => [...series.values()]
    registerCollected(registry, [{ name, help, type: 'gauge', values }])
    return createGauge(name, series, options.groupingNames)
  }
  const metrics: JobMetrics = {
    gauge(name, help = name) {
      const known = gauges.get(name) ?? gauge(name, help)
      gauges.set(name, known)
      return known
    },
  }
  return { metrics, registry }
}

function createGauge(metric: string, series: Map<string, Series>, groupingNames: readonly string[]): JobGauge {
  const seriesOf = (value: number, labels: JobLabels): Series => {
    if (typeof value !== 'number') throw metricError(metric, `a value of the metric ${metric} is of type ${typeof value}, not a number`)
    for (const name of Object.keys(labels)) assertLabel(metric, name, groupingNames)
    // In the order of their names, whatever that in which they are given; an empty value is no label.
    const pairs = Object.entries(labels)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify(pairs)
    const known = series.get(key) ?? { labels: Object.fromEntries(pairs), value: 0 }
    series.set(key, known)
    return known
  }
  return {
    set(value, labels = {}) {
      seriesOf(value, labels).value = value
    },
    add(amount, labels = {}) {
      seriesOf(amount, labels).value += amount
    },
  }
}

function assertLabel(metric: string, label: string, groupingNames: readonly string[]): void {
  if (!isLabelName(label)) throw metricError(metric, `the metric ${metric} cannot have a label ${JSON.stringify(label)}`)
  if (!groupingNames.includes(label)) return
  throw metricError(
    metric,
    `the metric ${metric} cannot have a label "${label}": it is a part of the grouping key, which would overwrite it`,
  )
}

function metricError(metric: string, message: string): PromlineError {
  return new PromlineError('options', `push: ${message}`, { facts: { metric } })
}

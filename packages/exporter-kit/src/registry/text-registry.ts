import { escapeHelp, escapeQuoted, formatGoFloat, PromlineError } from '@promline/core'
import type { CollectedMetric, CollectedMetricValues, MetricRegistry } from './metric-registry.js'

/** A registry that needs no metrics library: it holds what is asked for its values at every collection, and is a `WritableMetricRegistry`. */
export interface TextRegistry extends MetricRegistry {
  /** Throws a PromlineError (`options`) where another metric has the name. */
  registerMetric(metric: CollectedMetric): void
  removeSingleMetric(name: string): void
}

/** Makes an empty registry of text format 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function createTextRegistry(): TextRegistry {
  const metrics = new Map<string, CollectedMetric>()
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    registerMetric(metric) {
      const { name } = metric
      if (metrics.has(name)) throw new PromlineError('options', `there is a metric ${name} already`, { facts: { name } })
      metrics.set(name, metric)
    },
    removeSingleMetric: (name) => void metrics.delete(name),
    async metrics() {
      const collected = await Promise.all(Array.from(metrics.values(), (metric) => metric.get()))
      return collected.map(serializeFamily).join('')
    },
  }
}

function serializeFamily({ name, help, type, values }: CollectedMetricValues): string {
  const lines = [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`]
  for (const { labels, value } of values) lines.push(`${name}${serializeLabels(labels)} ${formatGoFloat(value)}`)
  return `${lines.join('\n')}\n`
}

function serializeLabels(labels: object): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeQuoted(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

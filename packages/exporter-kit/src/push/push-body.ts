import { encodeUtf8, ParseError, parseTextEntries, PromlineError, type TextEntry } from '@promline/core'
import type { MetricRegistry } from '../registry/metric-registry.js'
import type { PushGroup } from './push-group.js'

/** A Pushgateway adds these to every group, and leaves out what is pushed under their names. */
export const gatewayMetrics: ReadonlySet<string> = new Set(['push_time_seconds', 'push_failure_time_seconds'])

/**
 * The body of a push: the registry's text, checked for what a Pushgateway refuses or, worse, changes. Rejects with a PromlineError that
 * names the line: `encode` for what cannot be pushed (OpenMetrics, timestamps, labels of the grouping key), `parse` for a text that is
 * none; and with what a metric throws.
 */
export async function pushBody(registry: MetricRegistry, group: PushGroup): Promise<Uint8Array> {
  const { contentType } = registry
  if (!contentType.startsWith('text/plain')) {
    const advice = 'a push needs the text format: make the registry with Registry.PROMETHEUS_CONTENT_TYPE'
    throw new PromlineError('encode', `push: the registry speaks ${contentType.split(';')[0]}; ${advice}`, { facts: { contentType } })
  }
  const body = encodeUtf8(await registry.metrics())
  const groupingNames = ['job', ...Object.keys(group.grouping ?? {})]
  try {
    parseTextEntries(body, { mode: 'strict' }, (entry) => assertPushable(entry, groupingNames))
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    throw new PromlineError('parse', `push: the text of the registry, ${error.message}`, { cause: error, facts: error.facts })
  }
  return body
}

function assertPushable({ labels, timestampMs, line }: TextEntry, groupingNames: readonly string[]): void {
  const metric = labels.get('__name__') ?? ''
  const refuse = (reason: string): PromlineError =>
    new PromlineError('encode', `push: the text of the registry, line ${line}: ${reason}`, { facts: { metric, line } })
  if (timestampMs !== undefined) {
    throw refuse(`"${metric}" has a timestamp, which a Pushgateway refuses; it tells the time of a push in push_time_seconds`)
  }
  if (gatewayMetrics.has(metric)) throw refuse(`"${metric}" is the Pushgateway's own, which it sets with every push`)
  const clash = groupingNames.find((name) => labels.get(name) !== undefined)
  if (clash === undefined) return
  const value = JSON.stringify(labels.get(clash))
  throw refuse(`"${metric}" has the label ${clash}=${value}, which the grouping key would overwrite: "${clash}" is a part of it`)
}

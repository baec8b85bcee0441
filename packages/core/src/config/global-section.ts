import type { Labels } from '../model/labels.js'
import type { ConfigContext } from './config-context.js'
import type { ConfigNode } from './config-node.js'
import { formatDuration, maxTimerMs } from '../model/duration.js'
import { expandEnvironment } from './expand-environment.js'
import { offersOnly, offersOnlyOff } from './fixed-value.js'
import { parseLabels } from './labels-section.js'
import { limitParsers, type ScrapeLimits, toLimits } from './limits-section.js'
import { prometheusKeys } from './prometheus-keys.js'
import { parseScrapeProtocols } from './scrape-protocols.js'

/** The section `global`, with Prometheus' defaults. */
export interface GlobalConfig extends ScrapeLimits {
  readonly scrapeIntervalMs: number
  readonly scrapeTimeoutMs: number
  /** For rules, which promline does not have. */
  readonly evaluationIntervalMs: number
  /** With environment variables put in. */
  readonly externalLabels: Labels
}

/** Prometheus' defaults: a minute, and ten seconds of it. */
const defaultIntervalMs = 60_000
const defaultTimeoutMs = 10_000

/** Keys of `global` that are about rules and queries. */
export const ignoredGlobalKeys: readonly string[] = ['query_log_file', 'rule_query_offset']

/** Reads `global`; an empty node gives the defaults. */
export function parseGlobal(node: ConfigNode, context: ConfigContext): GlobalConfig {
  const given = node.fields(
    {
      scrape_interval: (field) => field.durationMs({ max: maxTimerMs }),
      scrape_timeout: (field) => field.durationMs({ max: maxTimerMs }),
      evaluation_interval: (field) => field.durationMs(),
      external_labels: (field) => parseLabels(field, (value) => expandEnvironment(value, (name) => context.environment(name))),
      ...limitParsers,
      scrape_protocols: (field) => parseScrapeProtocols(field, context),
      keep_dropped_targets: (field) => parseKeepDroppedTargets(field, context),
      query_log_file: (field) => field.string(),
      rule_query_offset: (field) => field.durationMs(),
      scrape_native_histograms: offersOnlyOff,
      always_scrape_classic_histograms: offersOnlyOff,
      convert_classic_histograms_to_nhcb: offersOnlyOff,
      extra_scrape_metrics: offersOnlyOff,
      metric_name_validation_scheme: offersOnly('utf8'),
      metric_name_escaping_scheme: offersOnly('allow-utf-8'),
    },
    { notOffered: prometheusKeys.global },
  )
  const scrapeIntervalMs = given.scrape_interval || defaultIntervalMs
  const scrapeTimeoutMs = given.scrape_timeout || Math.min(defaultTimeoutMs, scrapeIntervalMs)
  assertTimeout(node, scrapeTimeoutMs, scrapeIntervalMs)
  return {
    scrapeIntervalMs,
    scrapeTimeoutMs,
    evaluationIntervalMs: given.evaluation_interval || defaultIntervalMs,
    externalLabels: given.external_labels ?? parseLabels(node.at('external_labels')),
    ...toLimits(given),
  }
}

/** Refuses a `scrape_timeout` above the `scrape_interval` of a section. */
export function assertTimeout(node: ConfigNode, timeoutMs: number, intervalMs: number): void {
  if (timeoutMs <= intervalMs) return
  const message = `${formatDuration(timeoutMs)} is longer than the scrape_interval of ${formatDuration(intervalMs)}`
  throw node.at('scrape_timeout').error(message)
}

/** How many targets that relabelling dropped Prometheus keeps for its page. */
export function parseKeepDroppedTargets(node: ConfigNode, context: ConfigContext): void {
  node.integer({ min: 0 })
  context.notice(node, 'has no effect: promline keeps no dropped targets')
}

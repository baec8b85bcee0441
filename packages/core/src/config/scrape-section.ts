import type { ScrapeConfig, TargetGroup } from '../scrape/scrape-config.js'
import { validateScrapeConfig } from '../scrape/validate-scrape-config.js'
import type { ConfigContext } from './config-context.js'
import type { ConfigNode } from './config-node.js'
import { defined } from './defined.js'
import { maxTimerMs } from '../model/duration.js'
import { offersOnly, offersOnlyOff } from './fixed-value.js'
import { assertTimeout, type GlobalConfig, parseKeepDroppedTargets } from './global-section.js'
import { httpParsers, toHttpClientOptions } from './http-section.js'
import { parseLabels } from './labels-section.js'
import { limitParsers, toLimits } from './limits-section.js'
import { prometheusKeys } from './prometheus-keys.js'
import { parseRelabelSection } from './relabel-section.js'
import { parseFallbackProtocol, parseScrapeProtocols } from './scrape-protocols.js'

/** Reads `scrape_configs`: complete settings of every job. */
export function parseScrapeConfigs(node: ConfigNode, global: GlobalConfig, context: ConfigContext): readonly ScrapeConfig[] {
  const names = new Set<string>()
  return node.list((item) => {
    const config = parseScrapeConfig(item, global, context)
    if (names.has(config.jobName)) throw item.at('job_name').error(`${JSON.stringify(config.jobName)} is the name of another job`)
    names.add(config.jobName)
    return config
  })
}

function parseScrapeConfig(node: ConfigNode, global: GlobalConfig, context: ConfigContext): ScrapeConfig {
  const given = readFields(node, context)
  const scrapeIntervalMs = given.scrape_interval || global.scrapeIntervalMs
  const scrapeTimeoutMs = given.scrape_timeout || Math.min(global.scrapeTimeoutMs, scrapeIntervalMs)
  assertTimeout(node, scrapeTimeoutMs, scrapeIntervalMs)
  if ((given.relabel_configs ?? []).length === 0) assertHosts(node, given.static_configs ?? [])
  return node.attempt(() =>
    validateScrapeConfig({
      jobName: given.job_name,
      scrapeIntervalMs,
      scrapeTimeoutMs,
      ...defined({
        metricsPath: given.metrics_path,
        scheme: given.scheme,
        params: given.params,
        honorLabels: given.honor_labels,
        honorTimestamps: given.honor_timestamps,
        trackTimestampsStaleness: given.track_timestamps_staleness,
        enableCompression: given.enable_compression,
        fallbackScrapeProtocol: given.fallback_scrape_protocol,
        relabelConfigs: given.relabel_configs,
        metricRelabelConfigs: given.metric_relabel_configs,
        staticConfigs: given.static_configs,
      }),
      ...toLimits(given, global),
      http: toHttpClientOptions(node, given, context),
    }),
  )
}

/** What `fields` gives is inferred: a type of its own would say every key a third time. */
function readFields(node: ConfigNode, context: ConfigContext) {
  return node.fields(
    {
      ...httpParsers,
      ...limitParsers,
      job_name: nonEmptyText,
      scrape_interval: (field) => field.durationMs({ max: maxTimerMs }),
      scrape_timeout: (field) => field.durationMs({ max: maxTimerMs }),
      metrics_path: nonEmptyText,
      scheme: (field) => field.choice(['http', 'https']),
      params: (field) => Object.fromEntries(field.entries((values) => values.list((item) => item.string()))),
      honor_labels: (field) => field.boolean(),
      honor_timestamps: (field) => field.boolean(),
      track_timestamps_staleness: (field) => field.boolean(),
      enable_compression: (field) => field.boolean(),
      scrape_protocols: (field) => parseScrapeProtocols(field, context),
      fallback_scrape_protocol: parseFallbackProtocol,
      keep_dropped_targets: (field) => parseKeepDroppedTargets(field, context),
      relabel_configs: parseRelabelSection,
      metric_relabel_configs: parseRelabelSection,
      static_configs: (field) => field.list(parseTargetGroup),
      scrape_native_histograms: offersOnlyOff,
      always_scrape_classic_histograms: offersOnlyOff,
      convert_classic_histograms_to_nhcb: offersOnlyOff,
      extra_scrape_metrics: offersOnlyOff,
      metric_name_validation_scheme: offersOnly('utf8'),
      metric_name_escaping_scheme: offersOnly('allow-utf-8'),
    },
    { required: ['job_name'], notOffered: prometheusKeys.scrape },
  )
}

function nonEmptyText(node: ConfigNode): string {
  const text = node.string()
  if (text === '') throw node.error('must not be empty')
  return text
}

function parseTargetGroup(node: ConfigNode): TargetGroup {
  const given = node.fields({ targets: (field) => field.list(nonEmptyText), labels: (field) => parseLabels(field) })
  return { targets: given.targets ?? [], ...defined({ labels: given.labels }) }
}

/** A URL in place of an address is the usual slip; where rules run on targets they may make an address of it, as for a blackbox probe. */
function assertHosts(node: ConfigNode, groups: readonly TargetGroup[]): void {
  groups.forEach(({ targets }, group) => {
    targets.forEach((target, i) => {
      if (!target.includes('/')) return
      const place = node.at('static_configs').at(group).at('targets').at(i)
      throw place.error(`${JSON.stringify(target)} is not host:port; the scheme and the path are set by scheme and metrics_path`)
    })
  })
}

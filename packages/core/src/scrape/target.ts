import { formatDuration, maxTimerMs, parseDurationMs } from '../model/duration.js'
import { PromlineError } from '../model/errors.js'
import { createLabels, type Labels } from '../model/labels.js'
import { LabelsBuilder } from '../model/labels-builder.js'
import type { Relabeler } from '../relabel/relabeler.js'
import type { ScrapeConfig } from './scrape-config.js'

/** One endpoint, as relabelling left it. */
export interface Target {
  readonly jobName: string
  /** host:port. */
  readonly address: string
  /** In full, query included: it may hold secrets. */
  readonly url: string
  /** Without user information and the job's own parameters, with those that labels gave: they tell probes of one exporter apart. */
  readonly publicUrl: string
  /** What is attached to every series. */
  readonly labels: Labels
  readonly discoveredLabels: Labels
  readonly intervalMs: number
  readonly timeoutMs: number
}

const paramPrefix = '__param_'

/** The labels of every target that the job's static configuration names, defaults included, before relabelling. */
export function discoverTargets(config: ScrapeConfig): Labels[] {
  const defaults: [string, string][] = [
    ['job', config.jobName],
    ['__scrape_interval__', formatDuration(config.scrapeIntervalMs)],
    ['__scrape_timeout__', formatDuration(config.scrapeTimeoutMs)],
    ['__metrics_path__', config.metricsPath],
    ['__scheme__', config.scheme],
    ...Object.entries(config.params).map(([name, values]): [string, string] => [paramPrefix + name, values[0] ?? '']),
  ]
  return config.staticConfigs.flatMap((group) =>
    group.targets.map((address) => {
      const builder = new LabelsBuilder(createLabels(group.labels ?? {})).set('__address__', address)
      for (const [name, value] of defaults) if (!builder.has(name)) builder.set(name, value)
      return builder.build()
    }),
  )
}

/**
 * The target that these labels describe; undefined where a rule dropped it. Throws a PromlineError (`config`) where what is left is no
 * target. https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
export function createTarget(discoveredLabels: Labels, config: ScrapeConfig, relabeler: Relabeler): Target | undefined {
  const relabeled = relabeler.relabel(discoveredLabels)
  if (relabeled === undefined) return undefined
  const address = relabeled.get('__address__') ?? ''
  if (address === '') throw targetError(config, 'it has no __address__')
  if (address.includes('/')) throw targetError(config, `address ${JSON.stringify(address)} is not host:port: it contains "/"`)
  const intervalMs = durationLabel(relabeled, '__scrape_interval__', config)
  const timeoutMs = durationLabel(relabeled, '__scrape_timeout__', config)
  if (timeoutMs > intervalMs) {
    throw targetError(config, `its timeout ${formatDuration(timeoutMs)} is longer than its interval ${formatDuration(intervalMs)}`)
  }
  return {
    jobName: config.jobName,
    address,
    ...urlsOf(relabeled, config),
    labels: publicLabels(relabeled, address),
    discoveredLabels,
    intervalMs,
    timeoutMs,
  }
}

function durationLabel(labels: Labels, name: string, config: ScrapeConfig): number {
  const text = labels.get(name) ?? ''
  const durationMs = parseDurationMs(text)
  if (durationMs !== undefined && durationMs > 0 && durationMs <= maxTimerMs) return durationMs
  throw targetError(config, `its ${name} ${JSON.stringify(text)} is not a duration from 1ms to ${formatDuration(maxTimerMs)}`)
}

function urlsOf(labels: Labels, config: ScrapeConfig): Pick<Target, 'url' | 'publicUrl'> {
  const own = new Map<string, string[]>()
  const params = new Map(Object.entries(config.params).map(([name, values]) => [name, [...values]]))
  for (let i = 0; i < labels.length; i++) {
    const name = labels.nameAt(i)
    if (!name.startsWith(paramPrefix)) continue
    const param = name.slice(paramPrefix.length)
    const value = labels.valueAt(i)
    setFirst(params, param, value)
    if (value !== config.params[param]?.[0]) own.set(param, [value])
  }
  const scheme = labels.get('__scheme__') ?? ''
  const base = `${scheme}://${labels.get('__address__') ?? ''}/`
  if ((scheme !== 'http' && scheme !== 'https') || !URL.canParse(base)) throw targetError(config, `${JSON.stringify(base)} is not a URL`)
  const url = new URL(base)
  // A path, not a reference: its "%", "?" and "#" are its own characters.
  url.pathname = escapeBytes(labels.get('__metrics_path__') ?? '', /[^\w\-.~$&+,/:;=@]/gu)
  url.search = queryOf(params)
  const publicUrl = new URL(url)
  publicUrl.username = publicUrl.password = ''
  publicUrl.search = queryOf(own)
  return { url: url.href, publicUrl: publicUrl.href }
}

function queryOf(params: ReadonlyMap<string, readonly string[]>): string {
  const names = [...params.keys()].sort()
  return names.flatMap((name) => params.get(name)!.map((value) => `${escapeQuery(name)}=${escapeQuery(value)}`)).join('&')
}

/** As Go escapes a query, in whose form a URL is what Telegraf's `url` tag says. */
function escapeQuery(text: string): string {
  return escapeBytes(text, /[^\w\-.~ ]/gu).replaceAll(' ', '+')
}

/** With the bytes of what is `escaped` as `%XX`. */
function escapeBytes(text: string, escaped: RegExp): string {
  return text.replaceAll(escaped, (character) => Buffer.from(character).toString('hex').toUpperCase().replaceAll(/../g, '%$&'))
}

function setFirst(params: Map<string, string[]>, name: string, value: string): void {
  const values = params.get(name)
  if (values === undefined) params.set(name, [value])
  else values[0] = value
}

function publicLabels(labels: Labels, address: string): Labels {
  const builder = new LabelsBuilder(labels)
  if (!builder.has('instance')) builder.set('instance', address)
  for (const name of builder.names()) if (name.startsWith('__')) builder.delete(name)
  return builder.build()
}

function targetError(config: ScrapeConfig, reason: string): PromlineError {
  const { jobName } = config
  return new PromlineError('config', `scrape config ${JSON.stringify(jobName)}: a target cannot be scraped: ${reason}`, {
    facts: { jobName },
  })
}

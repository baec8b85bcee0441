import { validateHttpClientOptions } from '../http/validate-client-options.js'
import { maxTimerMs } from '../model/duration.js'
import { PromlineError, toError } from '../model/errors.js'
import { createLabels } from '../model/labels.js'
import type { ScrapeConfig, ScrapeConfigInput, TargetGroup } from './scrape-config.js'

/** What a `global` section gives to every job that does not say otherwise. */
export type ScrapeGlobals = Partial<Pick<ScrapeConfig, 'scrapeIntervalMs' | 'scrapeTimeoutMs' | LimitName>>

type LimitName = 'bodySizeLimitBytes' | 'sampleLimit' | 'targetLimit' | 'labelLimit' | 'labelNameLengthLimit' | 'labelValueLengthLimit'

/** Prometheus' `scrape_interval`. */
const defaultScrapeIntervalMs = 60_000
/** Prometheus' `scrape_timeout`; less where the interval is shorter. */
const defaultScrapeTimeoutMs = 10_000

/**
 * Limits are off, as in Prometheus, but for the body: 64 MiB is some 600,000 samples, far above any real target, and keeps a broken one
 * from filling the memory. Zero turns it off.
 */
const defaultLimits: Readonly<Record<LimitName, number>> = {
  bodySizeLimitBytes: 64 * 1024 * 1024,
  sampleLimit: 0,
  targetLimit: 0,
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
}

/**
 * The complete settings of a job: what the user gave, then what `globals` say, then Prometheus' defaults. Throws a PromlineError
 * (`options`) that names the job and the field; its facts hold `jobName` and `option`. Relabel rules are checked where they are compiled.
 */
export function validateScrapeConfig(input: ScrapeConfigInput, globals: ScrapeGlobals = {}): ScrapeConfig {
  if (typeof input.jobName !== 'string' || input.jobName === '') throw optionError(input, 'jobName', 'must not be empty')
  const config: ScrapeConfig = {
    jobName: input.jobName,
    ...durations(input, globals),
    metricsPath: input.metricsPath ?? '/metrics',
    scheme: input.scheme ?? 'http',
    params: input.params ?? {},
    honorLabels: input.honorLabels ?? false,
    honorTimestamps: input.honorTimestamps ?? true,
    trackTimestampsStaleness: input.trackTimestampsStaleness ?? false,
    enableCompression: input.enableCompression ?? true,
    ...limits(input, globals),
    relabelConfigs: input.relabelConfigs ?? [],
    metricRelabelConfigs: input.metricRelabelConfigs ?? [],
    staticConfigs: input.staticConfigs ?? [],
    http: { followRedirects: true, ...input.http },
    ...(input.fallbackScrapeProtocol !== undefined && { fallbackScrapeProtocol: input.fallbackScrapeProtocol }),
  }
  assertKnown(input, [...Object.keys(config), 'fallbackScrapeProtocol'])
  validateRequest(config)
  for (const group of config.staticConfigs) validateTargetGroup(config, group)
  return config
}

/** A name that is not known would be a default that nobody meant. */
function assertKnown(input: ScrapeConfigInput, known: readonly string[]): void {
  const unknown = Object.keys(input).find((option) => !known.includes(option))
  if (unknown !== undefined) throw optionError(input, unknown, `is not known; there are ${[...new Set(known)].join(', ')}`)
}

function durations(input: ScrapeConfigInput, globals: ScrapeGlobals): Pick<ScrapeConfig, 'scrapeIntervalMs' | 'scrapeTimeoutMs'> {
  const scrapeIntervalMs = input.scrapeIntervalMs ?? globals.scrapeIntervalMs ?? defaultScrapeIntervalMs
  assertDuration(input, 'scrapeIntervalMs', scrapeIntervalMs)
  const inherited = Math.min(globals.scrapeTimeoutMs ?? defaultScrapeTimeoutMs, scrapeIntervalMs)
  const scrapeTimeoutMs = input.scrapeTimeoutMs ?? inherited
  assertDuration(input, 'scrapeTimeoutMs', scrapeTimeoutMs)
  if (scrapeTimeoutMs > scrapeIntervalMs) {
    throw optionError(input, 'scrapeTimeoutMs', `${scrapeTimeoutMs} is longer than scrapeIntervalMs ${scrapeIntervalMs}`)
  }
  return { scrapeIntervalMs, scrapeTimeoutMs }
}

function assertDuration(input: ScrapeConfigInput, option: 'scrapeIntervalMs' | 'scrapeTimeoutMs', value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= maxTimerMs) return
  throw optionError(input, option, `${value} is not a whole number of milliseconds from 1 to ${maxTimerMs}`)
}

function limits(input: ScrapeConfigInput, globals: ScrapeGlobals): Pick<ScrapeConfig, LimitName> {
  const limit = (option: LimitName): number => {
    const value = input[option] ?? globals[option] ?? defaultLimits[option]
    if (Number.isSafeInteger(value) && value >= 0) return value
    throw optionError(input, option, `${value} is not a whole number from 0 (off)`)
  }
  return {
    bodySizeLimitBytes: limit('bodySizeLimitBytes'),
    sampleLimit: limit('sampleLimit'),
    targetLimit: limit('targetLimit'),
    labelLimit: limit('labelLimit'),
    labelNameLengthLimit: limit('labelNameLengthLimit'),
    labelValueLengthLimit: limit('labelValueLengthLimit'),
  }
}

function validateRequest(config: ScrapeConfig): void {
  if (config.scheme !== 'http' && config.scheme !== 'https') {
    throw optionError(config, 'scheme', `${JSON.stringify(config.scheme)} is neither "http" nor "https"`)
  }
  if (config.metricsPath === '') throw optionError(config, 'metricsPath', 'must not be empty')
  if (config.fallbackScrapeProtocol !== undefined && config.fallbackScrapeProtocol !== 'text') {
    throw optionError(config, 'fallbackScrapeProtocol', `${JSON.stringify(config.fallbackScrapeProtocol)} is not "text"`)
  }
  try {
    validateHttpClientOptions(config.http)
  } catch (error) {
    throw optionError(config, 'http', toError(error).message)
  }
}

function validateTargetGroup(config: ScrapeConfig, group: TargetGroup): void {
  for (const target of group.targets) {
    if (target === '') throw optionError(config, 'staticConfigs', 'a target must not be empty')
    // Rules may make an address of a URL, as for a blackbox probe: then the address is checked after them.
    if (config.relabelConfigs.length === 0 && target.includes('/')) {
      throw optionError(config, 'staticConfigs', `target ${JSON.stringify(target)} is not host:port: it contains "/"`)
    }
  }
  try {
    createLabels(group.labels ?? {})
  } catch (error) {
    throw optionError(config, 'staticConfigs', toError(error).message)
  }
}

function optionError(input: ScrapeConfigInput, option: string, reason: string): PromlineError {
  const jobName = String(input.jobName)
  return new PromlineError('options', `scrape config ${JSON.stringify(jobName)}: ${option}: ${reason}`, { facts: { jobName, option } })
}

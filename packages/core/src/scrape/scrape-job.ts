import { createHash } from 'node:crypto'
import type { HttpClient, HttpClientOptions } from '../http/client-options.js'
import { isPromlineError, PromlineError, toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import type { RelabelConfig } from '../relabel/relabel-config.js'
import { compileRelabelConfigs, type Relabeler } from '../relabel/relabeler.js'
import type { ScrapeConfig } from './scrape-config.js'
import { createTarget, discoverTargets, type Target } from './target.js'
import type { TargetSettings } from './target-scraper.js'

/** A job's configuration, compiled. */
export interface ScrapeJob {
  readonly config: ScrapeConfig
  readonly client: HttpClient
  readonly settings: readonly TargetSettings[]
}

export interface ScrapeJobOptions {
  readonly createClient: (options: HttpClientOptions) => HttpClient
  readonly logger: Logger
}

/**
 * Compiles a job: its rules, its client and its targets. A target that relabelling left unusable is logged and left out. Throws a
 * PromlineError (`relabel`) for a rule.
 */
export function createScrapeJob(config: ScrapeConfig, { createClient, logger }: ScrapeJobOptions): ScrapeJob {
  const targetRelabeler = compile(config, 'relabel_configs', config.relabelConfigs)
  const relabeler = compile(config, 'metric_relabel_configs', config.metricRelabelConfigs)
  const targets = createTargets(config, targetRelabeler, logger)
  const client = createClient(config.http)
  const forcedError = targetLimitError(config, targets.length)
  const settings = targets.map((target) => ({
    target,
    config,
    client,
    relabeler,
    originId: originIdOf(target, targets),
    ...(forcedError !== undefined && { forcedError }),
  }))
  return { config, client, settings }
}

/** What makes a target another one: where it is, and what is attached to its series. */
export function targetKey(target: Target): string {
  return `${target.url}\n${labelsKey(target)}`
}

/** What makes the series of two targets the same ones, whatever their URLs. */
export function labelsKey(target: Target): string {
  return Buffer.from(target.labels.bytes).toString('base64')
}

function compile(config: ScrapeConfig, field: string, rules: readonly RelabelConfig[]): Relabeler {
  try {
    return compileRelabelConfigs(rules)
  } catch (error) {
    if (!isPromlineError(error)) throw error
    const message = `scrape config ${JSON.stringify(config.jobName)}: ${field}: ${error.message}`
    throw new PromlineError(error.code, message, { cause: error, facts: { ...error.facts, jobName: config.jobName } })
  }
}

/** Equal targets are one. */
function createTargets(config: ScrapeConfig, relabeler: Relabeler, logger: Logger): Target[] {
  const targets = new Map<string, Target>()
  for (const discovered of discoverTargets(config)) {
    try {
      const target = createTarget(discovered, config, relabeler)
      if (target !== undefined) targets.set(targetKey(target), target)
    } catch (thrown) {
      const error = toError(thrown)
      logger.error({ error, job: config.jobName, discoveredLabels: discovered.toObject() }, error.message)
    }
  }
  return [...targets.values()]
}

/** As in Prometheus, one target too many fails them all: nobody can say which of them is the wrong one. */
function targetLimitError(config: ScrapeConfig, count: number): PromlineError | undefined {
  const { targetLimit } = config
  if (targetLimit === 0 || count <= targetLimit) return undefined
  return new PromlineError('limit', `target_limit exceeded: ${count} targets, limit ${targetLimit}`, { facts: { targetLimit } })
}

/** Job and address; where targets share an address, the path as well, and a digest of what else tells them apart, as it may be secret. */
function originIdOf(target: Target, targets: readonly Target[]): string {
  const id = `${target.jobName}/${target.address}`
  if (targets.filter(({ address }) => address === target.address).length === 1) return id
  const digest = createHash('sha256').update(targetKey(target)).digest('hex').slice(0, 8)
  return `${id}${new URL(target.url).pathname}#${digest}`
}

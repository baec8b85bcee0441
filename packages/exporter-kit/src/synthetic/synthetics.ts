import { type Clock, PromlineError, systemClock } from '@promline/core'
import { type CollectedFamily, registerCollected } from '../registry/collected-metrics.js'
import type { MetricRegistry, WritableMetricRegistry } from '../registry/metric-registry.js'
import { isLabelName, isMetricName } from '../registry/names.js'
import { createTextRegistry } from '../registry/text-registry.js'
import { constant, type Expression, type Term } from './expression.js'
import { followClock, oncePerPass } from './follow-clock.js'
import { SyntheticRun } from './run.js'

/** Labels of a series, and the expression that gives its values. */
export interface SyntheticSeries {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: Term
}

/** A metric of one series, or of several. */
export type SyntheticMetric = { readonly help: string } & (SyntheticSeries | { readonly series: readonly SyntheticSeries[] })

/** Options of `createSynthetics`. */
export interface SyntheticsOptions {
  /** By their names. */
  readonly gauges?: Readonly<Record<string, SyntheticMetric>>
  /** By their names, which end in `_total`; their values must not go down but to begin anew. */
  readonly counters?: Readonly<Record<string, SyntheticMetric>>
  /** Where the metrics are registered as well: a `Registry` of prom-client or of @prometheus-io/client. Default: nowhere. */
  readonly registry?: WritableMetricRegistry
  /** A whole number. The same seed and the same passing of time give the same numbers. Default 1. */
  readonly seed?: number
  /** How often values change, in milliseconds; at least 1. Default 1,000. */
  readonly stepMs?: number
  /** Only its monotonic side is used. Default: the machine's clock. */
  readonly clock?: Pick<Clock, 'monotonicMs'>
}

/** Synthetic metrics: a registry, ready to be exposed. */
export interface Synthetics extends MetricRegistry {
  /** Brings the values up to the clock: done at every collection, so nobody has to call it. */
  tick(): void
  /** The value of an expression as of the last tick or collection. Throws a PromlineError (`options`) where no metric is made of it. */
  value(expression: Expression): number
  /** Takes the metrics off the `registry` that was given. Safe to call twice. */
  unregister(): void
}

const defaultStepMs = 1000

/**
 * Metrics that are made up, by expressions: they agree with each other, because what several are made of has one value at one moment, and
 * in every exposition. Values change in steps and depend on the seed and the number of steps alone, however often they are collected. After
 * a pause of more than 86,400 steps, or of twenty million evaluations, only that many are lived through.
 *
 * Every random source draws from a stream of its own, which the seed, its parameters and what it is made of decide: metrics can come, go and
 * move without a change to the others. Sources that are alike in all of that are told apart by their order, or by a `name`.
 *
 * Throws a PromlineError (`options`) for a name that no metric can have, a counter without `_total`, a seed that is not a whole number;
 * and what the registry throws where a name is taken.
 */
export function createSynthetics(options: SyntheticsOptions): Synthetics {
  const { registry, seed = 1, stepMs = defaultStepMs, clock = systemClock } = options
  if (!Number.isSafeInteger(seed)) throw optionError('seed', `seed must be a whole number, not ${seed}`)
  if (!(stepMs >= 1 && Number.isFinite(stepMs))) throw optionError('stepMs', `stepMs must be at least 1, not ${stepMs}`)
  const metrics = [...metricsOf('gauge', options.gauges ?? {}), ...metricsOf('counter', options.counters ?? {})]
  const expressions = metrics.flatMap(({ series }) => series.map(({ expression }) => expression))
  const run = new SyntheticRun({ seed, stepSeconds: stepMs / 1000, expressions })
  const tick = followClock(run, { clock, stepMs })
  const tickOnce = oncePerPass(tick)
  const families = metrics.map(
    ({ name, help, type, series }): CollectedFamily => ({
      name,
      help,
      type,
      values: () => {
        tickOnce()
        return series.map(({ labels, expression }) => ({ labels, value: run.value(expression) }))
      },
    }),
  )
  const own = createTextRegistry()
  registerCollected(own, families)
  const unregister = registry === undefined ? () => {} : registerCollected(registry, families)
  return { contentType: own.contentType, metrics: () => own.metrics(), tick, value: (expression) => run.value(expression), unregister }
}

interface MetricOfSeries {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly series: readonly { readonly labels: Readonly<Record<string, string>>; readonly expression: Expression }[]
}

function metricsOf(type: 'gauge' | 'counter', metrics: Readonly<Record<string, SyntheticMetric>>): MetricOfSeries[] {
  return Object.entries(metrics).map(([name, metric]) => {
    if (!isMetricName(name)) throw optionError('name', `${JSON.stringify(name)} is no name for a metric`)
    if (type === 'counter' && !name.endsWith('_total')) throw optionError('name', `the name of a counter must end in _total, not ${name}`)
    const series = ('series' in metric ? metric.series : [metric]).map((one) => seriesOf(name, one))
    assertDistinct(name, series)
    return { name, help: metric.help, type, series }
  })
}

function seriesOf(name: string, { labels = {}, value }: SyntheticSeries): MetricOfSeries['series'][number] {
  const wrong = Object.keys(labels).find((label) => !isLabelName(label))
  if (wrong !== undefined) throw optionError('labels', `${JSON.stringify(wrong)} is no name for a label of ${name}`)
  return { labels, expression: typeof value === 'number' ? constant(value) : value }
}

function assertDistinct(name: string, series: MetricOfSeries['series']): void {
  const seen = new Set<string>()
  for (const { labels } of series) {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (seen.has(key)) throw optionError('series', `two series of ${name} have the same labels`)
    seen.add(key)
  }
}

function optionError(option: string, message: string): PromlineError {
  return new PromlineError('options', `synthetics: ${message}`, { facts: { option } })
}

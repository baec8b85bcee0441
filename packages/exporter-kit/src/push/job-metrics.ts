import { PromlineError } from '@promline/core'
import { registerCollected } from '../registry/collected-metrics.js'
import { isLabelName, isMetricName } from '../registry/names.js'
import { createTextRegistry, type TextRegistry } from '../registry/text-registry.js'
import { gatewayMetrics } from './push-body.js'

/** Values of labels by their names. */
export type JobLabels = Readonly<Record<string, string>>

/** One metric of a job. */
export interface JobGauge {
  /**
   * Sets the series with these labels (default: the one without). Throws a PromlineError (`options`) for a label that cannot be pushed, and
   * for what is no number. After the job's end it changes nothing, and is logged as a warning.
   */
  set(value: number, labels?: JobLabels): void
  /** Adds to the series with these labels, which begins with 0. Otherwise as `set`. */
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
  /** Told once of each metric that is given a value after the end. */
  readonly onLate: (metric: string) => void
}

/** A job's metrics as its run sees them. */
export interface CollectedJob {
  /** For the job. */
  readonly metrics: JobMetrics
  /** Shows what was set. */
  readonly registry: TextRegistry
  /** Keeps what was set until now, and nothing that comes later. */
  end(): void
}

interface Series {
  readonly labels: JobLabels
  value: number
}

/** Makes a job's metrics, and the registry that shows what was set. */
export function createJobMetrics(options: JobMetricsOptions): CollectedJob {
  const registry = createTextRegistry()
  const gauges = new Map<string, Gauge>()
  const job = { ...options, hasEnded: false }
  const gauge = (name: string, help: string): Gauge => {
    if (!isMetricName(name)) throw metricError(name, `the metric name ${JSON.stringify(name)} is not [a-zA-Z_:][a-zA-Z0-9_:]*`)
    if (options.reserved.includes(name)) throw metricError(name, `the metric ${name} is set by pushJob itself`)
    if (gatewayMetrics.has(name)) throw metricError(name, `the metric ${name} is the Pushgateway's own, which it sets with every push`)
    const made = new Gauge(name, job)
    if (!job.hasEnded) registerCollected(registry, [{ name, help, type: 'gauge', values: () => made.series() }])
    return made
  }
  const metrics: JobMetrics = {
    gauge(name, help = name) {
      const known = gauges.get(name) ?? gauge(name, help)
      gauges.set(name, known)
      return known
    },
  }
  return {
    metrics,
    registry,
    end() {
      job.hasEnded = true
    },
  }
}

class Gauge implements JobGauge {
  readonly #name: string
  readonly #job: JobMetricsOptions & { readonly hasEnded: boolean }
  readonly #series = new Map<string, Series>()
  #wasLate = false

  constructor(name: string, job: JobMetricsOptions & { readonly hasEnded: boolean }) {
    this.#name = name
    this.#job = job
  }

  series(): Series[] {
    return Array.from(this.#series.values())
  }

  set(value: number, labels: JobLabels = {}): void {
    this.#change(value, labels, () => value)
  }

  add(amount: number, labels: JobLabels = {}): void {
    this.#change(amount, labels, (value) => value + amount)
  }

  #change(operand: number, labels: JobLabels, newValue: (value: number) => number): void {
    const { groupingNames, hasEnded, onLate } = this.#job
    const metric = this.#name
    if (typeof operand !== 'number') throw metricError(metric, `a value of the metric ${metric} is of type ${typeof operand}, not a number`)
    for (const [label, text] of Object.entries(labels)) assertLabel(metric, { label, text }, groupingNames)
    if (hasEnded) {
      if (!this.#wasLate) onLate(metric)
      this.#wasLate = true
      return
    }
    // In the order of their names, whatever that in which they are given; an empty value is no label.
    const pairs = Object.entries(labels)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify(pairs)
    const known = this.#series.get(key) ?? { labels: Object.fromEntries(pairs), value: 0 }
    known.value = newValue(known.value)
    this.#series.set(key, known)
  }
}

function assertLabel(metric: string, { label, text }: { label: string; text: unknown }, groupingNames: readonly string[]): void {
  if (!isLabelName(label)) throw metricError(metric, `the metric ${metric} cannot have a label ${JSON.stringify(label)}`)
  if (typeof text !== 'string') {
    throw metricError(metric, `the label "${label}" of the metric ${metric} is of type ${typeof text}, not a string`)
  }
  if (!groupingNames.includes(label)) return
  throw metricError(
    metric,
    `the metric ${metric} cannot have a label "${label}": it is a part of the grouping key, which would overwrite it`,
  )
}

function metricError(metric: string, message: string): PromlineError {
  return new PromlineError('options', `push: ${message}`, { facts: { metric } })
}

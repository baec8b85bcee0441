import { compareCodePoints } from '@promline/core'

/** The types that NATS' metrics have, as text format 0.0.4 writes them. */
export type NatsMetricType = 'gauge' | 'counter' | 'untyped'

/** What is said of a family. */
export interface NatsMetric {
  readonly name: string
  readonly type: NatsMetricType
  readonly help: string
}

/** Labels of samples; those of one connection, say, are shared by its dozen samples. An empty value is shown: the real exporter does so. */
export interface NatsLabels {
  /** Sorted by name, as Go's client prints them. */
  readonly names: readonly string[]
  /** In the order of the names. */
  readonly values: readonly string[]
}

/** One sample of a family. */
export interface NatsSample {
  readonly labels: NatsLabels
  readonly value: number
}

/** A family with its samples. Unlike core's MetricFamily its labels may be empty. */
export interface NatsFamily extends NatsMetric {
  readonly samples: readonly NatsSample[]
}

/** Sorts labels by name. */
export function createNatsLabels(labels: Readonly<Record<string, string>>): NatsLabels {
  const names = Object.keys(labels).sort(compareCodePoints)
  return { names, values: names.map((name) => labels[name] ?? '') }
}

/** Gathers samples into families. */
export class NatsFamilies {
  readonly #families = new Map<string, NatsMetric & { readonly samples: NatsSample[] }>()

  /** Adds a sample. What is said of a family first holds. A bigint is rounded once, to the nearest double. */
  add(metric: NatsMetric, labels: NatsLabels, value: number | bigint | boolean): void {
    let family = this.#families.get(metric.name)
    if (family === undefined) {
      family = { name: metric.name, type: metric.type, help: metric.help, samples: [] }
      this.#families.set(metric.name, family)
    }
    family.samples.push({ labels, value: Number(value) })
  }

  list(): NatsFamily[] {
    return Array.from(this.#families.values())
  }
}

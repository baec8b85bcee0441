import type { Labels } from '../model/labels.js'
import type { MetricMetadata } from '../model/metadata.js'

/** One line of a family, with what it says. */
export interface FamilySample {
  /** With `__name__`: the series of a histogram or summary have other names than their family. */
  readonly labels: Labels
  readonly value: number
  /** Undefined where the line has none: the sample is of the time of the scrape. */
  readonly timestampMs: number | undefined
}

/** A family of metrics with its samples, in the order of the page. */
export interface MetricFamily extends MetricMetadata {
  readonly samples: readonly FamilySample[]
}

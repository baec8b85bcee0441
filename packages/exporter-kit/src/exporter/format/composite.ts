import { type FamilySample, type MetricType, metricNameLabel } from '@promline/core'

/** Labels that tell the samples of one histogram or summary apart: they come last. */
export const innerLabels: ReadonlySet<string> = new Set(['le', 'quantile'])

/** What the series of a composite type have behind the name of their family. */
export const compositeSuffixes: ReadonlyMap<MetricType, readonly string[]> = new Map([
  ['histogram', ['_bucket', '_sum', '_count']],
  ['gaugehistogram', ['_bucket', '_sum', '_count']],
  ['summary', ['_sum', '_count']],
])

/** Whether samples of this type belong together, those of one histogram or summary. */
export function isComposite(type: MetricType): boolean {
  return compositeSuffixes.has(type)
}

/** What a sample shares with the others of its metric within its family: the labels, less those that are the bucket's or quantile's. */
export function metricKey({ labels }: FamilySample, type: MetricType): string {
  const left = isComposite(type) ? innerLabels : none
  const pairs: string[] = []
  for (let i = 0; i < labels.length; i++) {
    const name = labels.nameAt(i)
    if (name !== metricNameLabel && !left.has(name)) pairs.push(name, labels.valueAt(i))
  }
  return JSON.stringify(pairs)
}

const none: ReadonlySet<string> = new Set()

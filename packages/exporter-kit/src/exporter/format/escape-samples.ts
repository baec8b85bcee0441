import { createLabels, type FamilySample, type Labels, type MetricFamily, metricNameLabel } from '@promline/core'
import { metricKey } from './composite.js'
import { escapeLabelName, isPlainLabelName, type NameEscaping } from './name-escaping.js'

/** A family whose samples are to be escaped. */
export interface EscapedFamily {
  readonly family: MetricFamily
  /** Its name, escaped. */
  readonly name: string
  readonly escaping: NameEscaping
  /** Gets what is left out. */
  readonly dropped: Set<string>
}

/** How much of its labels a sample has kept; of two that became one, that with less of a change stays. */
const changes = { none: 0, renamed: 1, dropped: 2 } as const

interface EscapedSample {
  readonly sample: FamilySample
  readonly original: FamilySample
  readonly change: (typeof changes)[keyof typeof changes]
}

/** The samples of a family with the names of their labels escaped. */
export function escapeSamples(of: EscapedFamily): readonly FamilySample[] {
  const { family } = of
  const escaped = family.samples.map((sample) => escapeSample(sample, of))
  const kept = escaped.every(({ change }) => change === changes.none) ? escaped : withoutCollisions(escaped, family)
  const lost = escaped.length - kept.length
  if (lost > 0) of.dropped.add(`${lost} sample${lost === 1 ? '' : 's'} of ${JSON.stringify(family.name)}`)
  return kept.map(({ sample }) => sample)
}

function escapeSample(original: FamilySample, of: EscapedFamily): EscapedSample {
  const { labels } = original
  const others = otherNames(labels)
  const seriesName = labels.get(metricNameLabel) ?? ''
  if (others.length === 0 && of.name === of.family.name) return { sample: original, original, change: changes.none }
  const pairs = new Map([[metricNameLabel, `${of.name}${seriesName.slice(of.family.name.length)}`]])
  for (let i = 0; i < labels.length; i++) {
    const name = labels.nameAt(i)
    if (isPlainLabelName(name) && name !== metricNameLabel) pairs.set(name, labels.valueAt(i))
  }
  let change: EscapedSample['change'] = others.length === 0 ? changes.none : changes.renamed
  for (const name of others) {
    const shown = escapeLabelName(name, of.escaping)
    if (pairs.has(shown)) {
      of.dropped.add(`the label ${JSON.stringify(name)} of ${JSON.stringify(of.family.name)}`)
      change = changes.dropped
    } else pairs.set(shown, labels.get(name) ?? '')
  }
  return { sample: { ...original, labels: createLabels(pairs) }, original, change }
}

/** The names of labels that are not of the old alphabet. */
function otherNames(labels: Labels): string[] {
  const names: string[] = []
  for (let i = 0; i < labels.length; i++) {
    const name = labels.nameAt(i)
    if (!isPlainLabelName(name)) names.push(name)
  }
  return names
}

/** Keeps one of the metrics that became one, with all of its samples: the buckets of two histograms would make none. */
function withoutCollisions(samples: readonly EscapedSample[], { type }: MetricFamily): EscapedSample[] {
  const keyed = samples.map((one) => ({ one, key: metricKey(one.sample, type), originalKey: metricKey(one.original, type) }))
  const winners = new Map<string, { readonly originalKey: string; readonly change: number }>()
  for (const { one, key, originalKey } of keyed) {
    const winner = winners.get(key)
    if (winner === undefined || one.change < winner.change) winners.set(key, { originalKey, change: one.change })
  }
  return keyed.filter(({ key, originalKey }) => winners.get(key)?.originalKey === originalKey).map(({ one }) => one)
}

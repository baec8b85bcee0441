import { compareCodePoints, escapeHelp, escapeQuoted, formatGoFloat } from '@promline/core'
import type { NatsFamily, NatsLabels, NatsSample } from './nats-family.js'

/** Families of several sources as one page. */
export interface MergedFamilies {
  /** Sorted by name, the samples as Go's client sorts them. */
  readonly families: readonly NatsFamily[]
  /** Samples left out, because one before has the same name and labels: a page with both would be refused as a whole. */
  readonly duplicates: number
}

/** Puts families of one name together. Where sources differ in what they say of one, or show the same series, the earlier source holds. */
export function mergeFamilies(sources: readonly (readonly NatsFamily[])[]): MergedFamilies {
  const byName = new Map<string, { readonly first: NatsFamily; readonly samples: NatsSample[] }>()
  for (const family of sources.flat()) {
    const known = byName.get(family.name)
    if (known === undefined) byName.set(family.name, { first: family, samples: Array.from(family.samples) })
    else for (const sample of family.samples) known.samples.push(sample)
  }
  const merged = Array.from(byName.values())
  const rankOf = rankLabels(merged.flatMap(({ samples }) => samples))
  let duplicates = 0
  const families = merged.map(({ first, samples }) => {
    const sorted = samples.sort((a, b) => rankOf(a) - rankOf(b))
    const distinct = sorted.filter((sample, i) => i === 0 || rankOf(sorted[i - 1]!) !== rankOf(sample))
    duplicates += sorted.length - distinct.length
    return { ...first, samples: distinct }
  })
  return { families: families.sort((a, b) => compareCodePoints(a.name, b.name)), duplicates }
}

/** Places of labels in their order, equal ones in one place. A dozen families share the labels of a connection: they are compared once. */
function rankLabels(samples: readonly NatsSample[]): (sample: NatsSample) => number {
  const sorted = Array.from(new Set(samples.map(({ labels }) => labels))).sort(compareLabels)
  const ranks = new Map<NatsLabels, number>()
  let rank = 0
  for (const [i, labels] of sorted.entries()) {
    if (i > 0 && compareLabels(sorted[i - 1]!, labels) !== 0) rank++
    ranks.set(labels, rank)
  }
  return ({ labels }) => ranks.get(labels) ?? 0
}

/** Fewer labels come first, then by the values in the order of the names. */
function compareLabels(a: NatsLabels, b: NatsLabels): number {
  if (a === b) return 0
  if (a.names.length !== b.names.length) return a.names.length - b.names.length
  return compareEach(a.values, b.values) || compareEach(a.names, b.names)
}

function compareEach(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareCodePoints(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return 0
}

/** A page of text format 0.0.4, to the byte as Go's client prints these families. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function serializeFamilies(families: readonly NatsFamily[]): string {
  const lines: string[] = []
  for (const { name, help, type, samples } of families) {
    lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`)
    for (const { labels, value } of samples) lines.push(`${name}${serializeLabels(labels)} ${formatGoFloat(value)}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** The samples of one connection share their labels, and so does every scrape until the next poll. */
const serialized = new WeakMap<NatsLabels, string>()

function serializeLabels(labels: NatsLabels): string {
  let text = serialized.get(labels)
  if (text === undefined) {
    const pairs = labels.names.map((name, i) => `${name}="${escapeQuoted(labels.values[i] ?? '')}"`)
    text = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
    serialized.set(labels, text)
  }
  return text
}

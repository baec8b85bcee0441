import { type MetricFamily, metricNameLabel } from '@promline/core'
import { isMetricName } from '../../registry/names.js'
import { compositeSuffixes } from './composite.js'
import { escapeSamples } from './escape-samples.js'
import { escapeMetricName, type NameEscaping } from './name-escaping.js'

/** Families whose names and labels every client knows. */
export interface EscapedFamilies {
  readonly families: readonly MetricFamily[]
  /** What was left out because its name became that of something else: `the family "a.b"`. */
  readonly dropped: readonly string[]
}

/**
 * Families with their names, and those of their labels, written in this escaping. The name of a family is escaped as a whole, and its series
 * have it with their own suffixes, so that they stay one family.
 *
 * Two names may become one, and a page with both could not be read. What has its name of old keeps it, then comes what stands first. Of
 * labels the others are left out, of series and families the later ones: to merge them would show numbers that nobody has counted.
 */
export function escapeFamilies(families: readonly MetricFamily[], escaping: NameEscaping): EscapedFamilies {
  if (escaping === 'allow-utf-8') return { families, dropped: [] }
  const dropped = new Set<string>()
  const taken = new Set(families.filter(({ name }) => isMetricName(name)).flatMap(namesOf))
  const escaped: MetricFamily[] = []
  for (const family of families) {
    const name = escapeMetricName(family.name, escaping)
    if (name !== family.name) {
      const names = namesOf(family).map((one) => `${name}${one.slice(family.name.length)}`)
      if (names.some((one) => taken.has(one))) {
        dropped.add(`the family ${JSON.stringify(family.name)}`)
        continue
      }
      for (const one of names) taken.add(one)
    }
    escaped.push({ ...family, name, samples: escapeSamples({ family, name, escaping, dropped }) })
  }
  return { families: escaped, dropped: [...dropped] }
}

/** The names of a family and of its series, those that it may have among them: a reader would take another's for one of its own. */
function namesOf({ name, type, samples }: MetricFamily): string[] {
  const ofSeries = compositeSuffixes.get(type)?.map((suffix) => `${name}${suffix}`) ?? []
  return [...new Set([name, ...ofSeries, ...samples.map(({ labels }) => labels.get(metricNameLabel) ?? '')])]
}

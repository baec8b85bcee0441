import type { MetricType } from '@promline/core'

/** What is known of a family of the Prometheus text format. */
export interface TextFamily {
  readonly name: string
  readonly type: MetricType
  /** Whether all of its samples could be a counter's: their name ends in `_total`, and none is below 0 or NaN. */
  readonly countsUp: boolean
}

/** The series of a counter that is declared by this name, with or without its `_total`. */
export function totalOf(familyName: string): string {
  return familyName.endsWith('_total') ? familyName : `${familyName}_total`
}

/**
 * The name and the type of a family in OpenMetrics. A counter's family has the name of its series without `_total`. One that OpenMetrics
 * would not call a counter, or whose names there another family has (also that of the time when it began, `_created`), is `unknown`: series
 * never change their names with the format.
 *
 * @param names of all families of the page, as they are in text
 */
export function openMetricsFamily(family: TextFamily, names: ReadonlySet<string>): { readonly name: string; readonly type: MetricType } {
  const { name, type, countsUp } = family
  if (type !== 'counter') return { name, type }
  const base = totalOf(name).slice(0, -'_total'.length)
  const isFree = base !== '' && (base === name || !(names.has(base) || names.has(`${base}_created`)))
  return isFree && countsUp ? { name: base, type } : { name, type: 'unknown' }
}

import type { MetricType } from '@promline/core'

/** What is known of a family of the Prometheus text format. */
export interface TextFamily {
  readonly name: string
  readonly type: MetricType
  /** Whether all of its samples could be a counter's: their name ends in `_total`, and none is below 0 or NaN. */
  readonly countsUp: boolean
}

/** All families of a page, by their names in text. */
export type TextFamilies = ReadonlyMap<string, { readonly type: MetricType }>

/** What a family in OpenMetrics keeps for its series, whether it has them or not: no other may be called that. */
const seriesSuffixes: readonly (readonly [suffix: string, types: readonly (MetricType | undefined)[]])[] = [
  ['_bucket', ['histogram', 'gaugehistogram']],
  ['_count', ['histogram', 'gaugehistogram', 'summary']],
  ['_sum', ['histogram', 'gaugehistogram', 'summary']],
  ['_gcount', ['gaugehistogram']],
  ['_gsum', ['gaugehistogram']],
  ['_created', ['counter', 'histogram', 'summary']],
]

/** The series of a counter that is declared by this name, with or without its `_total`. */
export function totalOf(familyName: string): string {
  return familyName.endsWith('_total') ? familyName : `${familyName}_total`
}

/**
 * The name and the type of a family in OpenMetrics. A counter's family has the name of its series without `_total`. One that OpenMetrics
 * would not call a counter, or whose names there another family or its series have (also that of the time when it began, `_created`), is
 * `unknown`: series never change their names with the format.
 */
export function openMetricsFamily(family: TextFamily, all: TextFamilies): { readonly name: string; readonly type: MetricType } {
  const { name, type, countsUp } = family
  if (type !== 'counter') return { name, type }
  const total = totalOf(name)
  const base = total.slice(0, -'_total'.length)
  const isTaken = (base !== name && all.has(base)) || all.has(`${base}_created`) || isSeriesName(base, all)
  if (base !== '' && countsUp && !isTaken) return { name: base, type }
  // An unknown one has the name of its series, unless that is another's.
  return { name: countsUp && !all.has(total) ? total : name, type: 'unknown' }
}

/** Whether a series of one of the families may have this name. */
function isSeriesName(name: string, all: TextFamilies): boolean {
  return seriesSuffixes.some(([suffix, types]) => {
    if (!name.endsWith(suffix)) return false
    const owner = name.slice(0, -suffix.length)
    return types.includes(all.get(owner)?.type) || (types.includes('counter') && all.get(`${owner}_total`)?.type === 'counter')
  })
}

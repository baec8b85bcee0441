import { metricNameLabel } from '../model/labels.js'
import type { MetricType } from '../model/metadata.js'
import type { Series } from '../model/series.js'
import { formatGoFloat, parseGoFloat } from '../model/go-float.js'

/** The name of a series that has none, as InfluxDB's own remote-write endpoint gives it. */
export const namelessMeasurement = 'prom_metric_not_specified'

/** What a series is to Telegraf, whatever the metric version. */
export type TelegrafRole =
  /** A series of its own. `field` is the name of its one field in metric version 1. */
  | { readonly kind: 'single'; readonly family: string; readonly field: 'counter' | 'gauge' | 'value' }
  /** The count or the sum of a histogram or summary. */
  | { readonly kind: 'total'; readonly family: string; readonly field: 'count' | 'sum' }
  /** A bucket or quantile; `bound` is its number as Go writes it. */
  | { readonly kind: 'bound'; readonly family: string; readonly label: 'le' | 'quantile'; readonly bound: string }

/**
 * The role of a series, by the type of its family and the suffix of its name. A series that does not fit the type (a bucket without a
 * bound, `foo` in a histogram `foo`) stands for itself, untyped: nothing is lost.
 */
export function telegrafRole({ labels, metadata }: Series): TelegrafRole {
  const name = labels.get(metricNameLabel) ?? namelessMeasurement
  const { name: family, type } = metadata
  if (type === 'histogram' || type === 'summary') {
    if (name === `${family}_count`) return { kind: 'total', family, field: 'count' }
    if (name === `${family}_sum`) return { kind: 'total', family, field: 'sum' }
    const label = type === 'histogram' ? 'le' : 'quantile'
    const bound = parseGoFloat(labels.get(label) ?? '')
    const boundName = type === 'histogram' ? `${family}_bucket` : family
    if (name === boundName && bound !== undefined) return { kind: 'bound', family, label, bound: formatGoFloat(bound) }
  }
  return { kind: 'single', family: name, field: singleField(type) }
}

/** Name of the series in metric version 2, where it is the field. */
export function fieldName(role: TelegrafRole): string {
  if (role.kind === 'single') return role.family
  if (role.kind === 'total') return `${role.family}_${role.field}`
  return role.label === 'le' ? `${role.family}_bucket` : role.family
}

function singleField(type: MetricType): 'counter' | 'gauge' | 'value' {
  return type === 'counter' || type === 'gauge' ? type : 'value'
}

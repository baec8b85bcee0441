import { formatGoFloat, parseGoFloat } from '../model/go-float.js'
import { metricNameLabel } from '../model/labels.js'
import type { Series } from '../model/series.js'

/** The name of a series that has none, as InfluxDB's own remote-write endpoint gives it. */
export const namelessMeasurement = 'prom_metric_not_specified'

/** The label that tells buckets or quantiles apart. */
export type BoundLabel = 'le' | 'quantile'

/** What a series is to Telegraf, whatever the metric version. */
export type TelegrafRole =
  /** A series of its own. `field` is the name of its one field in metric version 1. */
  | { readonly kind: 'single'; readonly family: string; readonly field: 'counter' | 'gauge' | 'value' }
  /** The count or the sum of a histogram (`label` is `le`) or summary (`quantile`). */
  | { readonly kind: 'total'; readonly family: string; readonly label: BoundLabel; readonly field: 'count' | 'sum' }
  /** A bucket or quantile. `field` is its bound as Go writes the number. */
  | { readonly kind: 'bound'; readonly family: string; readonly label: BoundLabel; readonly field: string }

/**
 * The role of a series, by the type of its family and the suffix of its name. A series that does not fit the type (a bucket without a
 * bound, `foo` in a histogram `foo`) stands for itself, untyped: nothing is lost.
 */
export function telegrafRole({ labels, metadata }: Series): TelegrafRole {
  const name = labels.get(metricNameLabel) ?? namelessMeasurement
  const { name: family, type } = metadata
  if (type === 'histogram' || type === 'summary') {
    const label = type === 'histogram' ? 'le' : 'quantile'
    if (name === `${family}_count`) return { kind: 'total', family, label, field: 'count' }
    if (name === `${family}_sum`) return { kind: 'total', family, label, field: 'sum' }
    const bound = name === boundName(family, label) ? parseGoFloat(labels.get(label) ?? '') : undefined
    if (bound !== undefined) return { kind: 'bound', family, label, field: formatGoFloat(bound) }
  }
  return { kind: 'single', family: name, field: type === 'counter' || type === 'gauge' ? type : 'value' }
}

/** Whether a row takes the series together with others of its histogram or summary. */
export function isShared(role: TelegrafRole, metricVersion: 1 | 2): role is Exclude<TelegrafRole, { kind: 'single' }> {
  return role.kind === 'total' || (role.kind === 'bound' && metricVersion === 1)
}

/** Name of the series in metric version 2, where it is the field. */
export function fieldName(role: TelegrafRole): string {
  if (role.kind === 'single') return role.family
  return role.kind === 'total' ? `${role.family}_${role.field}` : boundName(role.family, role.label)
}

function boundName(family: string, label: BoundLabel): string {
  return label === 'le' ? `${family}_bucket` : family
}

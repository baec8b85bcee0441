import type { MetricType } from '@promline/core'

/** The types of metric by their number in the messages, the same in 1.0 and 2.0: `MetricMetadata.MetricType`. */
const metricTypes: readonly MetricType[] = ['unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset']

/** The type of a number; a number that is not known yet is `unknown`, as protobuf's open enumerations ask. */
export function metricTypeOf(number: number): MetricType {
  return metricTypes[number] ?? 'unknown'
}

/** The number of a type. */
export function metricTypeNumber(type: MetricType): number {
  return metricTypes.indexOf(type)
}

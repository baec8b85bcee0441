import type parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { readGoFloat } from '../corpus/read-page.js'

/** A sample as plain values. */
export interface PlainSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

type Families = ReturnType<typeof parsePrometheusTextFormat>

/** What parse-prometheus-text-format found, as samples: it gives histograms and summaries as one entry with tables. */
export function* peerSamples(families: Families): Generator<PlainSample, void, undefined> {
  for (const { name, metrics } of families) {
    for (const { labels = {}, value, buckets = {}, quantiles = {}, sum, count } of metrics) {
      if (value !== undefined) yield { name, labels, value: readGoFloat(value) }
      for (const [le, text] of Object.entries(buckets))
        yield { name: `${name}_bucket`, labels: { ...labels, le }, value: readGoFloat(text) }
      for (const [quantile, text] of Object.entries(quantiles)) yield { name, labels: { ...labels, quantile }, value: readGoFloat(text) }
      if (sum !== undefined) yield { name: `${name}_sum`, labels, value: readGoFloat(sum) }
      if (count !== undefined) yield { name: `${name}_count`, labels, value: readGoFloat(count) }
    }
  }
}

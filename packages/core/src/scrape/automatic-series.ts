import type { SampleColumns } from '../model/batch.js'
import { hashBytes } from '../model/bytes.js'
import { type Labels, metricNameLabel } from '../model/labels.js'
import { LabelsBuilder } from '../model/labels-builder.js'
import { InternedSeries } from '../model/series.js'
import { createSeriesList, type SeriesList } from '../model/series-list.js'

/** What promline itself says of each scrape. https://prometheus.io/docs/concepts/jobs_instances/ */
export interface ScrapeReport {
  readonly up: boolean
  readonly durationMs: number
  readonly samplesScraped: number
  readonly samplesPostMetricRelabeling: number
  readonly seriesAdded: number
}

/** In Prometheus' order, with its units. */
const families: readonly (readonly [name: string, unit: string, help: string])[] = [
  ['up', 'targets', '1 if the last scrape of the target succeeded, 0 if it failed.'],
  ['scrape_duration_seconds', 'seconds', 'How long the last scrape of the target took.'],
  ['scrape_samples_scraped', 'samples', 'Samples that the target exposed at the last scrape.'],
  ['scrape_samples_post_metric_relabeling', 'samples', 'Samples that were left after metric relabelling at the last scrape.'],
  ['scrape_series_added', 'series', 'Series of the last scrape that were not in the one before.'],
]

/** The list of a target's automatic series. Make it once: the same object then comes with every scrape. */
export function automaticSeriesList(targetLabels: Labels): SeriesList {
  const series = families.map(([name, unit, help]) => {
    const labels = new LabelsBuilder(targetLabels).set(metricNameLabel, name).build()
    return new InternedSeries(labels, { name, type: 'gauge', help, unit }, hashBytes(labels.bytes))
  })
  return createSeriesList(series, { automatic: true })
}

/** The columns of one scrape's report. */
export function automaticColumns(series: SeriesList, report: ScrapeReport, timestampMs: number): SampleColumns {
  const { up, durationMs, samplesScraped, samplesPostMetricRelabeling, seriesAdded } = report
  const values = Float64Array.of(up ? 1 : 0, durationMs / 1000, samplesScraped, samplesPostMetricRelabeling, seriesAdded)
  return { kind: 'samples', series, values, timestampMs }
}

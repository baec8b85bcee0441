import { type Batch, type Origin, type SampleColumns, staleAt, timestampAt } from './batch.js'
import { createLabels, type Labels, type LabelsInput, metricNameLabel } from './labels.js'
import { type MetricMetadata, MetadataTable, unknownMetadata } from './metadata.js'
import type { Series } from './series.js'
import { SeriesListTable } from './series-list.js'
import { SeriesTable } from './series-table.js'

/** One sample as a plain object, for those who do not care about columns. */
export interface Sample {
  readonly labels: Labels
  readonly metadata: MetricMetadata
  /** NaN where stale. */
  readonly value: number
  readonly stale: boolean
  readonly timestampMs: number
  /** When the counter began; absent where unknown. */
  readonly startTimestampMs?: number
}

/** What `batchOf` makes a sample from. Without metadata the family is the metric's name and its type unknown. */
export interface SampleInput {
  readonly labels: LabelsInput
  readonly value: number
  readonly timestampMs: number
  readonly stale?: boolean
  readonly metadata?: MetricMetadata
  readonly startTimestampMs?: number
}

/** The samples of a batch, in order. Native histograms and exemplars are not samples: read their columns. */
export function* samplesOf(batch: Batch): Generator<Sample, void, undefined> {
  for (const columns of batch.columns) {
    if (columns.kind !== 'samples') continue
    for (let i = 0; i < columns.values.length; i++) yield sampleAt(columns, i)
  }
}

function sampleAt(columns: SampleColumns, i: number): Sample {
  const { labels, metadata } = columns.series.at(i)
  const sample = { labels, metadata, value: columns.values[i]!, stale: staleAt(columns, i), timestampMs: timestampAt(columns, i) }
  const start = columns.startTimestampMs?.[i]
  return start === undefined || Number.isNaN(start) ? sample : { ...sample, startTimestampMs: start }
}

/** Makes a batch of plain samples. Several samples of a series keep their order. Throws a PromlineError (`labels`). */
export function batchOf(samples: Iterable<SampleInput>, origin: Origin = { kind: 'registry', id: 'samples' }): Batch {
  const table = new SeriesTable()
  const metadata = new MetadataTable()
  const rounds: { series: Series[]; samples: SampleInput[] }[] = []
  const occurrences = new Map<Series, number>()
  for (const sample of samples) {
    const labels = createLabels(sample.labels)
    const described = metadata.intern(sample.metadata ?? unknownMetadata(labels.get(metricNameLabel) ?? ''))
    const series = table.intern(labels, described, 0)
    const round = occurrences.get(series) ?? 0
    occurrences.set(series, round + 1)
    rounds[round] ??= { series: [], samples: [] }
    rounds[round].series.push(series)
    rounds[round].samples.push(sample)
  }
  const lists = new SeriesListTable()
  const columns = rounds.flatMap((round) =>
    lists.cut(round.series, 0).map((run) => toColumns(run.list, round.samples.slice(run.start, run.end))),
  )
  return { origin, columns }
}

function toColumns(series: SampleColumns['series'], samples: readonly SampleInput[]): SampleColumns {
  const first = samples[0]?.timestampMs ?? 0
  const columns: SampleColumns = {
    kind: 'samples',
    series,
    values: Float64Array.from(samples, (sample) => (sample.stale ? Number.NaN : sample.value)),
    timestampMs: samples.every((sample) => sample.timestampMs === first)
      ? first
      : Float64Array.from(samples, (sample) => sample.timestampMs),
  }
  return {
    ...columns,
    ...(samples.some((sample) => sample.stale) && { stale: Uint8Array.from(samples, (sample) => (sample.stale ? 1 : 0)) }),
    ...(samples.some((sample) => sample.startTimestampMs !== undefined) && {
      startTimestampMs: Float64Array.from(samples, (sample) => sample.startTimestampMs ?? Number.NaN),
    }),
  }
}

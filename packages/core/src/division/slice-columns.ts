import type { Columns, ExemplarColumns, HistogramColumns, SampleColumns } from '../model/batch.js'
import { type PackedSeriesList, PackedSeriesListBuilder, packedOf } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'

/** Slices that were made before, so that a list that is cut alike again gives the same objects and encoders find their templates. */
const slices = new WeakMap<SeriesList, Map<string, SeriesList>>()

/** The series from `start` to `end`, exclusive. */
export function sliceSeriesList(list: SeriesList, start: number, end: number): SeriesList {
  if (start === 0 && end === list.length) return list
  const key = `${start}-${end}`
  const known = slices.get(list) ?? new Map<string, SeriesList>()
  slices.set(list, known)
  const slice = known.get(key) ?? copySlice(list, start, end)
  known.set(key, slice)
  return slice
}

function copySlice(list: SeriesList, start: number, end: number): SeriesList {
  const builder = new PackedSeriesListBuilder()
  builder.addRows(packedOf(list), start, end)
  return builder.build({ automatic: list.automatic ?? false })
}

/** The series of these rows, which are in order. */
function pickSeries(list: SeriesList, rows: readonly number[]): PackedSeriesList {
  const packed = packedOf(list)
  const builder = new PackedSeriesListBuilder()
  for (let i = 0; i < rows.length; ) {
    const start = i
    while (rows[++i] === rows[start]! + i - start);
    builder.addRows(packed, rows[start]!, rows[i - 1]! + 1)
  }
  return builder.build({ automatic: list.automatic ?? false })
}

/** The rows from `start` to `end`, exclusive. Numbers are views, not copies. Exemplars follow their rows. */
export function sliceColumns(columns: Columns, start: number, end: number): Columns {
  if (columns.kind === 'samples') return sliceSamples(columns, start, end)
  return columns.kind === 'histograms' ? sliceHistograms(columns, start, end) : sliceExemplars(columns, start, end)
}

function sliceSamples(columns: SampleColumns, start: number, end: number): SampleColumns {
  return {
    kind: 'samples',
    series: sliceSeriesList(columns.series, start, end),
    values: columns.values.subarray(start, end),
    ...sliceTimes(columns, start, end),
  }
}

function sliceHistograms(columns: HistogramColumns, start: number, end: number): HistogramColumns {
  return {
    kind: 'histograms',
    series: sliceSeriesList(columns.series, start, end),
    histograms: columns.histograms.slice(start, end),
    ...sliceTimes(columns, start, end),
  }
}

type Times = Pick<SampleColumns, 'timestampMs' | 'stale' | 'startTimestampMs'>

function sliceTimes(columns: SampleColumns | HistogramColumns, start: number, end: number): Times {
  const { timestampMs, stale, startTimestampMs } = columns
  return {
    timestampMs: typeof timestampMs === 'number' ? timestampMs : timestampMs.subarray(start, end),
    ...(stale !== undefined && { stale: stale.subarray(start, end) }),
    ...(startTimestampMs !== undefined && { startTimestampMs: startTimestampMs.subarray(start, end) }),
  }
}

function sliceExemplars(columns: ExemplarColumns, start: number, end: number): ExemplarColumns {
  const kept: number[] = []
  for (let i = 0; i < columns.rows.length; i++) if (columns.rows[i]! >= start && columns.rows[i]! < end) kept.push(i)
  return {
    kind: 'exemplars',
    series: sliceSeriesList(columns.series, start, end),
    rows: Uint16Array.from(kept, (i) => columns.rows[i]! - start),
    exemplars: kept.map((i) => columns.exemplars[i]!),
  }
}

/** Only these rows, which are in order. Numbers are copied. */
export function pickRows<T extends SampleColumns | HistogramColumns>(columns: T, rows: readonly number[]): T {
  const { timestampMs, stale, startTimestampMs } = columns
  const picked = {
    series: pickSeries(columns.series, rows),
    timestampMs: typeof timestampMs === 'number' ? timestampMs : Float64Array.from(rows, (i) => timestampMs[i]!),
    ...(stale !== undefined && { stale: Uint8Array.from(rows, (i) => stale[i]!) }),
    ...(startTimestampMs !== undefined && { startTimestampMs: Float64Array.from(rows, (i) => startTimestampMs[i]!) }),
  }
  if (columns.kind === 'samples') {
    const { values } = columns
    return { ...columns, ...picked, values: Float64Array.from(rows, (i) => values[i]!) }
  }
  const { histograms } = columns
  return { ...columns, ...picked, histograms: rows.map((i) => histograms[i]!) }
}

import type { HistogramColumns, SampleColumns } from '../model/batch.js'
import { type PackedSeriesList, PackedSeriesListBuilder, packedOf } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'

interface Slices {
  readonly packed: PackedSeriesList
  readonly byRange: Map<string, SeriesList>
}

/** Slices that were made before, so that a list that is cut alike again gives the same objects and encoders find their templates. */
const slices = new WeakMap<SeriesList, Slices>()

function slicesOf(list: SeriesList): Slices {
  const known = slices.get(list) ?? { packed: packedOf(list), byRange: new Map<string, SeriesList>() }
  slices.set(list, known)
  return known
}

/** The packed form of a list that is cut: made once, for there is a piece to be copied out of it for every cut. */
export function packedForCuts(list: SeriesList): PackedSeriesList {
  return slicesOf(list).packed
}

/** The series from `start` to `end`, exclusive. */
export function sliceSeriesList(list: SeriesList, start: number, end: number): SeriesList {
  if (start === 0 && end === list.length) return list
  const { packed, byRange } = slicesOf(list)
  const key = `${start}-${end}`
  const slice = byRange.get(key) ?? copySlice(packed, start, end)
  byRange.set(key, slice)
  return slice
}

function copySlice(packed: PackedSeriesList, start: number, end: number): SeriesList {
  const builder = new PackedSeriesListBuilder()
  builder.addRows(packed, start, end)
  return builder.build({ automatic: packed.automatic ?? false })
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

/** The rows from `start` to `end`, exclusive. Numbers are views, not copies. */
export function sliceRows(columns: SampleColumns | HistogramColumns, start: number, end: number): SampleColumns | HistogramColumns {
  return columns.kind === 'samples' ? sliceSamples(columns, start, end) : sliceHistograms(columns, start, end)
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

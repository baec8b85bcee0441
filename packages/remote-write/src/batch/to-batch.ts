import type { Batch, Columns, Exemplar, ExemplarColumns, Origin, Series, SeriesList, SeriesRun } from '@promline/core'
import { reduceHistogram } from '../message/reduce-histogram.js'
import type { HistogramValue, SampleValue, WriteRequest } from '../message/write-request.js'
import type { ClientSeries } from './client-series.js'

/** The rows of an exemplar's list are 16 bits. */
const maxRow = 0xffff
/** A list made for exemplars alone is cut here, like any other. */
const maxExemplarList = 1024

/**
 * A request that was checked as a batch: interned series in the order of the message, several values of a series as several columns,
 * one after the other, and exemplars at the rows of their series' samples where there are any. Histograms of finer schemas are reduced.
 * Throws a PromlineError (`decode`) where one cannot be.
 */
export function batchOfRequest(request: WriteRequest, origin: Origin, client: ClientSeries): Batch {
  client.learn(request.metadata)
  const samples = new Map<Series, SampleValue[]>()
  const histograms = new Map<Series, HistogramValue[]>()
  const exemplars: { series: Series; exemplar: Exemplar }[] = []
  for (const entry of request.series) {
    const series = client.seriesOf(entry)
    addValues(samples, series, entry.samples)
    addValues(histograms, series, entry.histograms)
    for (const exemplar of entry.exemplars) exemplars.push({ series, exemplar })
  }
  const places = exemplars.length > 0 ? new Map<Series, Place>() : undefined
  const columns: Columns[] = []
  const context = { client, places, columns }
  addColumns(samples, sampleColumns, context)
  addColumns(histograms, histogramColumns, context)
  if (places !== undefined) columns.push(...exemplarColumns(exemplars, places, client))
  return { origin, columns }
}

function addValues<Value>(all: Map<Series, Value[]>, series: Series, values: readonly Value[]): void {
  if (values.length === 0) return
  const known = all.get(series)
  if (known === undefined) all.set(series, [...values])
  else for (const value of values) known.push(value)
}

/** The n-th values of all series that have so many stand side by side, round after round. */
function addColumns<Value>(
  all: ReadonlyMap<Series, readonly Value[]>,
  columnsOf: (run: SeriesRun, values: readonly Value[]) => Columns,
  { client, places, columns }: { client: ClientSeries; places: Map<Series, Place> | undefined; columns: Columns[] },
): void {
  let left = [...all]
  let runs = client.cut([...all.keys()])
  if (places !== undefined) for (const run of runs) notePlaces(places, run.list)
  for (let round = 0; left.length > 0; round++) {
    const longer = left.filter(([, values]) => values.length > round)
    // Cut again only where series have ended: one that is thousands of samples long must not cost a cut for each.
    if (longer.length < left.length) runs = client.cut(longer.map(([series]) => series))
    left = longer
    for (const run of runs) {
      const values = left.slice(run.start, run.end).map(([, all]) => all[round]!)
      columns.push(columnsOf(run, values))
    }
  }
}

/** Where a series stands. */
interface Place {
  readonly list: SeriesList
  readonly row: number
}

function notePlaces(places: Map<Series, Place>, list: SeriesList): void {
  for (let row = 0; row < Math.min(list.length, maxRow + 1); row++) {
    const series = list.at(row)
    if (!places.has(series)) places.set(series, { list, row })
  }
}

function sampleColumns(run: SeriesRun, values: readonly SampleValue[]): Columns {
  return {
    kind: 'samples',
    series: run.list,
    values: Float64Array.from(values, (sample) => sample.value),
    ...timesOf(values),
  }
}

function histogramColumns(run: SeriesRun, values: readonly HistogramValue[]): Columns {
  // The buckets of a staleness marker have no meaning, so nobody has validated them.
  const histograms = values.map(({ histogram, stale }) => (stale ? histogram : reduceHistogram(histogram)))
  return { kind: 'histograms', series: run.list, histograms, ...timesOf(values) }
}

/** One timestamp where all rows share it, and the markers where there are any. */
function timesOf(values: readonly (SampleValue | HistogramValue)[]): { timestampMs: number | Float64Array; stale?: Uint8Array } {
  const first = values[0]?.timestampMs ?? 0
  const shared = values.every((value) => value.timestampMs === first)
  return {
    timestampMs: shared ? first : Float64Array.from(values, (value) => value.timestampMs),
    ...(values.some((value) => value.stale) && { stale: Uint8Array.from(values, (value) => (value.stale ? 1 : 0)) }),
  }
}

/** Exemplars by list, in their order. A series without a place in the batch (Prometheus sends exemplars apart) gets lists of its own. */
function exemplarColumns(
  found: readonly { readonly series: Series; readonly exemplar: Exemplar }[],
  places: Map<Series, Place>,
  client: ClientSeries,
): ExemplarColumns[] {
  const apart = [...new Set(found.map(({ series }) => series))].filter((series) => !places.has(series))
  for (let start = 0; start < apart.length; start += maxExemplarList) {
    const part = apart.slice(start, start + maxExemplarList)
    const list = client.list(part)
    part.forEach((series, row) => {
      places.set(series, { list, row })
    })
  }
  const byList = new Map<SeriesList, { rows: number[]; exemplars: Exemplar[] }>()
  for (const { series, exemplar } of found) {
    const place = places.get(series)!
    const group = byList.get(place.list) ?? { rows: [], exemplars: [] }
    group.rows.push(place.row)
    group.exemplars.push(exemplar)
    byList.set(place.list, group)
  }
  return [...byList].map(([series, group]) => ({
    kind: 'exemplars',
    series,
    rows: Uint16Array.from(group.rows),
    exemplars: group.exemplars,
  }))
}

import type { Batch, Columns, Exemplar, ExemplarColumns, Origin, Series, SeriesList, SeriesRun } from '@promline/core'
import type { HistogramValue, SampleValue, WriteRequest } from '../message/write-request.js'
import type { ClientSeries } from './client-series.js'

/** The n-th value of each series that has so many: what becomes one run of columns. */
interface Round<Value> {
  readonly series: Series[]
  readonly values: Value[]
}

/** The rows of an exemplar's list are 16 bits. */
const maxRow = 0xffff
/** A list made for exemplars alone is cut here, like any other. */
const maxExemplarList = 1024

/**
 * A request as a batch: interned series in the order of the message, several values of a series as several columns, one after the
 * other, and exemplars at the rows of their series' samples where there are any.
 */
export function batchOfRequest(request: WriteRequest, origin: Origin, client: ClientSeries): Batch {
  client.metadata.learn(request.metadata)
  const samples = new Rounds<SampleValue>()
  const histograms = new Rounds<HistogramValue>()
  const exemplars: { series: Series; exemplar: Exemplar }[] = []
  for (const entry of request.series) {
    const series = client.intern(entry.labels)
    for (const value of entry.samples) samples.add(series, value)
    for (const value of entry.histograms) histograms.add(series, value)
    for (const exemplar of entry.exemplars) exemplars.push({ series, exemplar })
  }
  const places = new Map<Series, Place>()
  const columns: Columns[] = []
  for (const round of samples.rounds) {
    for (const run of client.cut(round.series)) {
      notePlaces(places, run.list)
      columns.push(sampleColumns(run, round.values))
    }
  }
  for (const round of histograms.rounds) {
    for (const run of client.cut(round.series)) {
      notePlaces(places, run.list)
      columns.push(histogramColumns(run, round.values))
    }
  }
  if (exemplars.length > 0) columns.push(...exemplarColumns(exemplars, places, client))
  return { origin, columns }
}

/** Values by series, the n-th of each in the n-th round. */
class Rounds<Value> {
  readonly rounds: Round<Value>[] = []
  readonly #occurrences = new Map<Series, number>()

  add(series: Series, value: Value): void {
    const occurrence = this.#occurrences.get(series) ?? 0
    this.#occurrences.set(series, occurrence + 1)
    this.rounds[occurrence] ??= { series: [], values: [] }
    this.rounds[occurrence].series.push(series)
    this.rounds[occurrence].values.push(value)
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

function sampleColumns(run: SeriesRun, all: readonly SampleValue[]): Columns {
  const values = all.slice(run.start, run.end)
  return {
    kind: 'samples',
    series: run.list,
    values: Float64Array.from(values, (sample) => sample.value),
    ...timesOf(values),
  }
}

function histogramColumns(run: SeriesRun, all: readonly HistogramValue[]): Columns {
  const values = all.slice(run.start, run.end)
  return { kind: 'histograms', series: run.list, histograms: values.map((value) => value.histogram), ...timesOf(values) }
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

import type { SampleColumns } from '../model/batch.js'
import type { SeriesList } from '../model/series-list.js'

/** A staleness marker for each series of a list. */
export function staleColumns(series: SeriesList, timestampMs: number): SampleColumns {
  const values = new Float64Array(series.length).fill(Number.NaN)
  return { kind: 'samples', series, values, stale: new Uint8Array(series.length).fill(1), timestampMs }
}

import type { Columns, ExemplarColumns, HistogramColumns, SampleColumns } from '../model/batch.js'
import type { RelabeledList } from './relabel-list.js'

/** The columns with the relabelled list: rows of dropped series are left out, everything else is shared with the columns before. */
export function gatherColumns(columns: Columns, { series, rows }: RelabeledList): Columns {
  if (rows === undefined) return { ...columns, series }
  switch (columns.kind) {
    case 'samples':
      return { ...columns, series, values: gather(columns.values, rows), ...gatherTimes(columns, rows) }
    case 'histograms':
      return {
        ...columns,
        series,
        histograms: Array.from(rows, (row) => columns.histograms[row]!),
        ...gatherTimes(columns, rows),
      }
    case 'exemplars':
      return gatherExemplars(columns, { series, rows })
  }
}

type Times = Pick<SampleColumns, 'timestampMs' | 'stale' | 'startTimestampMs'>

function gatherTimes({ timestampMs, stale, startTimestampMs }: SampleColumns | HistogramColumns, rows: Uint32Array): Times {
  return {
    timestampMs: typeof timestampMs === 'number' ? timestampMs : gather(timestampMs, rows),
    ...(stale !== undefined && { stale: Uint8Array.from(rows, (row) => stale[row]!) }),
    ...(startTimestampMs !== undefined && { startTimestampMs: gather(startTimestampMs, rows) }),
  }
}

function gather(values: Float64Array, rows: Uint32Array): Float64Array {
  const gathered = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) gathered[i] = values[rows[i]!]!
  return gathered
}

function gatherExemplars(columns: ExemplarColumns, { series, rows }: Required<RelabeledList>): ExemplarColumns {
  const rowAfter = new Map(Array.from(rows, (before, after) => [before, after]))
  const kept: number[] = []
  const exemplars = columns.exemplars.filter((_, i) => {
    const row = rowAfter.get(columns.rows[i]!)
    if (row !== undefined) kept.push(row)
    return row !== undefined
  })
  return { kind: 'exemplars', series, rows: Uint16Array.from(kept), exemplars }
}

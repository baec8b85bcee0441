import {
  type Batch,
  type Columns,
  type Counts,
  countsOf,
  type ExemplarColumns,
  subtractCounts,
  timestampAt,
  totalOf,
} from '../model/batch.js'
import { stampExemplars } from './exemplar-times.js'
import { pickRows } from './slice-columns.js'

/** A batch without what is older than `oldestMs`, and what that was. An exemplar without a time goes with its sample. */
export function dropOlder(batch: Batch, oldestMs: number): { readonly batch: Batch; readonly dropped: Counts } {
  const columns: Columns[] = []
  for (const one of stampExemplars(batch).columns) {
    const kept = one.kind === 'exemplars' ? youngExemplars(one, oldestMs) : youngRows(one, oldestMs)
    if (kept !== undefined) columns.push(kept)
  }
  const younger = { ...batch, columns }
  const dropped = subtractCounts(countsOf(batch), countsOf(younger))
  return { batch: totalOf(dropped) === 0 ? batch : younger, dropped }
}

function youngRows(columns: Exclude<Columns, ExemplarColumns>, oldestMs: number): Columns | undefined {
  if (typeof columns.timestampMs === 'number') return columns.timestampMs >= oldestMs ? columns : undefined
  const rows: number[] = []
  for (let i = 0; i < columns.series.length; i++) if (timestampAt(columns, i) >= oldestMs) rows.push(i)
  if (rows.length === columns.series.length) return columns
  return rows.length === 0 ? undefined : pickRows(columns, rows)
}

/** One that belongs to no sample says nothing of its age. */
function youngExemplars(columns: ExemplarColumns, oldestMs: number): Columns | undefined {
  const kept = columns.exemplars.flatMap(({ timestampMs = oldestMs }, i) => (timestampMs >= oldestMs ? [i] : []))
  if (kept.length === columns.exemplars.length) return columns
  if (kept.length === 0) return undefined
  return { ...columns, rows: Uint16Array.from(kept, (i) => columns.rows[i]!), exemplars: kept.map((i) => columns.exemplars[i]!) }
}

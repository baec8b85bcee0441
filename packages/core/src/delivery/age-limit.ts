import { type Batch, type Columns, type Counts, countsOf, type ExemplarColumns, subtractCounts, timestampAt } from '../model/batch.js'
import type { SeriesList } from '../model/series-list.js'
import { pickRows } from './slice-columns.js'

/** A batch without what is older than `oldestMs`, and what that was. An exemplar without a time goes with the samples of its list. */
export function dropOlder(batch: Batch, oldestMs: number): { readonly batch: Batch; readonly dropped: Counts } {
  const keptLists = new Set<SeriesList>()
  const columns: Columns[] = []
  for (const one of batch.columns) {
    const kept = one.kind === 'exemplars' ? youngExemplars(one, oldestMs, keptLists) : youngRows(one, oldestMs)
    if (kept === undefined) continue
    if (one.kind !== 'exemplars') keptLists.add(one.series)
    columns.push(kept)
  }
  const unchanged = columns.length === batch.columns.length && columns.every((one, i) => one === batch.columns[i])
  const younger = unchanged ? batch : { ...batch, columns }
  return { batch: younger, dropped: subtractCounts(countsOf(batch), countsOf(younger)) }
}

function youngRows(columns: Exclude<Columns, ExemplarColumns>, oldestMs: number): Columns | undefined {
  if (typeof columns.timestampMs === 'number') return columns.timestampMs >= oldestMs ? columns : undefined
  const rows: number[] = []
  for (let i = 0; i < columns.series.length; i++) if (timestampAt(columns, i) >= oldestMs) rows.push(i)
  if (rows.length === columns.series.length) return columns
  return rows.length === 0 ? undefined : pickRows(columns, rows)
}

function youngExemplars(columns: ExemplarColumns, oldestMs: number, keptLists: ReadonlySet<SeriesList>): Columns | undefined {
  const isYoung = (timestampMs: number | undefined): boolean =>
    timestampMs === undefined ? keptLists.has(columns.series) : timestampMs >= oldestMs
  const kept = columns.exemplars.flatMap((exemplar, i) => (isYoung(exemplar.timestampMs) ? [i] : []))
  if (kept.length === columns.exemplars.length) return columns
  if (kept.length === 0) return undefined
  return { ...columns, rows: Uint16Array.from(kept, (i) => columns.rows[i]!), exemplars: kept.map((i) => columns.exemplars[i]!) }
}

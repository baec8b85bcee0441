import type { Batch, Columns } from '../model/batch.js'
import { groupHashAt, packedOf } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'
import { sliceColumns } from './slice-columns.js'

/** Columns of one batch that stand side by side on one list: several samples of its series, with their exemplars. They are cut by rows. */
export interface Unit {
  readonly batch: Batch
  readonly series: SeriesList
  readonly columns: readonly Columns[]
  readonly total: number
}

/** The units of batches, in order; none is empty. */
export function unitsOf(batches: readonly Batch[]): Unit[] {
  const units: Unit[] = []
  for (const batch of batches) {
    const { columns } = batch
    for (let start = 0; start < columns.length; ) {
      const { series } = columns[start]!
      let end = start + 1
      while (columns[end]?.series === series) end++
      const unit = createUnit(batch, series, columns.slice(start, end))
      if (unit.total > 0) units.push(unit)
      start = end
    }
  }
  return units
}

function createUnit(batch: Batch, series: SeriesList, columns: readonly Columns[]): Unit {
  const kept = columns.every((one) => totalOfColumns(one) > 0) ? columns : columns.filter((one) => totalOfColumns(one) > 0)
  let total = 0
  for (const one of kept) total += totalOfColumns(one)
  return { batch, series, columns: kept, total }
}

function totalOfColumns(columns: Columns): number {
  if (columns.kind === 'samples') return columns.values.length
  return columns.kind === 'histograms' ? columns.histograms.length : columns.exemplars.length
}

/** How much batches hold, of all kinds. */
export function totalOfBatches(batches: readonly Batch[]): number {
  let total = 0
  for (const { columns } of batches) for (const one of columns) total += totalOfColumns(one)
  return total
}

/** Units as batches again: neighbours of one batch are one. */
export function batchesOf(units: readonly Unit[]): Batch[] {
  const batches: Batch[] = []
  for (let i = 0; i < units.length; ) {
    const { batch } = units[i]!
    const columns: Columns[] = []
    for (; units[i]?.batch === batch; i++) for (const one of units[i]!.columns) columns.push(one)
    batches.push({ ...batch, columns })
  }
  return batches
}

/** Cuts a unit in two, the first with about `wanted` of its total, or less. Undefined: it is one sample, or one exemplar. */
export function cutUnit(unit: Unit, wanted: number): readonly [Unit, Unit] | undefined {
  const share = wanted / unit.total
  const rows = unit.series.length
  if (rows > 1) {
    const row = groupBoundary(unit.series, clamp(Math.floor(rows * share), rows - 1))
    const part = (start: number, end: number): Unit => {
      const columns = unit.columns.map((one) => sliceColumns(one, start, end))
      return createUnit(unit.batch, columns[0]!.series, columns)
    }
    return [part(0, row), part(row, rows)]
  }
  const { columns } = unit
  if (columns.length > 1) {
    const at = clamp(Math.floor(columns.length * share), columns.length - 1)
    return [createUnit(unit.batch, unit.series, columns.slice(0, at)), createUnit(unit.batch, unit.series, columns.slice(at))]
  }
  return cutExemplars(unit, share)
}

function cutExemplars(unit: Unit, share: number): readonly [Unit, Unit] | undefined {
  const [columns] = unit.columns
  if (columns?.kind !== 'exemplars' || columns.exemplars.length < 2) return undefined
  const at = clamp(Math.floor(columns.exemplars.length * share), columns.exemplars.length - 1)
  const part = (start: number, end?: number): Unit =>
    createUnit(unit.batch, unit.series, [
      { ...columns, rows: columns.rows.slice(start, end), exemplars: columns.exemplars.slice(start, end) },
    ])
  return [part(0, at), part(at)]
}

function clamp(at: number, max: number): number {
  return Math.min(Math.max(at, 1), max)
}

/** The last row up to `row` where a histogram, summary or other group begins, so that none is cut without need. */
function groupBoundary(series: SeriesList, row: number): number {
  const packed = packedOf(series)
  let hash = groupHashAt(packed, row)
  for (let i = row; i > 0; i--) {
    const before = groupHashAt(packed, i - 1)
    if (before !== hash) return i
    hash = before
  }
  return row
}

import type { Batch, Columns } from '../model/batch.js'
import type { SeriesList } from '../model/series-list.js'

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

/** A unit of these columns, without those that hold nothing. */
export function createUnit(batch: Batch, series: SeriesList, columns: readonly Columns[]): Unit {
  const kept = columns.every((one) => totalOfColumns(one) > 0) ? columns : columns.filter((one) => totalOfColumns(one) > 0)
  let total = 0
  for (const one of kept) total += totalOfColumns(one)
  return { batch, series, columns: kept, total }
}

/** How much columns hold. */
export function totalOfColumns(columns: Columns): number {
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

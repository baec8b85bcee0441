import type { Batch, Columns } from '../model/batch.js'
import type { SeriesList } from '../model/series-list.js'
import { cutUnit, fitUnit } from './cut-unit.js'
import { stampExemplars } from './exemplar-times.js'
import { FirstFit } from './first-fit.js'
import { isUnordered, originKey } from './independence.js'
import { batchesOf, totalOfBatches, type Unit, unitsOf } from './units.js'

/**
 * Two halves, by size: between lists where that is even enough (neither below a quarter), else inside one, between groups where possible.
 * A series stands in one half, unless the same list comes twice. Undefined: there is only one sample, or one exemplar.
 */
export function halve(batches: readonly Batch[]): readonly [Batch[], Batch[]] | undefined {
  const units = unitsOf(batches.map(stampExemplars))
  const total = units.reduce((sum, unit) => sum + unit.total, 0)
  let before = 0
  for (let i = 0; i < units.length; i++) {
    const unit = units[i]!
    const after = before + unit.total
    if (after < total / 2) {
      before = after
      continue
    }
    if (i + 1 < units.length && after <= (total * 3) / 4) return split(units, i + 1)
    if (i > 0 && before >= total / 4) return split(units, i)
    const cut = cutUnit(unit, total / 2 - before)
    if (cut !== undefined) return [batchesOf([...units.slice(0, i), cut[0]]), batchesOf([cut[1], ...units.slice(i + 1)])]
    return units.length > 1 ? split(units, Math.max(i, 1)) : undefined
  }
  return undefined
}

function split(units: readonly Unit[], at: number): readonly [Batch[], Batch[]] {
  return [batchesOf(units.slice(0, at)), batchesOf(units.slice(at))]
}

/** Runs of at most `maxTotal` samples, histograms and exemplars together, cut between lists where possible. In order. */
export function divideBySize(batches: readonly Batch[], maxTotal: number): Batch[][] {
  if (totalOfBatches(batches) <= maxTotal) return [[...batches]]
  const runs: Unit[][] = []
  let room = 0
  for (const unit of fittingUnits(batches, maxTotal)) {
    if (unit.total <= room) {
      runs.at(-1)?.push(unit)
      room -= unit.total
    } else {
      runs.push([unit])
      room = maxTotal - unit.total
    }
  }
  return runs.map(batchesOf)
}

/**
 * As `divideBySize`, but the lists of a batch whose order says nothing go into the first run that has room for them: a tenth fewer runs,
 * where lists are cut by content.
 */
export function packBySize(batches: readonly Batch[], maxTotal: number): Batch[][] {
  if (totalOfBatches(batches) <= maxTotal) return [[...batches]]
  if (batches.length > 1 || !batches.every(isUnordered)) return divideBySize(batches, maxTotal)
  const runs: Unit[][] = []
  const rooms = new FirstFit()
  // A single series that had to be cut is in several units of one list: none of them goes before the one that it came after.
  const lastRuns = new Map<SeriesList, number>()
  for (const unit of fittingUnits(batches, maxTotal)) {
    const at = rooms.find(lastRuns.get(unit.series) ?? 0, unit.total) ?? rooms.push(maxTotal)
    const run = runs[at]
    if (run === undefined) runs.push([unit])
    else run.push(unit)
    rooms.take(at, unit.total)
    lastRuns.set(unit.series, at)
  }
  return runs.map(batchesOf)
}

/** Units of at most `maxTotal`, in order; larger where one cannot be cut any more. */
function fittingUnits(batches: readonly Batch[], maxTotal: number): readonly Unit[] {
  const units: Unit[] = []
  for (const unit of unitsOf(batches.map(stampExemplars))) fitUnit(unit, maxTotal, units)
  return units
}

/** The batches of each origin apart, each in order. */
export function divideByOrigin(batches: readonly Batch[]): Batch[][] {
  const origins = new Map<string, Batch[]>()
  for (const batch of batches) {
    const key = originKey(batch.origin)
    const known = origins.get(key)
    if (known === undefined) origins.set(key, [batch])
    else known.push(batch)
  }
  return [...origins.values()]
}

/** Neighbours of one origin as one batch: what was cut out of batches piece by piece. */
export function joinNeighbours(batches: readonly Batch[]): Batch[] {
  const joined: { readonly batch: Batch; readonly columns: Columns[] }[] = []
  for (const batch of batches) {
    const last = joined.at(-1)
    if (last?.batch.origin !== batch.origin) joined.push({ batch, columns: [...batch.columns] })
    else for (const one of batch.columns) last.columns.push(one)
  }
  return joined.map(({ batch, columns }) => ({ ...batch, columns }))
}

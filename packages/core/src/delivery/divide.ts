import { addCounts, type Batch, type Columns, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import { groupHash } from '../model/series.js'
import type { SeriesList } from '../model/series-list.js'
import { sliceColumns } from './slice-columns.js'

/** Columns of one batch that stand side by side on one list: several samples of its series, with their exemplars. They are cut by rows. */
interface Unit {
  readonly batch: Batch
  readonly series: SeriesList
  readonly columns: readonly Columns[]
  readonly total: number
}

function unitsOf(batches: readonly Batch[]): Unit[] {
  const units: Unit[] = []
  for (const batch of batches) {
    for (let i = 0; i < batch.columns.length; ) {
      const { series } = batch.columns[i]!
      const start = i
      while (batch.columns[i]?.series === series) i++
      const unit = createUnit(batch, series, batch.columns.slice(start, i))
      if (unit.total > 0) units.push(unit)
    }
  }
  return units
}

function createUnit(batch: Batch, series: SeriesList, columns: readonly Columns[]): Unit {
  const kept = columns.filter((one) => totalOfColumns(one) > 0)
  return { batch, series, columns: kept, total: kept.reduce((total, one) => total + totalOfColumns(one), 0) }
}

function totalOfColumns(columns: Columns): number {
  if (columns.kind === 'samples') return columns.values.length
  return columns.kind === 'histograms' ? columns.histograms.length : columns.exemplars.length
}

function batchesOf(units: readonly Unit[]): Batch[] {
  const batches: Batch[] = []
  for (let i = 0; i < units.length; ) {
    const { batch } = units[i]!
    const columns: Columns[] = []
    while (units[i]?.batch === batch) columns.push(...units[i++]!.columns)
    batches.push({ ...batch, columns })
  }
  return batches
}

/** Cuts a unit in two, the first with about `wanted` of its total, or less. Undefined: it is one sample, or one exemplar. */
function cutUnit(unit: Unit, wanted: number): readonly [Unit, Unit] | undefined {
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
  for (let i = row; i > 0; i--) {
    if (groupHash(series.at(i)) !== groupHash(series.at(i - 1))) return i
  }
  return row
}

/**
 * Two halves, by size: between lists where that is even enough (neither below a quarter), else inside one, between groups where possible.
 * A series stands in one half, unless the same list comes twice. Undefined: there is only one sample, or one exemplar.
 */
export function halve(batches: readonly Batch[]): readonly [Batch[], Batch[]] | undefined {
  const units = unitsOf(batches)
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
  if (totalOf(batches.reduce((counts, batch) => addCounts(counts, countsOf(batch)), zeroCounts)) <= maxTotal) return [[...batches]]
  const runs: Unit[][] = []
  let room = 0
  const place = (unit: Unit): void => {
    const cut = unit.total > maxTotal ? cutUnit(unit, maxTotal) : undefined
    if (cut !== undefined) {
      for (const part of cut) place(part)
    } else if (unit.total <= room) {
      runs.at(-1)?.push(unit)
      room -= unit.total
    } else {
      runs.push([unit])
      room = maxTotal - unit.total
    }
  }
  for (const unit of unitsOf(batches)) place(unit)
  return runs.map(batchesOf)
}

/** What keeps the samples of two batches in order: the same tenant and origin. */
function originKey(origin: Batch['origin']): string {
  return JSON.stringify([origin.kind, origin.tenant, origin.id])
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
  const joined: Batch[] = []
  for (const batch of batches) {
    const last = joined.at(-1)
    if (last?.origin === batch.origin) joined.splice(-1, 1, { ...last, columns: [...last.columns, ...batch.columns] })
    else joined.push(batch)
  }
  return joined
}

interface Seen {
  readonly piece: number
  readonly timestampMs: number | Float64Array
  readonly lists: Map<SeriesList, number>
}

/**
 * Whether pieces of a request may be under way together: no series can be in two of them. Told cheaply, and no more often than is certain:
 * an origin that is in several pieces must speak of one instant, with each list in one piece.
 */
export function areIndependent(pieces: readonly (readonly Batch[])[]): boolean {
  if (pieces.length < 2) return true
  const origins = new Map<string, Seen & { several: boolean; mixed: boolean }>()
  for (const [piece, batches] of pieces.entries()) {
    for (const batch of batches) {
      const key = originKey(batch.origin)
      for (const columns of batch.columns) {
        const timestampMs = columns.kind === 'exemplars' ? undefined : columns.timestampMs
        const seen = origins.get(key) ?? { piece, timestampMs: timestampMs ?? 0, lists: new Map(), several: false, mixed: false }
        origins.set(key, seen)
        seen.several ||= seen.piece !== piece
        seen.mixed ||= typeof timestampMs === 'object' || (timestampMs !== undefined && timestampMs !== seen.timestampMs)
        seen.mixed ||= (seen.lists.get(columns.series) ?? piece) !== piece
        seen.lists.set(columns.series, piece)
        if (seen.several && seen.mixed) return false
      }
    }
  }
  return true
}

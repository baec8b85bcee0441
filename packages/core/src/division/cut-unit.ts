import type { ExemplarColumns, HistogramColumns, SampleColumns } from '../model/batch.js'
import { groupHashAt, type PackedSeriesList } from '../model/packed-series-list.js'
import { ExemplarIndex } from './exemplar-index.js'
import { packedForCuts, sliceRows, sliceSeriesList } from './slice-columns.js'
import { createUnit, totalOfColumns, type Unit } from './units.js'

/** What a unit is cut along. Ranges are from `start` to `end`, exclusive, and made to units only when they are wanted. */
interface Scale {
  readonly length: number
  totalOf(start: number, end: number): number
  /** The best place for a cut at `at`, or before it; behind `start`. */
  boundary(start: number, at: number): number
  unitOf(start: number, end: number): Unit
}

/** Cuts a unit in two, the first with about `wanted` of its total, or less. Undefined: it is one sample, or one exemplar. */
export function cutUnit(unit: Unit, wanted: number): readonly [Unit, Unit] | undefined {
  const scale = scaleOf(unit)
  if (scale === undefined) return undefined
  const at = cutAt(scale, { start: 0, end: scale.length }, wanted / unit.total)
  return [scale.unitOf(0, at), scale.unitOf(at, scale.length)]
}

/**
 * Adds a unit to `fitting` in pieces of at most `maxTotal`, in order; a piece is larger where it cannot be cut any more. What remains to be
 * cut is kept as ranges, in a list: copies of it, or a call for each piece, would be too many for a request of 100,000 samples.
 */
export function fitUnit(unit: Unit, maxTotal: number, fitting: Unit[]): void {
  const scale = unit.total > maxTotal ? scaleOf(unit) : undefined
  if (scale === undefined) {
    fitting.push(unit)
    return
  }
  const rest = [{ start: 0, end: scale.length }]
  for (let range = rest.pop(); range !== undefined; range = rest.pop()) {
    const { start, end } = range
    const total = scale.totalOf(start, end)
    if (total > maxTotal && end - start > 1) {
      const at = cutAt(scale, range, maxTotal / total)
      rest.push({ start: at, end }, { start, end: at })
      // One that is too large even so is cut along the next scale: there are three.
    } else if (total > 0) fitUnit(scale.unitOf(start, end), maxTotal, fitting)
  }
}

function cutAt(scale: Scale, { start, end }: { readonly start: number; readonly end: number }, share: number): number {
  const length = end - start
  const at = Math.min(Math.max(Math.floor(length * share), 1), length - 1)
  return scale.boundary(start, start + at)
}

/** Rows where there are several, else columns, else exemplars. Undefined: it is one sample, or one exemplar. */
function scaleOf(unit: Unit): Scale | undefined {
  if (unit.series.length > 1) return new RowScale(unit)
  if (unit.columns.length > 1) return new ColumnScale(unit)
  const [columns] = unit.columns
  return columns?.kind === 'exemplars' && columns.exemplars.length > 1 ? new ExemplarScale(unit, columns) : undefined
}

class RowScale implements Scale {
  readonly length: number
  readonly #unit: Unit
  readonly #packed: PackedSeriesList
  /** Columns with a value for each row, and where they stand among all. */
  readonly #dense: readonly { readonly at: number; readonly columns: SampleColumns | HistogramColumns }[]
  /** Absent: the unit has none. */
  readonly #exemplars: ExemplarIndex | undefined

  constructor(unit: Unit) {
    const { series, columns } = unit
    this.length = series.length
    this.#unit = unit
    this.#packed = packedForCuts(series)
    this.#dense = columns.flatMap((one, at) => (one.kind === 'exemplars' ? [] : [{ at, columns: one }]))
    this.#exemplars = this.#dense.length === columns.length ? undefined : new ExemplarIndex(columns, series.length)
  }

  totalOf(start: number, end: number): number {
    return this.#dense.length * (end - start) + (this.#exemplars?.countOf(start, end) ?? 0)
  }

  /** The last row up to `at` where a histogram, summary or other group begins, so that none is cut without need. */
  boundary(start: number, at: number): number {
    let hash = groupHashAt(this.#packed, at)
    for (let i = at; i > start; i--) {
      const before = groupHashAt(this.#packed, i - 1)
      if (before !== hash) return i
      hash = before
    }
    return at
  }

  unitOf(start: number, end: number): Unit {
    const { batch, series } = this.#unit
    const dense = this.#dense.map(({ at, columns }) => ({ at, columns: sliceRows(columns, start, end) }))
    const exemplars = this.#exemplars?.sliceOf(start, end) ?? []
    const placed = exemplars.length === 0 ? dense : [...dense, ...exemplars].sort((a, b) => a.at - b.at)
    return createUnit(
      batch,
      sliceSeriesList(series, start, end),
      placed.map(({ columns }) => columns),
    )
  }
}

/** Columns of one row: what one series said at one time after the other. */
class ColumnScale implements Scale {
  readonly length: number
  readonly #unit: Unit
  /** How much the columns hold up to each; one more than there are columns. */
  readonly #totals: readonly number[]

  constructor(unit: Unit) {
    this.#unit = unit
    this.length = unit.columns.length
    const totals = [0]
    for (const [i, one] of unit.columns.entries()) totals.push(totals[i]! + totalOfColumns(one))
    this.#totals = totals
  }

  totalOf(start: number, end: number): number {
    return this.#totals[end]! - this.#totals[start]!
  }

  boundary(_start: number, at: number): number {
    return at
  }

  unitOf(start: number, end: number): Unit {
    const { batch, series, columns } = this.#unit
    return createUnit(batch, series, columns.slice(start, end))
  }
}

/** Exemplars of one series. */
class ExemplarScale implements Scale {
  readonly length: number
  readonly #unit: Unit
  readonly #columns: ExemplarColumns

  constructor(unit: Unit, columns: ExemplarColumns) {
    this.#unit = unit
    this.#columns = columns
    this.length = columns.exemplars.length
  }

  totalOf(start: number, end: number): number {
    return end - start
  }

  boundary(_start: number, at: number): number {
    return at
  }

  unitOf(start: number, end: number): Unit {
    const { batch, series } = this.#unit
    const { rows, exemplars } = this.#columns
    return createUnit(batch, series, [{ ...this.#columns, rows: rows.slice(start, end), exemplars: exemplars.slice(start, end) }])
  }
}

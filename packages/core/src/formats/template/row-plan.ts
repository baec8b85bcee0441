import { type ByteRange, compareRanges, equalRanges } from '../../model/byte-range.js'
import { ByteText } from '../bytes/byte-text.js'
import type { SeriesReader } from '../bytes/series-reader.js'
import type { RowGroup } from './row-template.js'

/** A field of a row that takes several series. */
export interface PlannedField {
  readonly field: ByteRange
  /** Which series of the list gives its value. */
  readonly place: number
}

/** Which series of a list stand in which row. Rows come in the order of their first series. */
export interface RowPlan {
  readonly rows: number
  /** The first series of each row. */
  readonly first: Int32Array
  /** The fields of shared rows, by row, sorted by name. */
  readonly shared: ReadonlyMap<number, readonly PlannedField[]>
  readonly groups: readonly RowGroup[]
  /** Whether a row has a series behind the first one of a later row. */
  readonly interleaved: boolean
}

/** Undefined where two series of a group have one field: into which row each gets depends on their values. */
export function planRows(reader: SeriesReader, series: number): RowPlan | undefined {
  const first = new Int32Array(series)
  const shared = new Map<number, PlannedField[]>()
  let groups: GroupRows | undefined
  let rows = 0
  let interleaved = false
  for (let i = 0; i < series; i++) {
    for (const end = reader.aloneUntil(i); i < end; i++) first[rows++] = i
    if (i === series) break
    reader.turnTo(i)
    if (!reader.isShared) {
      first[rows++] = i
      continue
    }
    groups ??= new GroupRows()
    const row = groups.rowOf(reader, rows)
    const fields = shared.get(row)
    const field = { field: reader.field, place: i }
    if (fields === undefined) {
      shared.set(row, [field])
      first[rows++] = i
      continue
    }
    if (row < rows - 1) interleaved = true
    fields.push(field)
  }
  for (const fields of shared.values()) if (!sortFields(fields)) return undefined
  return { rows, first, shared, groups: groups?.groups ?? [], interleaved }
}

/** False where a name comes twice. */
function sortFields(fields: PlannedField[]): boolean {
  fields.sort((a, b) => compareRanges(a.field, b.field))
  for (let i = 1; i < fields.length; i++) if (equalRanges(fields[i - 1]!.field, fields[i]!.field)) return false
  return true
}

/** Finds the rows of groups. The series of one most often stand together: then no string is made. */
class GroupRows {
  readonly groups: RowGroup[] = []
  readonly #rows = new Map<string, number>()
  #key = new ByteText()
  #lastKey = new ByteText()
  #lastRow = -1

  /** @param newRow the row that a group gets which was not there before */
  rowOf(reader: SeriesReader, newRow: number): number {
    const key = this.#key
    key.clear()
    reader.writeGroup(key)
    if (this.#lastRow >= 0 && equalRanges(contentOf(key), contentOf(this.#lastKey))) return this.#lastRow
    this.#key = this.#lastKey
    this.#lastKey = key
    const text = Buffer.from(key.bytes.buffer, 0, key.at).toString('latin1')
    const known = this.#rows.get(text)
    this.#lastRow = known ?? newRow
    if (known === undefined) {
      this.#rows.set(text, newRow)
      this.groups.push({ key: text, row: newRow })
    }
    return this.#lastRow
  }
}

function contentOf({ bytes, view, at }: ByteText): ByteRange {
  return { bytes, view, start: 0, end: at }
}

import type { Origin } from '../../model/batch.js'
import type { SeriesList } from '../../model/series-list.js'
import type { RowFormat } from '../row-format.js'
import type { RowFrame } from '../row-frame.js'
import type { Row, RowSchema } from '../row-schema.js'
import { type PaddedText, padText } from './padded-text.js'

/** The rows of a list of series: everything but values and timestamps. */
export interface RowTemplate {
  readonly rows: number
  /** The text of each row: head, what stands before each value (from the second field on with the comma), tail. */
  readonly text: PaddedText
  /** Where row `r` begins in the text; it ends where the next begins. */
  readonly rowStart: Int32Array
  readonly headEnd: Int32Array
  /** The number of the first field of row `r`; its last is before the first of the next. */
  readonly firstField: Int32Array
  /** Where the text before the value of field `f` ends. */
  readonly fieldEnd: Int32Array
  /** Which series of the list gives the value of field `f`. */
  readonly place: Int32Array
  /** 1 where there is no row if its value is NaN. */
  readonly single: Uint8Array
  /** Rows that would take further series, if a batch had them elsewhere. */
  readonly groups: readonly RowGroup[]
  /** Whether rows stand in another order where first series of theirs are stale. */
  readonly interleaved: boolean
  readonly keys: RowKeys
  /** What it takes in memory, about. */
  readonly size: number
}

export interface RowGroup {
  readonly key: string
  readonly row: number
}

/** What the rows are partitioned by. */
export interface RowKeys {
  readonly bytes: Uint8Array
  readonly end: Int32Array
  /** Of each key, where a function is given. */
  readonly hash?: Int32Array
}

/** The key of row `row`. */
export function keyAt({ bytes, end }: RowKeys, row: number): Uint8Array {
  return bytes.subarray(row === 0 ? 0 : end[row - 1]!, end[row]!)
}

/** What decides how a template looks. */
export interface TemplateContext {
  readonly schema: RowSchema
  readonly format: RowFormat
  readonly origin: Origin
  /** Hashes a key, to 32 bits. */
  readonly hashKey?: (key: Uint8Array) => number
}

/** Objects and headers of a template's arrays, about; and what a group takes beside its key. */
const overheadBytes = 1500
const groupBytes = 100

/**
 * Makes the template of a list; undefined where its rows depend on the values, or are not all written.
 *
 * The plain twin makes the rows, of samples whose values are their places in the list: so there is one definition of what a row is.
 */
export function createRowTemplate(list: SeriesList, { schema, format, origin, hashKey }: TemplateContext): RowTemplate | undefined {
  const values = Float64Array.from({ length: list.length }, (_, i) => i)
  const { rows } = schema.rowsOf({ origin, columns: [{ kind: 'samples', series: list, values, timestampMs: 0 }] })
  const frames: RowFrame[] = []
  for (const row of rows) {
    const frame = format.frame(row)
    if (frame === undefined) return undefined
    frames.push(frame)
  }
  const text = layOut(frames)
  const roles = rolesOf(list, { schema, rows })
  if (text.place.length !== list.length || roles === undefined) return undefined
  const keys = keysOf(rows, hashKey)
  const size = text.text.byteLength + 4 * (5 * rows.length + 2 * list.length) + keys.bytes.length + overheadBytes
  const groupSize = roles.groups.reduce((sum, { key }) => sum + key.length + groupBytes, 0)
  return { rows: rows.length, ...text, ...roles, interleaved: areInterleaved(rows), keys, size: size + groupSize }
}

function layOut(frames: readonly RowFrame[]): Pick<RowTemplate, 'text' | 'rowStart' | 'headEnd' | 'firstField' | 'fieldEnd' | 'place'> {
  const parts: string[] = []
  let length = 0
  const add = (text: string): number => {
    parts.push(text)
    length += Buffer.byteLength(text)
    return length
  }
  const rowStart = [0]
  const headEnd: number[] = []
  const firstField = [0]
  const fieldEnd: number[] = []
  const place: number[] = []
  for (const { head, fields, tail } of frames) {
    headEnd.push(add(head))
    for (const [i, [text, value]] of fields.entries()) {
      fieldEnd.push(add(i === 0 ? text : `,${text}`))
      place.push(value)
    }
    firstField.push(place.length)
    rowStart.push(add(tail))
  }
  return {
    text: padText(parts.join('')),
    rowStart: Int32Array.from(rowStart),
    headEnd: Int32Array.from(headEnd),
    firstField: Int32Array.from(firstField),
    fieldEnd: Int32Array.from(fieldEnd),
    place: Int32Array.from(place),
  }
}

/** Undefined where two rows are of one group: which of two series with one field gets into which row depends on their values. */
function rolesOf(
  list: SeriesList,
  { schema, rows }: { readonly schema: RowSchema; readonly rows: readonly Row[] },
): Pick<RowTemplate, 'single' | 'groups'> | undefined {
  const single = new Uint8Array(rows.length)
  const groups = new Map<string, number>()
  for (const [r, { fields }] of rows.entries()) {
    for (const [, place] of fields) {
      const { isSingle, group } = schema.roleOf(list.at(place))
      if (isSingle) single[r] = 1
      if (group === undefined) continue
      if ((groups.get(group) ?? r) !== r) return undefined
      groups.set(group, r)
    }
  }
  return { single, groups: Array.from(groups, ([key, row]) => ({ key, row })) }
}

/** Rows stand in the order of their first series: whether one has a further series after the first of the next. */
function areInterleaved(rows: readonly Row[]): boolean {
  let last = -1
  for (const { fields } of rows) {
    const before = last
    for (const [, place] of fields) {
      if (place < before) return true
      last = Math.max(place, last)
    }
  }
  return false
}

function keysOf(rows: readonly Row[], hashKey: TemplateContext['hashKey']): RowKeys {
  const keys = rows.map(({ seriesKey }) => seriesKey ?? new Uint8Array(0))
  let length = 0
  const end = Int32Array.from(keys, (key) => (length += key.length))
  const bytes = new Uint8Array(length)
  for (const [i, key] of keys.entries()) bytes.set(key, end[i]! - key.length)
  return { bytes, end, ...(hashKey !== undefined && { hash: Int32Array.from(keys, (key) => hashKey(key)) }) }
}

import type { Origin } from '../../model/batch.js'
import { type PackedSeriesList, packedOf } from '../../model/packed-series-list.js'
import { createSeriesList, type SeriesList } from '../../model/series-list.js'
import { ByteText } from '../bytes/byte-text.js'
import type { SeriesReader } from '../bytes/series-reader.js'
import type { RowFormat } from '../row-format.js'
import type { RowSchema } from '../row-schema.js'
import { padding } from './padded-text.js'
import { planRows, type RowPlan } from './row-plan.js'
import type { RowTemplate } from './row-template.js'

/** What decides how templates look. */
export interface TemplateOptions {
  readonly schema: RowSchema
  readonly format: RowFormat
  /** Hashes a row's key, to 32 bits. */
  readonly hashKey?: (key: Uint8Array) => number
}

const comma = 0x2c

/** Objects and headers of a template's arrays, about; and what a group takes beside its key. */
const overheadBytes = 1500
const groupBytes = 100

/**
 * Makes the templates of lists.
 *
 * Exploits that labels in their canonical encoding are almost the text that a row begins with: they are copied byte by byte, with their
 * escapes, and no string is made, nor an object a series. A row that a byte path does not cover (a name that has to make room for another,
 * a row without a form) is made by the plain twin.
 *
 * Measured: 0.5 to 1.4 us a row of line protocol with four to nine labels, 1.3 to 2.5 us one of Kafka, whose key is hashed; the plain twin
 * takes 5 to 15. Kept honest by differential.test.ts and by byte-frames.test.ts.
 */
export class TemplateBuilder {
  readonly #options: TemplateOptions
  readonly #text = new ByteText()
  readonly #key = new ByteText()
  #layout = createLayout(0)
  #rows = 0
  #fields = 0

  constructor(options: TemplateOptions) {
    this.#options = options
  }

  /** Undefined where rows depend on the values, or are not all written. */
  build(list: SeriesList, origin: Origin): RowTemplate | undefined {
    const packed = packedOf(list)
    const reader = this.#options.schema.reader(packed, origin)
    const plan = reader && planRows(reader, packed.length)
    if (reader === undefined || plan === undefined) return undefined
    this.#begin(packed.length)
    const hash = this.#options.hashKey === undefined ? undefined : new Int32Array(plan.rows)
    for (let row = 0; row < plan.rows; row++) {
      reader.turnTo(plan.first[row]!)
      if (hash !== undefined) hash[row] = this.#hashKey(reader)
      this.#layout.single[row] = reader.isSingle ? 1 : 0
      if (!this.#addRow(reader, { plan, row }) && !this.#addPlainRow(packed, { plan, row, origin })) return undefined
    }
    return this.#take(plan, hash)
  }

  #begin(series: number): void {
    if (this.#layout.place.length < series) this.#layout = createLayout(series)
    this.#text.clear()
    this.#rows = 0
    this.#fields = 0
  }

  #hashKey(reader: SeriesReader): number {
    const key = this.#key
    key.clear()
    reader.writeKey(key)
    return this.#options.hashKey?.(key.bytes.subarray(0, key.at)) ?? 0
  }

  /** False where strings must decide; then nothing is added. */
  #addRow(reader: SeriesReader, { plan, row }: { readonly plan: RowPlan; readonly row: number }): boolean {
    const { frames } = this.#options.format
    const text = this.#text
    const layout = this.#layout
    const { at } = text
    const fields = this.#fields
    const parts = reader.parts()
    if (frames.head(text, parts)) {
      layout.headEnd[row] = text.at
      if (this.#addFields(reader, { plan, row }) && frames.tail(text, parts)) {
        this.#endRow()
        return true
      }
    }
    text.at = at
    this.#fields = fields
    return false
  }

  #addFields(reader: SeriesReader, { plan, row }: { readonly plan: RowPlan; readonly row: number }): boolean {
    const { frames } = this.#options.format
    const text = this.#text
    const shared = plan.shared.get(row)
    if (shared === undefined) {
      if (!frames.field(text, reader.field)) return false
      this.#addField(plan.first[row]!)
      return true
    }
    for (const [i, { field, place }] of shared.entries()) {
      if (i > 0) text.writeByte(comma)
      if (!frames.field(text, field)) return false
      this.#addField(place)
    }
    return true
  }

  #addField(place: number): void {
    this.#layout.fieldEnd[this.#fields] = this.#text.at
    this.#layout.place[this.#fields++] = place
  }

  #endRow(): void {
    this.#rows++
    this.#layout.firstField[this.#rows] = this.#fields
    this.#layout.rowStart[this.#rows] = this.#text.at
  }

  /** The row as the plain twin makes it, of samples whose values are their places in the list. */
  #addPlainRow(
    list: PackedSeriesList,
    { plan, row, origin }: { readonly plan: RowPlan; readonly row: number; readonly origin: Origin },
  ): boolean {
    const { schema, format } = this.#options
    const places = plan.shared.get(row)?.map(({ place }) => place) ?? [plan.first[row]!]
    const series = createSeriesList(
      places.map((place) => list.at(place)),
      { automatic: list.automatic ?? false },
    )
    const { rows } = schema.rowsOf({ origin, columns: [{ kind: 'samples', series, values: Float64Array.from(places), timestampMs: 0 }] })
    const frame = rows.length === 1 ? format.frame(rows[0]!) : undefined
    if (frame === undefined) return false
    this.#text.writeString(frame.head)
    this.#layout.headEnd[row] = this.#text.at
    for (const [i, [field, place]] of frame.fields.entries()) {
      this.#text.writeString(i === 0 ? field : `,${field}`)
      this.#addField(place)
    }
    this.#text.writeString(frame.tail)
    this.#endRow()
    return true
  }

  #take({ groups, interleaved }: RowPlan, hash: Int32Array | undefined): RowTemplate {
    const layout = this.#layout
    const rows = this.#rows
    const text = new Uint8Array(this.#text.at + padding)
    text.set(this.#text.bytes.subarray(0, this.#text.at))
    const arrays = {
      rowStart: layout.rowStart.slice(0, rows + 1),
      headEnd: layout.headEnd.slice(0, rows),
      firstField: layout.firstField.slice(0, rows + 1),
      fieldEnd: layout.fieldEnd.slice(0, this.#fields),
      place: layout.place.slice(0, this.#fields),
      single: layout.single.slice(0, rows),
      ...(hash !== undefined && { keyHash: hash }),
    }
    let size = text.length + overheadBytes
    for (const array of Object.values(arrays)) size += array.byteLength
    for (const { key } of groups) size += key.length + groupBytes
    return { rows, text: new DataView(text.buffer), ...arrays, groups, interleaved, size }
  }
}

type Layout = Pick<RowTemplate, 'rowStart' | 'headEnd' | 'firstField' | 'fieldEnd' | 'place' | 'single'>

/** Room for the rows of so many series. */
function createLayout(series: number): Layout {
  return {
    rowStart: new Int32Array(series + 1),
    headEnd: new Int32Array(series),
    firstField: new Int32Array(series + 1),
    fieldEnd: new Int32Array(series),
    place: new Int32Array(series),
    single: new Uint8Array(series),
  }
}

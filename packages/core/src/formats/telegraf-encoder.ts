import { type Batch, type Counts, zeroCounts } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import { influxRowFormat, jsonRowFormat } from './row-format.js'
import { type Row, type RowSchema, telegrafSchema } from './row-schema.js'
import type { TelegrafRowsOptions } from './telegraf-rows.js'
import { RowEncoder, type RowListener, type TemplateRow } from './template/row-encoder.js'
import type { RowFill } from './template/row-writer.js'
import { rowTime } from './template/rows-apart.js'
import { defaultTemplateBytes } from './template/template-store.js'

export interface TelegrafEncoderOptions extends TelegrafRowsOptions {
  /** Line protocol, or Telegraf's JSON. */
  readonly format: 'influx' | 'json'
  /** Unit of JSON's timestamps in milliseconds. Default 1000: seconds, as Telegraf's. */
  readonly timestampUnitMs?: 1 | 1000
  /** Memory for what is kept of lists of series. 0: nothing is. Default 64 MiB: some 250,000 series. */
  readonly maxTemplateBytes?: number
  /** A hash of `seriesKey`, which is computed once for a row of a list that comes again. */
  readonly hashKey?: (seriesKey: Uint8Array) => number
}

/** A row as text. */
export interface EncodedTelegrafRow {
  /** In UTF-8, with a line feed at its end: a part of the buffer that all rows of a call share. Made when it is asked for. */
  readonly value: Uint8Array
  /** Its length, which is known without making it. */
  readonly valueBytes: number
  readonly timestampMs: number
  /** The samples that it carries. */
  readonly counts: Counts
  /** What to partition by; see TelegrafRow. */
  readonly seriesKey: Uint8Array
  /** `hashKey` of it, where it is known already. */
  readonly keyHash?: number | undefined
}

export interface EncodedTelegrafRows {
  readonly rows: readonly EncodedTelegrafRow[]
  /** With the rows' counts, this adds up to the batches. */
  readonly dropped: readonly Dropped[]
}

/** Encodes batches as Telegraf's rows, one text a row; what of a list of series does not change is kept for the next batch. */
export interface TelegrafEncoder {
  encode(batches: readonly Batch[]): EncodedTelegrafRows
}

/**
 * `telegrafRows` and `influxLine` or `telegrafJson` in one. Rows that line protocol has no form for are dropped: as `unsupported`, but for
 * those whose values were dropped before.
 */
export function createTelegrafEncoder(options: TelegrafEncoderOptions): TelegrafEncoder {
  return new RowsEncoder(options)
}

class RowsEncoder implements TelegrafEncoder {
  readonly #encoder: RowEncoder
  readonly #schema: RowSchema

  constructor(options: TelegrafEncoderOptions) {
    const { format, timestampUnitMs = 1000, maxTemplateBytes = defaultTemplateBytes, hashKey } = options
    this.#schema = telegrafSchema(options)
    this.#encoder = new RowEncoder({
      schema: this.#schema,
      format: format === 'influx' ? influxRowFormat : jsonRowFormat({ timestampUnitMs }),
      maxBytes: maxTemplateBytes,
      ...(hashKey !== undefined && { hashKey }),
    })
  }

  encode(batches: readonly Batch[]): EncodedTelegrafRows {
    const collector = new RowCollector(this.#schema)
    const { bytes, dropped } = this.#encoder.encode(batches, collector)
    return { rows: collector.finish(bytes), dropped }
  }
}

/** What the rows of a call share. */
interface EncodedText {
  readonly schema: RowSchema
  /** Of all rows, when they are complete. */
  bytes: Uint8Array
}

/** Where a row stands in the text. */
interface RowPlace {
  readonly text: EncodedText
  readonly start: number
  readonly end: number
}

/** Makes objects of rows. */
class RowCollector implements RowListener {
  readonly #text: EncodedText
  readonly #rows: EncodedTelegrafRow[] = []
  #end = 0

  constructor(schema: RowSchema) {
    this.#text = { schema, bytes: noBytes }
  }

  onPlainRow(row: Row, end: number): void {
    this.#rows.push(new PlainRow(row, { text: this.#text, start: this.#end, end }))
    this.#end = end
  }

  onTemplateRow(row: TemplateRow, end: number): void {
    this.#rows.push(new RowOfTemplate(row, { text: this.#text, start: this.#end, end }))
    this.#end = end
  }

  finish(bytes: Uint8Array): readonly EncodedTelegrafRow[] {
    this.#text.bytes = bytes
    return this.#rows
  }
}

/** A row. Its value is made when it is asked for: a view takes more memory than all else, and is asked for once. */
abstract class RowInText implements Pick<EncodedTelegrafRow, 'value' | 'valueBytes'> {
  readonly #text: EncodedText
  readonly #start: number
  readonly #end: number

  constructor({ text, start, end }: RowPlace) {
    this.#text = text
    this.#start = start
    this.#end = end
  }

  get value(): Uint8Array {
    return this.#text.bytes.subarray(this.#start, this.#end)
  }

  get valueBytes(): number {
    return this.#end - this.#start
  }

  protected get schema(): RowSchema {
    return this.#text.schema
  }
}

class PlainRow extends RowInText implements EncodedTelegrafRow {
  readonly timestampMs: number
  readonly counts: Counts
  readonly seriesKey: Uint8Array

  constructor({ timestampMs, counts, seriesKey = noBytes }: Row, place: RowPlace) {
    super(place)
    this.timestampMs = timestampMs
    this.counts = counts
    this.seriesKey = seriesKey
  }
}

/** A row that a template gave. */
class RowOfTemplate extends RowInText implements EncodedTelegrafRow {
  readonly counts: Counts
  readonly #fill: RowFill
  readonly #row: number

  constructor({ fill, row, samples }: TemplateRow, place: RowPlace) {
    super(place)
    this.counts = samplesOnly(samples)
    this.#fill = fill
    this.#row = row
  }

  get timestampMs(): number {
    return rowTime(this.#fill.columns, this.#fill.template, this.#row)
  }

  get seriesKey(): Uint8Array {
    const { template, columns } = this.#fill
    return this.schema.keyOf(columns.series.at(template.place[template.firstField[this.#row]!]!))
  }

  get keyHash(): number | undefined {
    return this.#fill.template.keyHash?.[this.#row]
  }
}

const noBytes = new Uint8Array(0)

/** Most rows carry one sample: one object for all of them. */
const oneSample: Counts = Object.freeze({ ...zeroCounts, samples: 1 })

function samplesOnly(samples: number): Counts {
  return samples === 1 ? oneSample : { ...zeroCounts, samples }
}

import { type Batch, type Counts, zeroCounts } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import { influxRowFormat, jsonRowFormat } from './row-format.js'
import { type Row, telegrafSchema } from './row-schema.js'
import type { TelegrafRowsOptions } from './telegraf-rows.js'
import { RowEncoder, type RowListener, type TemplateRow } from './template/row-encoder.js'
import { keyAt, type RowKeys } from './template/row-template.js'
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
  /** In UTF-8, with a line feed at its end: a part of the buffer that all rows of a call share. */
  readonly value: Uint8Array
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

  constructor(options: TelegrafEncoderOptions) {
    const { format, timestampUnitMs = 1000, maxTemplateBytes = defaultTemplateBytes, hashKey } = options
    this.#encoder = new RowEncoder({
      schema: telegrafSchema(options),
      format: format === 'influx' ? influxRowFormat : jsonRowFormat({ timestampUnitMs }),
      maxBytes: maxTemplateBytes,
      ...(hashKey !== undefined && { hashKey }),
    })
  }

  encode(batches: readonly Batch[]): EncodedTelegrafRows {
    const collector = new RowCollector()
    const { bytes, dropped } = this.#encoder.encode(batches, collector)
    return { rows: collector.finish(bytes), dropped }
  }
}

/** Makes objects of rows, which get their part of the buffer when it is complete. */
class RowCollector implements RowListener {
  readonly #rows: RowText[] = []
  readonly #ends: number[] = []

  onPlainRow({ timestampMs, counts, seriesKey = noBytes }: Row, end: number): void {
    this.#rows.push(new RowText({ timestampMs, counts, source: seriesKey, row: 0 }))
    this.#ends.push(end)
  }

  onTemplateRow({ timestampMs, samples, template, row }: TemplateRow, end: number): void {
    this.#rows.push(new RowText({ timestampMs, counts: samplesOnly(samples), source: template.keys, row }))
    this.#ends.push(end)
  }

  finish(bytes: Uint8Array): readonly RowText[] {
    let start = 0
    for (const [i, row] of this.#rows.entries()) {
      const end = this.#ends[i]!
      row.value = bytes.subarray(start, end)
      start = end
    }
    return this.#rows
  }
}

/** A row; its key is cut out of the template's when it is asked for. */
class RowText implements EncodedTelegrafRow {
  value: Uint8Array = noBytes
  readonly timestampMs: number
  readonly counts: Counts
  readonly #source: RowKeys | Uint8Array
  readonly #row: number

  constructor(row: { readonly timestampMs: number; readonly counts: Counts; readonly source: RowKeys | Uint8Array; readonly row: number }) {
    this.timestampMs = row.timestampMs
    this.counts = row.counts
    this.#source = row.source
    this.#row = row.row
  }

  get seriesKey(): Uint8Array {
    return this.#source instanceof Uint8Array ? this.#source : keyAt(this.#source, this.#row)
  }

  get keyHash(): number | undefined {
    return this.#source instanceof Uint8Array ? undefined : this.#source.hash?.[this.#row]
  }
}

const noBytes = new Uint8Array(0)

/** Most rows carry one sample: one object for all of them. */
const oneSample: Counts = Object.freeze({ ...zeroCounts, samples: 1 })

function samplesOnly(samples: number): Counts {
  return samples === 1 ? oneSample : { ...zeroCounts, samples }
}

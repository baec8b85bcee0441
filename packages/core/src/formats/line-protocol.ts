import type { Batch, Counts } from '../model/batch.js'
import { decodeUtf8 } from '../model/bytes.js'
import type { Dropped } from '../model/flow.js'
import { distinctInfluxRowFormat, safeInfluxRowFormat } from './row-format.js'
import { pointSchema, type RowSchema, telegrafSchema } from './row-schema.js'
import { type EncodedRows, RowEncoder } from './template/row-encoder.js'
import { defaultTemplateBytes } from './template/template-store.js'

/**
 * How samples become points. `prometheus`: the measurement is the metric's name, the tags are the other labels, the field is `value`,
 * as InfluxDB 1.x does it at its own remote-write endpoint. `telegraf-v1` and `telegraf-v2`: the rows of Telegraf's metric versions,
 * without a `url` tag.
 */
export type LineProtocolSchema = 'prometheus' | 'telegraf-v1' | 'telegraf-v2'

export interface LineProtocolOptions {
  readonly schema: LineProtocolSchema
  /**
   * Whether no tag may have the name of a field of its row: it gets the prefix `exported_`. InfluxDB 3 refuses such lines, 1.x and 2.x take
   * them. Default false.
   * https://docs.influxdata.com/influxdb3/core/write-data/best-practices/schema-design/
   */
  readonly distinctNames?: boolean
  /** Memory for what is kept of lists of series. 0: nothing is. Default 64 MiB: some 250,000 series. */
  readonly maxTemplateBytes?: number
}

export interface LineProtocol {
  /** Lines that end in a line feed each; timestamps in nanoseconds. */
  readonly text: string
  /** What the lines carry. */
  readonly counts: Counts
  /** With `counts`, this adds up to the batches. */
  readonly dropped: readonly Dropped[]
}

/** Encodes batches as line protocol; what of a list of series does not change is kept for the next batch. */
export interface LineProtocolEncoder {
  encode(batches: readonly Batch[]): EncodedRows
}

/**
 * Line protocol that InfluxDB takes, whatever the labels: reserved and unwritable names are changed (`influxNames`), values that it would
 * refuse are dropped as `stale`, `nan` and `infinite`, what it has no form for as `unsupported`. Timestamps are in nanoseconds.
 */
export function createLineProtocolEncoder(options: LineProtocolOptions): LineProtocolEncoder {
  const { schema, distinctNames = false, maxTemplateBytes = defaultTemplateBytes } = options
  const format = distinctNames ? distinctInfluxRowFormat : safeInfluxRowFormat
  const encoder = new RowEncoder({ schema: rowSchema(schema), format, maxBytes: maxTemplateBytes })
  return { encode: (batches) => encoder.encode(batches) }
}

/** Batches as text, by an encoder that keeps nothing. */
export function encodeLineProtocol(batches: readonly Batch[], options: Omit<LineProtocolOptions, 'maxTemplateBytes'>): LineProtocol {
  const { bytes, counts, dropped } = createLineProtocolEncoder({ ...options, maxTemplateBytes: 0 }).encode(batches)
  return { text: decodeUtf8(bytes), counts, dropped }
}

function rowSchema(schema: LineProtocolSchema): RowSchema {
  return schema === 'prometheus' ? pointSchema : telegrafSchema({ metricVersion: schema === 'telegraf-v1' ? 1 : 2, urlTag: '' })
}

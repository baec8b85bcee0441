import { formatPlainFloat } from '../model/go-float.js'
import type { FrameWriter } from './bytes/frame-writer.js'
import { influxFrameWriter } from './bytes/influx-frame-writer.js'
import { jsonFrameWriter } from './bytes/json-frame-writer.js'
import { type InfluxFields, influxLine, influxLineFrame, nanoseconds } from './influx-line.js'
import { influxMeasurement, influxNames } from './influx-names.js'
import type { RowFrame } from './row-frame.js'
import { telegrafJson, telegrafJsonFrame, telegrafJsonNumber, telegrafJsonTimestamp } from './telegraf-json.js'

/** How a row is written: as a whole, and in the parts that a template keeps. Between two fields stands a comma. */
export interface RowFormat {
  /** The plain twin: a row with its line feed; '' where it has no form. */
  line(row: InfluxFields): string
  /** The same line in parts; undefined where they would depend on which of the values there are. */
  frame(row: InfluxFields): RowFrame | undefined
  /** The same parts from bytes. */
  readonly frames: FrameWriter
  /** A finite value. */
  number(value: number): string
  /** The timestamp, and what ends the line. */
  end(timestampMs: number): string
  /** Whether a row without any field is written. */
  readonly keepsEmpty: boolean
}

/** Line protocol as Telegraf writes it. */
export const influxRowFormat: RowFormat = {
  line: (row) => withLineFeed(influxLine(row)),
  frame: influxLineFrame,
  frames: influxFrameWriter({ safeNames: false }),
  number: formatPlainFloat,
  end: (timestampMs) => `${nanoseconds(timestampMs)}\n`,
  keepsEmpty: false,
}

/** Line protocol that InfluxDB takes, whatever the names. */
export const safeInfluxRowFormat: RowFormat = {
  ...influxRowFormat,
  line: (row) => influxRowFormat.line({ ...withSafeHead(row), fields: influxNames(row.fields) }),
  frame(row) {
    const fields = influxNames(row.fields)
    // A name that has to make room for another would have it back in a scrape without the other.
    if (fields !== row.fields && fields.length > 1) return undefined
    return influxLineFrame({ ...withSafeHead(row), fields })
  },
  frames: influxFrameWriter({ safeNames: true }),
}

/** Line protocol in which no tag has the name of a field of its row, either. */
export const distinctInfluxRowFormat: RowFormat = {
  ...safeInfluxRowFormat,
  line: (row) => safeInfluxRowFormat.line(withDistinctTags(row)),
  frame(row) {
    const distinct = withDistinctTags(row)
    // A tag that has to make room for a field would have its name back in a scrape without it.
    return distinct.tags !== row.tags && row.fields.length > 1 ? undefined : safeInfluxRowFormat.frame(distinct)
  },
  // The head of a line is written before its fields are known.
  frames: { head: () => false, field: () => false, tail: () => false },
}

function withSafeHead(row: InfluxFields): InfluxFields {
  return { ...row, measurement: influxMeasurement(row.measurement), tags: influxNames(row.tags) }
}

function withDistinctTags(row: InfluxFields): InfluxFields {
  const fields = new Set(influxNames(row.fields).map(([name]) => name))
  return { ...row, tags: influxNames(row.tags, fields) }
}

/** Telegraf's JSON. */
export function jsonRowFormat(options: { readonly timestampUnitMs: 1 | 1000 }): RowFormat {
  return {
    line: (row) => `${telegrafJson(row, options)}\n`,
    frame: telegrafJsonFrame,
    frames: jsonFrameWriter,
    number: telegrafJsonNumber,
    end: (timestampMs) => `${telegrafJsonTimestamp(timestampMs, options)}}\n`,
    keepsEmpty: true,
  }
}

function withLineFeed(line: string): string {
  return line === '' ? '' : `${line}\n`
}

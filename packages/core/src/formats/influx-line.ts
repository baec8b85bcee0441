import { formatPlainFloat } from '../model/go-float.js'
import type { RowFrame } from './row-frame.js'
import type { InfluxTag } from './telegraf-tags.js'

/**
 * InfluxDB line protocol, one row a line, as Telegraf writes it:
 *
 *     measurement[,tag=value...] field=value[,field=value...] timestamp
 *
 * Commas, spaces and (but in a measurement) equals signs have a backslash before them. A line feed, carriage return, tab or form feed
 * becomes a backslash and a letter, for good. No escape exists for a backslash before one of these or at the end of a tag: what ends
 * in backslashes loses them. https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
 */

const special = /[\t\n\f\r ,=]/
/** What the characters become that cannot stand for themselves; in a measurement, an equals sign can. */
export const influxEscapes: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  ' ': '\\ ',
  ',': '\\,',
  '=': '\\=',
}

/** What a line says: a TelegrafRow, or one that was made otherwise. */
export interface InfluxFields {
  readonly measurement: string
  /** Sorted by name: InfluxDB takes such lines faster. */
  readonly tags: readonly InfluxTag[]
  readonly fields: readonly (readonly [name: string, value: number])[]
  readonly timestampMs: number
}

/** A row as a line without its line feed; '' where no field is left to write. Timestamps are in nanoseconds. */
export function influxLine(row: InfluxFields): string {
  const head = lineHead(row.measurement, row.tags)
  let fields = ''
  for (const [name, value] of row.fields) {
    const key = escapeKey(name)
    if (key !== '' && Number.isFinite(value)) fields += `${fields === '' ? '' : ','}${key}=${formatPlainFloat(value)}`
  }
  return head === '' || fields === '' ? '' : `${head} ${fields} ${nanoseconds(row.timestampMs)}`
}

/** A line in parts, for templates; undefined where it, or one of its fields, has no form. */
export function influxLineFrame(row: InfluxFields): RowFrame | undefined {
  const head = lineHead(row.measurement, row.tags)
  const fields = row.fields.map(([name, value]): [string, number] => [escapeKey(name), value])
  if (head === '' || fields.some(([key]) => key === '')) return undefined
  return { head: `${head} `, fields: fields.map(([key, value]) => [`${key}=`, value]), tail: ' ' }
}

/** What stands before the fields; '' for a measurement that cannot be written. */
function lineHead(measurement: string, tags: readonly InfluxTag[]): string {
  let head = escapeMeasurement(measurement)
  if (head === '') return ''
  for (const [name, value] of tags) {
    const key = escapeKey(name)
    const text = escapeKey(value)
    if (key !== '' && text !== '') head += `,${key}=${text}`
  }
  return head
}

/** A name or value of a tag, or the name of a field. */
function escapeKey(text: string): string {
  const escaped = special.test(text) ? text.replaceAll(/[\t\n\f\r ,=]/g, (found) => influxEscapes[found] ?? found) : text
  return withoutTrailingBackslashes(escaped)
}

function escapeMeasurement(text: string): string {
  const escaped = special.test(text) ? text.replaceAll(/[\t\n\f\r ,]/g, (found) => influxEscapes[found] ?? found) : text
  // A line that begins with `#` is a comment: its sample would be lost in silence.
  return withoutTrailingBackslashes(escaped.startsWith('#') ? `_${escaped.slice(1)}` : escaped)
}

/** A loop, because a regular expression for the end of a text tries every run of backslashes from each of its places. */
export function withoutTrailingBackslashes(text: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === '\\') end--
  return end === text.length ? text : text.slice(0, end)
}

/** Milliseconds as nanoseconds: beyond 2^53, so the zeros are added as text. Clocks of high resolution give fractions, which count. */
export function nanoseconds(timestampMs: number): string {
  if (timestampMs === 0) return '0'
  if (Number.isInteger(timestampMs)) return `${timestampMs}000000`
  const whole = Math.floor(timestampMs)
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((timestampMs - whole) * 1e6)))
}

import type { InfluxFields } from './influx-line.js'
import type { RowFrame } from './row-frame.js'

/** What Go's encoding/json escapes and `JSON.stringify` does not, so that JSON may stand in HTML. */
const htmlUnsafe = /[<>&\u2028\u2029]/

/**
 * A row as Telegraf's JSON serializer writes it, without the line feed: keys sorted by bytes, Go's escapes. Written by hand, because an
 * object would put a histogram's keys (`1`, `10`) before all others.
 *
 * @param options.timestampUnitMs 1000: seconds, rounded half up as Telegraf's agent does by default; 1: milliseconds
 */
export function telegrafJson(row: InfluxFields, options: { readonly timestampUnitMs: 1 | 1000 }): string {
  let fields = ''
  for (const [name, value] of row.fields) {
    if (Number.isFinite(value)) fields += `${fields === '' ? '' : ','}${quoteJson(name)}:${telegrafJsonNumber(value)}`
  }
  return `{"fields":{${fields}${afterFields(row)}${telegrafJsonTimestamp(row.timestampMs, options)}}`
}

/** A row in parts, for templates. */
export function telegrafJsonFrame(row: InfluxFields): RowFrame {
  return { head: '{"fields":{', fields: row.fields.map(([name, value]) => [`${quoteJson(name)}:`, value]), tail: afterFields(row) }
}

/** A finite value. */
export function telegrafJsonNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

export function telegrafJsonTimestamp(timestampMs: number, options: { readonly timestampUnitMs: 1 | 1000 }): string {
  return String(Math.round(timestampMs / options.timestampUnitMs))
}

/** From the end of the fields to the timestamp. */
function afterFields({ measurement, tags }: InfluxFields): string {
  const pairs = tags.map(([name, value]) => `${quoteJson(name)}:${quoteJson(value)}`).join()
  return `},"name":${quoteJson(measurement)},"tags":{${pairs}},"timestamp":`
}

/** A text as JSON, with Go's escapes. */
export function quoteJson(text: string): string {
  const json = JSON.stringify(text)
  if (!htmlUnsafe.test(json)) return json
  return json.replaceAll(/[<>&\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

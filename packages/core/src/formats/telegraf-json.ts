import type { TelegrafRow } from './telegraf-rows.js'

/** What Go's encoding/json escapes and `JSON.stringify` does not, so that JSON may stand in HTML. */
const htmlUnsafe = /[<>&\u2028\u2029]/

/**
 * A row as Telegraf's JSON serializer writes it, without the line feed: keys sorted by bytes, Go's escapes. Written by hand, because an
 * object would put a histogram's keys (`1`, `10`) before all others.
 *
 * @param options.timestampUnitMs 1000: seconds, rounded half up as Telegraf's agent does by default; 1: milliseconds
 */
export function telegrafJson(row: TelegrafRow, options: { readonly timestampUnitMs: 1 | 1000 }): string {
  let fields = ''
  for (const [name, value] of row.fields) {
    if (Number.isFinite(value)) fields += `${fields === '' ? '' : ','}${quote(name)}:${Object.is(value, -0) ? '-0' : String(value)}`
  }
  const tags = row.tags.map(([name, value]) => `${quote(name)}:${quote(value)}`).join()
  const timestamp = Math.round(row.timestampMs / options.timestampUnitMs)
  return `{"fields":{${fields}},"name":${quote(row.measurement)},"tags":{${tags}},"timestamp":${timestamp}}`
}

function quote(text: string): string {
  const json = JSON.stringify(text)
  if (!htmlUnsafe.test(json)) return json
  return json.replaceAll(/[<>&\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

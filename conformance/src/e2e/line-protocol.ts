/** A line of InfluxDB's line protocol whose fields are all numbers. */
export interface Line {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, number>>
  /** Milliseconds; what is finer must be zero. */
  readonly timestampMs: number
}

const measurement = String.raw`(?:[^\\, \n]|\\.)+`
const key = String.raw`(?:[^\\,= \n]|\\.)+`
const float = String.raw`-?\d+(?:\.\d+)?(?:e[-+]\d+)?`
const line = new RegExp(`^(${measurement})((?:,${key}=${key})*) (${key}=${float}(?:,${key}=${float})*) (-?\\d+)$`)
const pair = new RegExp(`(${key})=(${key})(?:,|$)`, 'gy')

/**
 * Reads one line without its LF, more strictly than InfluxDB does: sorted tags, no tag or field twice, decimal floats, a timestamp in
 * nanoseconds. Written without a look at promline's encoder. Throws for anything else.
 * https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
 */
export function parseLine(text: string): Line {
  const [, name = '', tags = '', fields = '', timestamp = ''] = line.exec(text) ?? fail(text, 'is no line protocol')
  const tagPairs = pairsOf(tags.slice(1), text)
  const names = tagPairs.map(([tag]) => tag)
  if (names.some((tag, i) => i > 0 && names[i - 1]! >= tag)) fail(text, 'has tags that are not sorted, or twice')
  const fieldPairs = pairsOf(fields, text)
  if (new Set(fieldPairs.map(([field]) => field)).size < fieldPairs.length) fail(text, 'has a field twice')
  const nanoseconds = BigInt(timestamp)
  if (nanoseconds % 1_000_000n !== 0n) fail(text, 'has a timestamp finer than milliseconds')
  return {
    measurement: plainText(name),
    tags: Object.fromEntries(tagPairs),
    fields: Object.fromEntries(fieldPairs.map(([field, value]) => [field, Number(value)])),
    timestampMs: Number(nanoseconds / 1_000_000n),
  }
}

function pairsOf(text: string, whole: string): [name: string, value: string][] {
  const pairs: [string, string][] = []
  let end = 0
  for (const match of text.matchAll(pair)) {
    pairs.push([plainText(match[1]!), plainText(match[2]!)])
    end = match.index + match[0].length
  }
  if (end !== text.length) fail(whole, `cannot be divided after ${JSON.stringify(text.slice(0, end))}`)
  return pairs
}

function plainText(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\([,= ])/g, '$1') : text
}

function fail(text: string, why: string): never {
  throw new Error(`${JSON.stringify(text)} ${why}`)
}

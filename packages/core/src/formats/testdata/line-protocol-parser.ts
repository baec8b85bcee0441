/** One point as InfluxDB reads it. */
export interface ReferencePoint {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, number>>
  /** Nanoseconds do not fit a number. */
  readonly timestamp: bigint
}

/**
 * A small parser of line protocol, written from the reference of InfluxDB 1.x and not from our encoder: a separator counts where no
 * backslash stands before it; a backslash before a comma, space or equals sign goes; every other one stays.
 */
export function parseLine(line: string): ReferencePoint {
  if (line.startsWith('#')) throw new Error(`a comment, not a point: ${line}`)
  if (/[\n\r]/.test(line)) throw new Error(`more than one line: ${line}`)
  const [key = '', fieldSet = '', timestamp = '', ...rest] = splitAt(line, ' ')
  if (rest.length > 0 || !/^-?\d+$/.test(timestamp)) throw new Error(`no timestamp at the end: ${line}`)
  const [measurement = '', ...tagSet] = splitAt(key, ',')
  if (measurement === '') throw new Error(`no measurement: ${line}`)
  const tags = pairs(tagSet, (value) => unescape(value))
  for (const name of Object.keys(tags)) {
    if (name === 'time' || name === '_field' || name === '_measurement') throw new Error(`reserved tag ${name}: ${line}`)
  }
  return { measurement: unescape(measurement), tags, fields: pairs(splitAt(fieldSet, ','), parseFloatField), timestamp: BigInt(timestamp) }
}

function parseFloatField(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error(`not a float without an exponent: ${text}`)
  return Number(text)
}

function pairs<T>(parts: readonly string[], read: (value: string) => T): Record<string, T> {
  const object: Record<string, T> = Object.create(null)
  for (const part of parts) {
    const [name = '', value = '', ...rest] = splitAt(part, '=')
    if (name === '' || value === '' || rest.length > 0) throw new Error(`not one name and one value: ${part}`)
    if (unescape(name) in object) throw new Error(`given twice: ${part}`)
    object[unescape(name)] = read(value)
  }
  return object
}

function splitAt(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== separator || text[i - 1] === '\\') continue
    parts.push(text.slice(start, i))
    start = i + 1
  }
  return [...parts, text.slice(start)]
}

function unescape(text: string): string {
  return text.replaceAll(/\\([ ,=])/g, '$1')
}

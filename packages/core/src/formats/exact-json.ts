/** JSON with what `JSON` cannot hold: bigints, negative zero, and members in an order of their own. Undefined members are left out. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonEntries
  | { readonly [name: string]: JsonValue | undefined }

/** An object in the order of its members: a plain one puts names like `1` first, and does not keep one named `__proto__`. */
type JsonEntries = ReadonlyMap<string, JsonValue>

/**
 * JSON text of a value, on one line. Bigints keep all their digits; `-0` is written `-0.0`, which every reader takes for a negative zero.
 * Numbers must be finite, see `floatToJson`.
 */
export function writeJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`
  const members = isEntries(value) ? [...value] : Object.entries(value)
  const written = members.flatMap(([name, member]) => (member === undefined ? [] : [`${JSON.stringify(name)}:${writeJson(member)}`]))
  return `{${written.join(',')}}`
}

/** A float as a JSON number, or as "NaN", "+Inf" or "-Inf". */
export function floatToJson(value: number): number | string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return value
  return value > 0 ? '+Inf' : '-Inf'
}

// Array.isArray and instanceof do not tell readonly types apart.
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function isEntries(value: JsonValue): value is JsonEntries {
  return value instanceof Map
}

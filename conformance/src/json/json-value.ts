/** JSON with what `JSON` cannot hold: bigints, negative zero, and the values that are not numbers. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined }

/** Writes a value on one line. Undefined members are left out; `-0` is written `-0.0`, which every reader takes for a negative zero. */
export function writeJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : JSON.stringify(value)
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : [`${JSON.stringify(key)}:${writeJson(member)}`],
    )
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** A float as the contract writes it: a JSON number, or one of three strings. */
export function floatToJson(value: number): number | string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : value
}

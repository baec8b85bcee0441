import type { Labels } from '@promline/core'

/** JSON with what `JSON` cannot hold: bigints, negative zero, and the values that are not numbers. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonEntries
  | { readonly [key: string]: JsonValue | undefined }

/** An object in the order of its members: a plain one puts names like `1` first. */
type JsonEntries = ReadonlyMap<string, string>

/** Writes a value on one line. Undefined members are left out; `-0` is written `-0.0`, which every reader takes for a negative zero. */
export function writeJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : JSON.stringify(value)
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = (isEntries(value) ? [...value] : Object.entries(value)).flatMap(([key, member]) =>
      member === undefined ? [] : [`${JSON.stringify(key)}:${writeJson(member)}`],
    )
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}

/** Labels as an object, sorted as they are. */
export function labelsToJson(labels: Labels): JsonValue {
  return new Map(labelEntries(labels))
}

/** Labels as pairs. */
export function labelEntries(labels: Labels): [name: string, value: string][] {
  return Array.from({ length: labels.length }, (_, i) => [labels.nameAt(i), labels.valueAt(i)])
}

function isEntries(value: JsonValue): value is JsonEntries {
  return value instanceof Map
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

import { PromlineError } from '@promline/core'
import type { JsonList, JsonObject, JsonValue } from './exact-json.js'

/**
 * A JSON object read as NATS' own programs read it: a member that is missing or null is zero, empty, false or none, and one of another
 * type breaks the whole document. Errors are PromlineErrors (`decode`) that name the member and what it is.
 */
export class JsonRecord {
  /** For messages: `/jsz account_details[0]`. */
  readonly #place: string
  readonly #members: JsonObject

  constructor(value: JsonValue | undefined, place: string) {
    this.#place = place
    this.#members = objectOf(value, place)
  }

  has(key: string): boolean {
    return (this.#members.get(key) ?? null) !== null
  }

  keys(): Iterable<string> {
    return this.#members.keys()
  }

  /** The value as it is. */
  value(key: string): JsonValue | undefined {
    return this.#members.get(key)
  }

  number(key: string): number | bigint {
    return this.#read(key, isNumber, { expected: 'a number', missing: 0 })
  }

  /** A number without a fraction, for sums that must not round. */
  integer(key: string): bigint {
    const value = this.number(key)
    if (typeof value === 'number' && !Number.isInteger(value)) throw wrongType(this.#placeOf(key), 'an integer', value)
    return BigInt(value)
  }

  text(key: string): string {
    return this.#read(key, isString, { expected: 'a string', missing: '' })
  }

  flag(key: string): boolean {
    return this.#read(key, isBoolean, { expected: 'true or false', missing: false })
  }

  /** An object within; one without members where there is none. */
  record(key: string): JsonRecord {
    return new JsonRecord(this.has(key) ? this.value(key) : new Map(), this.#placeOf(key))
  }

  records(key: string): JsonRecord[] {
    return this.#list(key).map((value, i) => new JsonRecord(value, this.#placeOf(`${key}[${i}]`)))
  }

  texts(key: string): string[] {
    return this.#list(key).map((value, i) => {
      if (typeof value !== 'string') throw wrongType(this.#placeOf(`${key}[${i}]`), 'a string', value)
      return value
    })
  }

  #list(key: string): JsonList {
    return this.#read(key, isList, { expected: 'a list', missing: [] })
  }

  #read<T extends JsonValue>(
    key: string,
    is: (value: JsonValue) => value is T,
    { expected, missing }: { expected: string; missing: T },
  ): T {
    const value = this.#members.get(key) ?? null
    if (value === null) return missing
    if (!is(value)) throw wrongType(this.#placeOf(key), expected, value)
    return value
  }

  #placeOf(key: string): string {
    return `${this.#place} ${key}`
  }
}

const isNumber = (value: JsonValue): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'
const isString = (value: JsonValue): value is string => typeof value === 'string'
const isBoolean = (value: JsonValue): value is boolean => typeof value === 'boolean'
const isList = (value: JsonValue): value is JsonList => Array.isArray(value)

/** A value that must be an object. Throws a PromlineError (`decode`) that names the place where it is none. */
export function objectOf(value: JsonValue | undefined, place: string): JsonObject {
  if (!isObject(value)) throw wrongType(place, 'an object', value)
  return value
}

/** Whether a value of JSON is an object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map
}

function wrongType(place: string, expected: string, value: JsonValue | undefined): PromlineError {
  return new PromlineError('decode', `${place}: expected ${expected}, found ${describe(value)}`, { facts: { place } })
}

function describe(value: JsonValue | undefined): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing'
    case 'string':
      return value.length <= maxTextChars ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, maxTextChars))}...`
    case 'object':
      return value === null ? 'null' : isObject(value) ? 'an object' : 'a list'
    default:
      return String(value)
  }
}

/** Enough to recognise a text by. */
const maxTextChars = 40

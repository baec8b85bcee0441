import { PromlineError } from '@promline/core'
import { findJsonFault } from './json-fault.js'

/** Stands for a number that a double cannot hold, on its way through JSON.parse: an object with this one member, its text. */
const longNumberKey = '\u0000number'

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g
const integer = /^-?[1-9]\d*$/
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** A value of parsed JSON, read with its path for error messages. Everything wrong is a PromlineError (`decode`). */
export class JsonReader {
  readonly #value: unknown
  readonly #path: string

  constructor(value: unknown, path = '$') {
    this.#value = value
    this.#path = path
  }

  /**
   * Parses a text; integers beyond 2^53 keep all their digits. Throws a PromlineError (`decode`) that begins with the place.
   *
   * @param firstLine the number of the text's first line
   */
  static parse(text: string, firstLine = 1): JsonReader {
    try {
      return new JsonReader(JSON.parse(keepLongNumbers(text)))
    } catch (error) {
      const fault = findJsonFault(text)
      if (fault === undefined) throw error
      const place = `${firstLine + fault.line - 1}:${fault.column}`
      throw new PromlineError('decode', `${place}: not JSON: ${fault.message}`, { cause: error })
    }
  }

  get absent(): boolean {
    return this.#value === undefined || this.#value === null
  }

  /** A member of an object; absent where there is none. */
  member(name: string): JsonReader {
    return new JsonReader(Object.getOwnPropertyDescriptor(this.#object(), name)?.value, `${this.#path}.${name}`)
  }

  /** The elements of a list; none where it is absent. */
  list(): JsonReader[] {
    if (this.absent) return []
    if (!Array.isArray(this.#value)) throw this.wrong('a list')
    return this.#value.map((element, i) => new JsonReader(element, `${this.#path}[${i}]`))
  }

  /** The members of an object whose values are strings. */
  strings(): [string, string][] {
    return Object.entries(this.#object()).map(([name, value]) => [name, new JsonReader(value, `${this.#path}.${name}`).string()])
  }

  /** A string that is one of a list. */
  oneOf<T extends string>(words: readonly T[], fallback: T): T {
    const text = this.string(fallback)
    const word = words.find((one) => one === text)
    if (word === undefined) throw this.wrong(`one of ${words.join(', ')}`)
    return word
  }

  string(fallback?: string): string {
    if (this.absent && fallback !== undefined) return fallback
    if (typeof this.#value !== 'string') throw this.wrong('a string')
    return this.#value
  }

  boolean(): boolean {
    if (this.absent) return false
    if (typeof this.#value !== 'boolean') throw this.wrong('true or false')
    return this.#value
  }

  /** An integer that a double holds. */
  integer(fallback?: number): number {
    if (this.absent && fallback !== undefined) return fallback
    if (typeof this.#value !== 'number' || !Number.isSafeInteger(this.#value)) throw this.wrong('an integer within 2^53')
    return this.#value
  }

  /** An integer of 64 bits without a sign, 0 where it is absent: a bigint only where a double does not hold it. */
  unsigned64(): number | bigint {
    const value = this.#integer64(0n)
    if (value === undefined || BigInt.asUintN(64, BigInt(value)) !== BigInt(value)) throw this.wrong('an integer from 0 to 2^64 - 1')
    return value
  }

  /** An integer of 64 bits with a sign: a bigint only where a double does not hold it. */
  signed64(): number | bigint {
    const value = this.#integer64()
    if (value === undefined || BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) throw this.wrong('an integer from -2^63 to 2^63 - 1')
    return value
  }

  /** A number, or "NaN", "+Inf", "-Inf". */
  float(fallback?: number): number {
    if (this.absent && fallback !== undefined) return fallback
    const value = this.#value
    const long = longNumberOf(value)
    // 1e999 is past all doubles, and whoever wrote it did not mean infinity.
    if (long !== undefined && Number.isFinite(Number(long))) return Number(long)
    if (typeof value === 'number') return value
    if (value === 'NaN') return Number.NaN
    if (value === '+Inf' || value === 'Inf') return Number.POSITIVE_INFINITY
    if (value === '-Inf') return Number.NEGATIVE_INFINITY
    throw this.wrong('a number, "NaN", "+Inf" or "-Inf"')
  }

  /** Why it is not taken, with its path. */
  refusal(reason: string): PromlineError {
    return new PromlineError('decode', `${this.#path}: ${reason}`)
  }

  /** That something else is there than what is expected. */
  wrong(expected: string): PromlineError {
    const found = this.#value === undefined ? 'nothing' : (longNumberOf(this.#value) ?? JSON.stringify(this.#value))
    return this.refusal(`expected ${expected}, found ${found.slice(0, 60)}`)
  }

  #integer64(fallback?: bigint): number | bigint | undefined {
    const value = this.absent ? fallback : (bigIntegerOf(this.#value) ?? this.#value)
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
  }

  #object(): object {
    const value = this.#value
    if (typeof value !== 'object' || value === null || Array.isArray(value) || longNumberOf(value) !== undefined)
      throw this.wrong('an object')
    return value
  }
}

function keepLongNumbers(text: string): string {
  if (!/\d{16}|\d[eE]/.test(text)) return text
  return text.replace(token, (found) => (isLongNumber(found) ? JSON.stringify({ [longNumberKey]: found }) : found))
}

/** Whether JSON.parse would make another integer of it, or an infinity. */
function isLongNumber(text: string): boolean {
  if (integer.test(text)) return !Number.isSafeInteger(Number(text))
  return number.test(text) && !Number.isFinite(Number(text))
}

function longNumberOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const text: unknown = Object.getOwnPropertyDescriptor(value, longNumberKey)?.value
  return typeof text === 'string' && isLongNumber(text) ? text : undefined
}

function bigIntegerOf(value: unknown): bigint | undefined {
  const text = longNumberOf(value)
  return text !== undefined && integer.test(text) ? BigInt(text) : undefined
}

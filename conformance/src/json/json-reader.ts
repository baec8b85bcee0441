import { PromlineError } from '@promline/core'

/** Stands for an integer that a double cannot hold, on its way through JSON.parse: an object with this one member. */
const bigIntegerKey = '\u0000integer'

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g
const bigInteger = /^-?\d{16,}$/

/** A value of parsed JSON, read with its path for error messages. Everything wrong is a PromlineError (`decode`). */
export class JsonReader {
  readonly #value: unknown
  readonly #path: string

  constructor(value: unknown, path = '$') {
    this.#value = value
    this.#path = path
  }

  /** Parses a text; integers beyond 2^53 keep all their digits. */
  static parse(text: string): JsonReader {
    try {
      return new JsonReader(JSON.parse(keepBigIntegers(text)))
    } catch (error) {
      throw new PromlineError('decode', `not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
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
    if (!Array.isArray(this.#value)) throw this.#wrong('a list')
    return this.#value.map((element, i) => new JsonReader(element, `${this.#path}[${i}]`))
  }

  /** The members of an object whose values are strings. */
  strings(): [string, string][] {
    return Object.entries(this.#object()).map(([name, value]) => [name, new JsonReader(value, `${this.#path}.${name}`).string()])
  }

  string(fallback?: string): string {
    if (this.absent && fallback !== undefined) return fallback
    if (typeof this.#value !== 'string') throw this.#wrong('a string')
    return this.#value
  }

  boolean(): boolean {
    if (this.absent) return false
    if (typeof this.#value !== 'boolean') throw this.#wrong('true or false')
    return this.#value
  }

  /** An integer that a double holds. */
  integer(fallback?: number): number {
    if (this.absent && fallback !== undefined) return fallback
    if (typeof this.#value !== 'number' || !Number.isSafeInteger(this.#value)) throw this.#wrong('an integer within 2^53')
    return this.#value
  }

  /** An integer of 64 bits without a sign, 0 where it is absent: a bigint only where a double does not hold it. */
  unsigned64(): number | bigint {
    const value = this.#integer64(0n)
    if (value === undefined || BigInt.asUintN(64, BigInt(value)) !== BigInt(value)) throw this.#wrong('an integer from 0 to 2^64 - 1')
    return value
  }

  /** An integer of 64 bits with a sign: a bigint only where a double does not hold it. */
  signed64(): number | bigint {
    const value = this.#integer64()
    if (value === undefined || BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) throw this.#wrong('an integer from -2^63 to 2^63 - 1')
    return value
  }

  /** A number, or "NaN", "+Inf", "-Inf". */
  float(fallback?: number): number {
    if (this.absent && fallback !== undefined) return fallback
    const value = bigIntegerOf(this.#value) ?? this.#value
    // JSON.parse makes an infinity of 1e999, which nobody meant.
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return Number(value)
    if (value === 'NaN') return Number.NaN
    if (value === '+Inf' || value === 'Inf') return Number.POSITIVE_INFINITY
    if (value === '-Inf') return Number.NEGATIVE_INFINITY
    throw this.#wrong('a number, "NaN", "+Inf" or "-Inf"')
  }

  #integer64(fallback?: bigint): number | bigint | undefined {
    const value = this.absent ? fallback : (bigIntegerOf(this.#value) ?? this.#value)
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
  }

  #object(): object {
    const value = this.#value
    if (typeof value !== 'object' || value === null || Array.isArray(value) || bigIntegerOf(value) !== undefined)
      throw this.#wrong('an object')
    return value
  }

  #wrong(expected: string): PromlineError {
    const found = this.#value === undefined ? 'nothing' : (bigIntegerOf(this.#value) ?? JSON.stringify(this.#value))
    return new PromlineError('decode', `${this.#path}: expected ${expected}, found ${String(found).slice(0, 60)}`)
  }
}

function keepBigIntegers(text: string): string {
  if (!/\d{16}/.test(text)) return text
  return text.replace(token, (found) =>
    bigInteger.test(found) && !Number.isSafeInteger(Number(found)) ? JSON.stringify({ [bigIntegerKey]: found }) : found,
  )
}

function bigIntegerOf(value: unknown): bigint | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const digits: unknown = Object.getOwnPropertyDescriptor(value, bigIntegerKey)?.value
  return typeof digits === 'string' && bigInteger.test(digits) ? BigInt(digits) : undefined
}

import { PromlineError } from '@promline/core'

/** Marks an integer that a double cannot hold, on its way through JSON.parse. */
const bigIntegerMark = '\u0000integer:'

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
    const exact = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
      token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : JSON.stringify(bigIntegerMark + token),
    )
    try {
      return new JsonReader(JSON.parse(exact))
    } catch (error) {
      throw new PromlineError('decode', `not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }

  get absent(): boolean {
    return this.#value === undefined || this.#value === null
  }

  /** A member of an object; absent where there is none. */
  member(name: string): JsonReader {
    const object = this.#value
    if (typeof object !== 'object' || object === null || Array.isArray(object)) throw this.#wrong('an object')
    return new JsonReader(Object.getOwnPropertyDescriptor(object, name)?.value, `${this.#path}.${name}`)
  }

  /** The elements of a list; none where it is absent. */
  list(): JsonReader[] {
    if (this.absent) return []
    if (!Array.isArray(this.#value)) throw this.#wrong('a list')
    return this.#value.map((element, i) => new JsonReader(element, `${this.#path}[${i}]`))
  }

  /** The members of an object whose values are strings. */
  strings(): [string, string][] {
    const object = this.#value
    if (typeof object !== 'object' || object === null) throw this.#wrong('an object')
    return Object.entries(object).map(([name, value]) => [name, new JsonReader(value, `${this.#path}.${name}`).string()])
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

  /** An integer of up to 64 bits: a bigint only where a double does not hold it. */
  bigInteger(fallback?: number): number | bigint {
    if (typeof this.#value === 'string' && this.#value.startsWith(bigIntegerMark)) return BigInt(this.#value.slice(bigIntegerMark.length))
    return this.integer(fallback)
  }

  /** A number, or "NaN", "+Inf", "-Inf". */
  float(fallback?: number): number {
    if (this.absent && fallback !== undefined) return fallback
    if (typeof this.#value === 'number') return this.#value
    if (this.#value === 'NaN') return Number.NaN
    if (this.#value === '+Inf' || this.#value === 'Inf') return Number.POSITIVE_INFINITY
    if (this.#value === '-Inf') return Number.NEGATIVE_INFINITY
    throw this.#wrong('a number, "NaN", "+Inf" or "-Inf"')
  }

  #wrong(expected: string): PromlineError {
    const found = this.#value === undefined ? 'nothing' : (JSON.stringify(this.#value) ?? typeof this.#value)
    return new PromlineError('decode', `${this.#path}: expected ${expected}, found ${found.slice(0, 60)}`)
  }
}

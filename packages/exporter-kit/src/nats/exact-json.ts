import { PromlineError } from '@promline/core'

/**
 * JSON whose integers are exact: one that a number cannot hold is a bigint, as NATS' 2^64-1 for "no limit" is. Objects are maps, so that
 * `__proto__` is a key like any other; of a key that comes twice the last counts.
 */
export type JsonValue = null | boolean | number | bigint | string | JsonList | JsonObject

/** The values of an array. */
export type JsonList = readonly JsonValue[]

/** The members of an object, in their order. */
export type JsonObject = ReadonlyMap<string, JsonValue>

/** NATS nests a dozen levels; a hundred thousand would end the stack. */
const maxDepth = 100
/** The digits of 2^64 and a sign; what is longer is no counter, and BigInt takes its time over millions of digits. */
const maxIntegerChars = 21

const numberSyntax = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** Of an integer that is read digit by digit: all of fifteen are exact. */
const maxPlainDigits = 15

/** Codes of characters. */
const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const minus = 0x2d
const dot = 0x2e
const zero = 0x30
const nine = 0x39
const upperE = 0x45
const backslash = 0x5c
const lowerE = 0x65

/**
 * Reads a JSON text. `JSON.parse` would round large integers, and its `context.source` came with Node 21. It is read code by code, with no
 * text made that is not kept: an answer may be of megabytes, and nothing else runs meanwhile. Throws a PromlineError (`parse`) that says
 * where the text is none, or (`limit`) where it is nested too deeply.
 */
export function parseExactJson(text: string): JsonValue {
  const parser = new Parser(text)
  const value = parser.value(0)
  parser.end()
  return value
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  end(): void {
    this.#skipWhitespace()
    if (this.#at < this.#text.length) throw this.#unexpected('the end')
  }

  value(depth: number): JsonValue {
    if (depth > maxDepth) throw new PromlineError('limit', `JSON is nested more than ${maxDepth} levels deep`, { facts: { maxDepth } })
    this.#skipWhitespace()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#list(depth)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>()
    this.#at++
    if (this.#takes('}')) return members
    do {
      this.#skipWhitespace()
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key')
      const key = this.#string()
      if (!this.#takes(':')) throw this.#unexpected('":"')
      members.set(key, this.value(depth + 1))
    } while (this.#takes(','))
    if (!this.#takes('}')) throw this.#unexpected('"," or "}"')
    return members
  }

  #list(depth: number): JsonList {
    const values: JsonValue[] = []
    this.#at++
    if (this.#takes(']')) return values
    do values.push(this.value(depth + 1))
    while (this.#takes(','))
    if (!this.#takes(']')) throw this.#unexpected('"," or "]"')
    return values
  }

  #string(): string {
    const text = this.#text
    const start = this.#at + 1
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at)
      if (code === quote) {
        this.#at = at + 1
        return text.slice(start, at)
      }
      if (code === backslash || !(code >= space)) return this.#oddString() // not a number beyond the end
    }
  }

  /** One with escapes, or with control characters: those are JSON.parse's to judge. */
  #oddString(): string {
    const start = this.#at
    const end = this.#stringEnd(start)
    this.#at = end
    try {
      return String(JSON.parse(this.#text.slice(start, end)))
    } catch {
      this.#at = start
      throw this.#unexpected('a string')
    }
  }

  /** The place behind the closing quote. */
  #stringEnd(start: number): number {
    for (let end = start; ; ) {
      end = this.#text.indexOf('"', end + 1)
      if (end === -1) throw this.#unexpected('a string')
      let backslashes = 0
      while (this.#text.charCodeAt(end - 1 - backslashes) === backslash) backslashes++
      if (backslashes % 2 === 0) return end + 1
    }
  }

  /** Most numbers are whole, and of few digits. */
  #number(): number | bigint {
    const text = this.#text
    const isNegative = text.charCodeAt(this.#at) === minus
    const start = isNegative ? this.#at + 1 : this.#at
    let at = start
    let value = 0
    let code = text.charCodeAt(at)
    for (; code >= zero && code <= nine; code = text.charCodeAt(++at)) value = value * 10 + (code - zero)
    const digits = at - start
    const isWhole = code !== dot && code !== lowerE && code !== upperE
    const isLed = digits > 1 && text.charCodeAt(start) === zero
    if (digits === 0 || digits > maxPlainDigits || isLed || !isWhole) return this.#oddNumber()
    this.#at = at
    return isNegative ? -value : value
  }

  #oddNumber(): number | bigint {
    numberSyntax.lastIndex = this.#at
    const token = numberSyntax.exec(this.#text)?.[0]
    if (token === undefined) throw this.#unexpected('a value')
    const value = Number(token)
    if (!Number.isFinite(value)) throw this.#unexpected('a number that 64 bits can hold')
    this.#at += token.length
    if (Number.isSafeInteger(value) || token.length > maxIntegerChars || /[.eE]/.test(token)) return value
    return BigInt(token)
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('a value')
    this.#at += word.length
    return value
  }

  /** Whether this comes next; then it is passed. */
  #takes(character: string): boolean {
    this.#skipWhitespace()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #skipWhitespace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== space && code !== lineFeed && code !== carriageReturn && code !== tab) return
      this.#at++
    }
  }

  #unexpected(expected: string): PromlineError {
    const at = this.#at
    const rest = this.#text.slice(at, at + maxQuotedChars)
    const found = rest === '' ? 'the end' : JSON.stringify(rest)
    return new PromlineError('parse', `JSON, character ${at + 1}: expected ${expected}, found ${found}`, { facts: { character: at + 1 } })
  }
}

/** Enough to find the place by. */
const maxQuotedChars = 20

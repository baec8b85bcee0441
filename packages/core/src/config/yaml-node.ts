import { dirname, isAbsolute, join } from 'node:path'
import { isMap, isScalar, isSeq } from 'yaml'
import { parseListen } from '../http/listen-address.js'
import { Secret } from '../http/secret.js'
import { PromlineError } from '../model/errors.js'
import { parseByteSize } from './byte-size.js'
import { ConfigError } from './config-error.js'
import type { ConfigNode, Fields, FieldsOptions, Bounds, SectionParser, SectionParsers } from './config-node.js'
import { formatDuration, parseDurationMs } from '../model/duration.js'
import { nearestKey } from './nearest-key.js'
import { pairsOf, type YamlPair } from './yaml-pairs.js'
import { isEmptyScalar, parseBoolean, parseInteger, textOf } from './yaml-scalar.js'
import type { YamlDocument } from './yaml-document.js'

/** What promline says of a key or a value that belongs to Prometheus and is not built yet. */
export const notOfferedYet = 'promline does not offer this yet'

/** Where a node stands, and its YAML value. */
export interface YamlNodeInput {
  readonly path: string
  readonly value: unknown
  /** Where it begins in the text. */
  readonly offset: number
}

/** A ConfigNode over a parsed YAML file. */
export class YamlNode implements ConfigNode {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly #document: YamlDocument
  readonly #value: unknown
  readonly #offset: number

  constructor(document: YamlDocument, { path, value, offset }: YamlNodeInput) {
    const { line, column } = document.placeOf(offset)
    this.path = path
    this.line = line
    this.column = column
    this.#document = document
    this.#value = document.resolve(value)
    this.#offset = offset
  }

  get isEmpty(): boolean {
    return !isMap(this.#value) && !isSeq(this.#value) && (!isScalar(this.#value) || isEmptyScalar(this.#value))
  }

  error(message: string, cause?: unknown): ConfigError {
    const { file } = this.#document
    return new ConfigError({ file, line: this.line, column: this.column }, this.path === '' ? message : `${this.path}: ${message}`, cause)
  }

  attempt<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof PromlineError) || error instanceof ConfigError) throw error
      throw this.error(error.message, error)
    }
  }

  has(key: string): boolean {
    return isMap(this.#value) && this.#pairs().some((pair) => pair.key === key)
  }

  at(key: string | number): ConfigNode {
    if (typeof key === 'number') return this.#item(key, isSeq(this.#value) ? this.#value.items[key] : undefined)
    const pair = isMap(this.#value) ? this.#pairs().find((candidate) => candidate.key === key) : undefined
    return pair === undefined ? this.#child(key, undefined, this.#offset) : this.#field(pair)
  }

  fields<F extends SectionParsers, R extends keyof F & string = never>(parsers: F, options?: FieldsOptions<R>): Fields<F, R>
  fields(parsers: SectionParsers, options: FieldsOptions<string> = {}): object {
    const given: Record<string, unknown> = Object.create(null)
    const elsewhere = new Set(options.elsewhere)
    for (const pair of this.#pairs()) {
      if (elsewhere.has(pair.key)) continue
      const parse = Object.hasOwn(parsers, pair.key) ? parsers[pair.key] : undefined
      if (parse === undefined) throw this.#refuseKey(pair, parsers, options)
      const field = this.#field(pair)
      if (!field.isEmpty || options.takesEmpty?.includes(pair.key) === true) given[pair.key] = parse(field)
    }
    const missing = options.required?.find((key) => !(key in given))
    if (missing !== undefined) throw this.error(`${missing} is required`)
    return given
  }

  entries<T>(parse: SectionParser<T>): [key: string, value: T][] {
    return this.#pairs().map((pair) => [pair.key, parse(this.#field(pair))])
  }

  list<T>(parse: SectionParser<T>): T[] {
    if (this.isEmpty) return []
    if (!isSeq(this.#value)) throw this.#unexpected('a list')
    return this.#value.items.map((value, i) => {
      const item = this.#item(i, value)
      if (item.isEmpty) throw item.error('is empty')
      return parse(item)
    })
  }

  string(): string {
    if (this.isEmpty || !isScalar(this.#value)) throw this.#unexpected('a text')
    return textOf(this.#value)
  }

  secret(): Secret {
    return new Secret(this.string())
  }

  boolean(): boolean {
    return this.#scalar(parseBoolean, 'true or false')
  }

  integer(bounds: Bounds = {}): number {
    return this.#within(this.#scalar(parseInteger, 'an integer'), bounds, String)
  }

  durationMs(bounds: Bounds = {}): number {
    return this.#within(this.#scalar(parseDurationMs, 'a duration like 15s, 1h30m or 0'), bounds, formatDuration)
  }

  bytes(bounds: Bounds = {}): number {
    return this.#within(this.#scalar(parseByteSize, 'a size with a unit, like 64MB or 1GiB, or 0'), bounds, (bytes) => `${bytes}B`)
  }

  choice<const T extends string>(words: readonly T[]): T {
    const text = this.string()
    const word = words.find((candidate) => candidate === text)
    if (word !== undefined) return word
    const nearest = nearestKey(text, words)
    throw this.error(
      `${JSON.stringify(text)} is not one of ${words.join(', ')}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    )
  }

  address(): string {
    const text = this.string()
    this.attempt(() => parseListen(text))
    return text
  }

  url(): string {
    const text = this.string()
    // Not quoted: a URL may hold a password.
    if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) throw this.error('is not an absolute http or https URL')
    const { username, password } = new URL(text)
    if (!isEscaped(username) || !isEscaped(password))
      throw this.error('has a user or password with a "%" that begins no escape: write it as %25')
    return text
  }

  file(): string {
    const text = this.string()
    if (text === '') throw this.error('a path must not be empty')
    return isAbsolute(text) ? text : join(dirname(this.#document.file), text)
  }

  #pairs(): readonly YamlPair[] {
    if (this.isEmpty) return []
    if (!isMap(this.#value)) throw this.#unexpected('a map')
    return pairsOf(this.#value, this.#document, (offset, message) => this.#child('<<', undefined, offset).error(message))
  }

  #field({ key, value, offset, valueOffset }: YamlPair): YamlNode {
    const field = this.#child(key, value, valueOffset)
    return field.isEmpty ? this.#child(key, value, offset) : field
  }

  #item(index: number, value: unknown): YamlNode {
    return new YamlNode(this.#document, { path: `${this.path}[${index}]`, value, offset: this.#offsetOf(value) })
  }

  #child(key: string, value: unknown, offset: number): YamlNode {
    const isWord = /^[A-Za-z_][\w-]*$/.test(key)
    const step = isWord ? `${this.path === '' ? '' : '.'}${key}` : `[${JSON.stringify(key)}]`
    return new YamlNode(this.#document, { path: this.path + step, value, offset })
  }

  #offsetOf(value: unknown): number {
    const resolved = this.#document.resolve(value)
    return isMap(resolved) || isSeq(resolved) || isScalar(resolved) ? (resolved.range?.[0] ?? this.#offset) : this.#offset
  }

  #refuseKey(pair: YamlPair, parsers: SectionParsers, options: FieldsOptions<string>): ConfigError {
    const place = this.#child(pair.key, undefined, pair.offset)
    const notOffered = new Set(options.notOffered)
    if (notOffered.has(pair.key)) return place.error(notOfferedYet)
    const nearest = nearestKey(pair.key, [...Object.keys(parsers), ...(options.elsewhere ?? []), ...notOffered])
    return place.error(`unknown key${nearest === undefined ? '' : `; did you mean ${nearest}?`}`)
  }

  #scalar<T>(parse: (text: string) => T | undefined, expected: string): T {
    const text = this.string()
    const value = parse(text)
    if (value === undefined) throw this.error(`expected ${expected}, found ${JSON.stringify(text)}`)
    return value
  }

  #within(value: number, { min, max }: Bounds, format: (value: number) => string): number {
    if (min !== undefined && value < min) throw this.error(`must be at least ${format(min)}, not ${format(value)}`)
    if (max !== undefined && value > max) throw this.error(`must be at most ${format(max)}, not ${format(value)}`)
    return value
  }

  /** Says what kind of thing stands here, never its text: it may be a secret. */
  #unexpected(expected: string): ConfigError {
    const found = this.isEmpty ? 'nothing' : isMap(this.#value) ? 'a map' : isSeq(this.#value) ? 'a list' : 'a single value'
    return this.error(`expected ${expected}, found ${found}`)
  }
}

/** Whether each percent sign begins the escape of UTF-8. */
function isEscaped(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

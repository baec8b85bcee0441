import type { Secret } from '../http/secret.js'
import type { ConfigError } from './config-error.js'

/** Reads a part of a configuration file into whatever its owner wants, usually typed options. */
export type SectionParser<T> = (node: ConfigNode) => T

/** Parsers by key, as YAML spells it. */
export type SectionParsers = Readonly<Record<string, SectionParser<unknown>>>

/** What the fields of a map came to: required ones are there, the others where they were given. */
export type Fields<F extends SectionParsers, R extends keyof F = never> = {
  readonly [K in R]: ReturnType<F[K]>
} & {
  readonly [K in Exclude<keyof F, R>]?: ReturnType<F[K]>
}

export interface FieldsOptions<R extends string> {
  /** Keys that must be given. */
  readonly required?: readonly R[]
  /** Keys that another program knows and promline does not: refused by name instead of as unknown. */
  readonly notOffered?: Iterable<string>
  /** Keys that are read by another call. */
  readonly elsewhere?: Iterable<string>
  /** Keys whose parser is called for an empty value (`key:`), too. Elsewhere an empty value is the same as none. */
  readonly takesEmpty?: readonly string[]
}

/** Bounds of a number, both inclusive. */
export interface Bounds {
  readonly min?: number
  readonly max?: number
}

/**
 * A part of a configuration file that knows where it stands. Readers give a typed value or throw a ConfigError that names file, line,
 * column and path. A section parser reads like the section:
 *
 *     const parseSpool: SectionParser<SpoolOptions> = (node) => {
 *       const { max_bytes, max_age, fsync } = node.fields({
 *         max_bytes: (field) => field.bytes({ min: 1 }),
 *         max_age: (field) => field.durationMs(),
 *         fsync: (field) => field.choice(['always', 'interval', 'os']),
 *       })
 *       return { maxBytes: max_bytes ?? 2 ** 30, maxAgeMs: max_age ?? 0, fsync: fsync ?? 'interval' }
 *     }
 */
export interface ConfigNode {
  /** The way to here: `scrape_configs[0].job_name`; '' for the whole file. */
  readonly path: string
  readonly line: number
  readonly column: number
  /** Nothing was given: `key:`, `key: null`, an empty file. */
  readonly isEmpty: boolean

  /** An error at this place, to be thrown. */
  error(message: string, cause?: unknown): ConfigError
  /** Runs a check of options; a PromlineError that it throws becomes a ConfigError at this place. */
  attempt<T>(run: () => T): T
  /** Whether a key stands in this map, be it with an empty value. */
  has(key: string): boolean
  /** A field or an item, for its place: empty, and at this node's place, where there is none. */
  at(key: string | number): ConfigNode

  /**
   * The fields of a map. A key without a parser is refused, with the nearest key that has one. An empty node has no field, so a section
   * may be left empty.
   */
  fields<F extends SectionParsers, R extends keyof F & string = never>(parsers: F, options?: FieldsOptions<R>): Fields<F, R>
  /** The entries of a map whose keys are the user's own, in the order of the file. An empty node has none. */
  entries<T>(parse: SectionParser<T>): [key: string, value: T][]
  /** The items of a list. An empty node has none; an empty item is refused. */
  list<T>(parse: SectionParser<T>): T[]

  /** A text; numbers and booleans are taken as they are written. */
  string(): string
  /** A text that must not be printed: no error quotes it. */
  secret(): Secret
  /** `true` and `false`, and YAML 1.1's other spellings (`yes`, `off`), which Prometheus takes. */
  boolean(): boolean
  integer(bounds?: Bounds): number
  /** Prometheus' durations: `15s`, `1h30m`, `500ms`, `0`. Bounds are milliseconds. */
  durationMs(bounds?: Bounds): number
  /** Prometheus' sizes: `64MB`, `1GiB`, `0`; all units are powers of 1024. Bounds are bytes. */
  bytes(bounds?: Bounds): number
  /** One of a few words. */
  choice<const T extends string>(words: readonly T[]): T
  /** `host:port`, `[IPv6]:port` or `:port`. */
  address(): string
  /** An absolute http or https URL, as it is written. */
  url(): string
  /** A path; a relative one begins at the folder of the configuration file. */
  file(): string
}

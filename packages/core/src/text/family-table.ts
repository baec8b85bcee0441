import { type MetadataTable, type MetricMetadata, type MetricType, unknownMetadata } from '../model/metadata.js'
import type { TextMode } from './text-entry.js'

/** What a page has said of a family so far. */
export interface Family {
  readonly name: string
  metadata: MetricMetadata
  /** A HELP line came. */
  hasHelp: boolean
  /** A TYPE line came. */
  hasType: boolean
  /** A sample came. */
  hasSamples: boolean
}

/** Suffixes of the series of a type whose names are not the family's. */
const seriesSuffixes: readonly (readonly [type: MetricType, suffixes: readonly string[]])[] = [
  ['summary', ['_count', '_sum']],
  ['histogram', ['_count', '_sum', '_bucket']],
  ['gaugehistogram', ['_count', '_sum', '_bucket']],
]

/** The families of a page by name, in the order in which they came. */
export class FamilyTable {
  readonly #families = new Map<string, Family>()
  readonly #mode: TextMode
  readonly #metadata: MetadataTable

  constructor(mode: TextMode, metadata: MetadataTable) {
    this.#mode = mode
    this.#metadata = metadata
  }

  /** In page order. */
  families(): Iterable<Family> {
    return this.#families.values()
  }

  /** The family that a HELP or TYPE line speaks of. Strictly, the name of a histogram's series stands for the histogram. */
  ofMetadata(name: string): Family {
    const known = this.#mode === 'strict' ? this.#find(name) : this.#families.get(name)
    return known ?? this.#add(name)
  }

  /** The family that a series of this name belongs to. */
  ofSample(name: string): Family {
    const family = this.#find(name) ?? this.#add(name)
    family.hasSamples = true
    return family
  }

  setHelp(family: Family, help: string): void {
    family.hasHelp = true
    family.metadata = this.#metadata.intern({ ...family.metadata, help })
  }

  setType(family: Family, type: MetricType): void {
    family.hasType = true
    family.metadata = this.#metadata.intern({ ...family.metadata, type })
  }

  #find(name: string): Family | undefined {
    const exact = this.#families.get(name)
    if (exact !== undefined) return exact
    for (const [type, suffixes] of seriesSuffixes) {
      for (const suffix of suffixes) {
        const family = this.#findBySuffix(name, suffix)
        if (family?.metadata.type === type) return family
      }
    }
    // The scraper takes a counter's name with and without its suffix; to expfmt they are two families.
    const counter = this.#mode === 'prometheus' ? this.#findBySuffix(name, '_total') : undefined
    return counter?.metadata.type === 'counter' ? counter : undefined
  }

  #findBySuffix(name: string, suffix: string): Family | undefined {
    if (!name.endsWith(suffix) || name.length === suffix.length) return undefined
    return this.#families.get(name.slice(0, -suffix.length))
  }

  #add(name: string): Family {
    const family = { name, metadata: this.#metadata.intern(unknownMetadata(name)), hasHelp: false, hasType: false, hasSamples: false }
    this.#families.set(name, family)
    return family
  }
}

import { MetadataTable, type MetricMetadata, type MetricType, unknownMetadata } from '../model/metadata.js'
import type { TextMode } from './text-entry.js'

/** A text that is decoded when it is asked for. */
export interface LazyText {
  decode(): string
}

/** Where metadata is interned: made for the first that asks. */
class MetadataIntern {
  #table: MetadataTable | undefined

  constructor(table: MetadataTable | undefined) {
    this.#table = table
  }

  intern(metadata: MetricMetadata): MetricMetadata {
    this.#table ??= new MetadataTable()
    return this.#table.intern(metadata)
  }
}

/** What a page has said of a family up to some line. The metadata is made when it is asked for: few are asked for it on every page. */
export class FamilyFacts {
  type: MetricType = 'unknown'
  help: string | LazyText = ''
  #name: string | LazyText
  readonly #intern: MetadataIntern
  #metadata: MetricMetadata | undefined

  constructor(name: string | LazyText, intern: MetadataIntern) {
    this.#name = name
    this.#intern = intern
  }

  get name(): string {
    if (typeof this.#name !== 'string') this.#name = this.#name.decode()
    return this.#name
  }

  get metadata(): MetricMetadata {
    this.#metadata ??= this.#intern.intern({ ...unknownMetadata(this.name), type: this.type, help: this.#decodeHelp() })
    return this.#metadata
  }

  copy(): FamilyFacts {
    const copy = new FamilyFacts(this.#name, this.#intern)
    copy.type = this.type
    copy.help = this.help
    return copy
  }

  /** Others are said now. */
  forgetMetadata(): void {
    this.#metadata = undefined
  }

  #decodeHelp(): string {
    if (typeof this.help !== 'string') this.help = this.help.decode()
    return this.help
  }
}

/** What a page has said of a family so far. */
export class Family {
  #facts: FamilyFacts
  #isLent = false
  /** A HELP line came. */
  hasHelp = false
  /** A TYPE line came. */
  hasType = false
  /** A sample came. */
  hasSamples = false

  constructor(facts: FamilyFacts) {
    this.#facts = facts
  }

  get name(): string {
    return this.#facts.name
  }

  get type(): MetricType {
    return this.#facts.type
  }

  get metadata(): MetricMetadata {
    return this.#facts.metadata
  }

  /** What was said so far, to keep: it does not change when more is said. */
  lend(): FamilyFacts {
    this.#isLent = true
    return this.#facts
  }

  /** What was said so far, to say more. */
  say(): FamilyFacts {
    if (this.#isLent) this.#facts = this.#facts.copy()
    else this.#facts.forgetMetadata()
    this.#isLent = false
    return this.#facts
  }
}

/** Suffixes of the series of a type whose names are not the family's. */
export const seriesSuffixes: readonly (readonly [type: MetricType, suffixes: readonly string[]])[] = [
  ['summary', ['_count', '_sum']],
  ['histogram', ['_count', '_sum', '_bucket']],
  ['gaugehistogram', ['_count', '_sum', '_bucket']],
]

/** The families of a page by name, in the order in which they came. */
export class FamilyTable {
  readonly #families = new Map<string, Family>()
  readonly #mode: TextMode
  readonly #intern: MetadataIntern
  /** Families of samples that have other names, until something is said that might change it. */
  #aliases: Map<string, Family> | undefined

  /** @param metadata interns the metadata of the families; a table of its own where it is undefined */
  constructor(mode: TextMode, metadata: MetadataTable | undefined) {
    this.#mode = mode
    this.#intern = new MetadataIntern(metadata)
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
    const family = this.#families.get(name) ?? this.#aliases?.get(name) ?? this.#findAlias(name) ?? this.#add(name)
    family.hasSamples = true
    return family
  }

  setHelp(family: Family, help: string | LazyText): void {
    family.hasHelp = true
    family.say().help = help
  }

  setType(family: Family, type: MetricType): void {
    family.hasType = true
    family.say().type = type
    this.#aliases = undefined
  }

  /** Makes a family that the table does not have. */
  create(name: string | LazyText): Family {
    return new Family(new FamilyFacts(name, this.#intern))
  }

  /** Adds a family whose name the table does not have. */
  add(family: Family): void {
    this.#families.set(family.name, family)
    this.#aliases = undefined
  }

  #find(name: string): Family | undefined {
    return this.#families.get(name) ?? this.#findBySuffixes(name)
  }

  #findAlias(name: string): Family | undefined {
    const family = this.#findBySuffixes(name)
    if (family !== undefined) {
      this.#aliases ??= new Map()
      this.#aliases.set(name, family)
    }
    return family
  }

  #findBySuffixes(name: string): Family | undefined {
    for (const [type, suffixes] of seriesSuffixes) {
      for (const suffix of suffixes) {
        const family = this.#findBySuffix(name, suffix)
        if (family?.type === type) return family
      }
    }
    // The scraper takes a counter's name with and without its suffix; to expfmt they are two families.
    const counter = this.#mode === 'prometheus' ? this.#findBySuffix(name, '_total') : undefined
    return counter?.type === 'counter' ? counter : undefined
  }

  #findBySuffix(name: string, suffix: string): Family | undefined {
    if (!name.endsWith(suffix) || name.length === suffix.length) return undefined
    return this.#families.get(name.slice(0, -suffix.length))
  }

  #add(name: string): Family {
    const family = this.create(name)
    this.add(family)
    return family
  }
}

import { encodeUtf8, standsAt } from '../../model/bytes.js'
import type { MetricType } from '../../model/metadata.js'
import { TextIntern } from '../../model/text-intern.js'
import { type Family, FamilyTable, type LazyText, seriesSuffixes } from '../family-table.js'
import { isNameByte } from '../names.js'
import type { ParseTextOptions, TextMode } from '../text-entry.js'
import { NameIndex } from './name-index.js'
import type { PageCopy } from './page-copy.js'
import type { TextScanner } from './text-scanner.js'

/** Names of metrics that a process sees, by and large: some 50 bytes each, once they are filled. */
const names = new TextIntern(2048)

const suffixes: ReadonlyMap<MetricType, readonly Uint8Array[]> = new Map(
  seriesSuffixes.map(([type, texts]) => [type, texts.map((text) => encodeUtf8(text))]),
)

/** For no page. */
const noTable = new FamilyTable('prometheus', undefined)

/**
 * The families of a page, by the names as they stand in its body. Most families are only ever asked for by the name that they have, and
 * in the lines that follow their comments: the table, with strings for names, learns of them when it is needed.
 */
export class PageFamilies {
  readonly #scanner: TextScanner
  readonly #copy: PageCopy
  readonly #index: NameIndex<Family>
  #mode: TextMode = 'prometheus'
  #table = noTable
  /** How many of the families in the index the table has. */
  #told = 0
  /** Whether the table may have others. */
  #hasOthers = false
  /** The last name on the page, which is most often that of the next line: where it stands. */
  #start = 0
  #end = 0
  /** The family that a comment with this name speaks of; undefined where that is not known. */
  #said: Family | undefined
  /** The family of a sample with this name; undefined where that is not known. */
  #sampled: Family | undefined
  /** The family of the last comment, if the index had it, and where its name stands. */
  #base: Family | undefined
  #baseStart = 0
  #baseEnd = 0

  /** @param copy where names are kept */
  constructor(scanner: TextScanner, copy: PageCopy) {
    this.#scanner = scanner
    this.#copy = copy
    this.#index = new NameIndex(scanner)
  }

  /** Begins another page. */
  begin({ mode, metadata }: ParseTextOptions): void {
    this.#mode = mode
    this.#table = new FamilyTable(mode, metadata)
    this.#told = 0
    this.#hasOthers = false
    this.#start = 0
    this.#end = 0
  }

  /** Lets go of the page. */
  release(): void {
    this.#index.clear()
    this.#forget()
    this.#table = noTable
  }

  /** All families so far, for those who know only strings, and may add others. */
  lendTable(): FamilyTable {
    this.#tell()
    this.#hasOthers = true
    this.#forget()
    return this.#table
  }

  /** Where the metric's name that begins at `at` ends; `at` where none does. It is then the last name. */
  nameEnd(at: number, end: number): number {
    const scanner = this.#scanner
    const next = at + this.#end - this.#start
    if (next > at && next < end && !isNameByte(scanner.body[next]!) && scanner.isSame(at, next, this.#start)) return next
    this.#start = at
    this.#end = scanner.metricNameEnd(at, end)
    this.#said = undefined
    this.#sampled = undefined
    return this.#end
  }

  /** The family that a comment with the last name speaks of. */
  ofComment(): Family {
    this.#said ??= this.#findSaid()
    // What is said may change which family a sample belongs to.
    this.#sampled = undefined
    return this.#said
  }

  /** The family of a sample with the last name. */
  ofSample(): Family {
    this.#sampled ??= this.#findSampled()
    return this.#sampled
  }

  setHelp(family: Family, help: LazyText): void {
    this.#table.setHelp(family, help)
  }

  setType(family: Family, type: MetricType): void {
    this.#table.setType(family, type)
  }

  #findSaid(): Family {
    this.#base = this.#index.find(this.#start, this.#end)
    if (this.#base === undefined && !this.#hasOthers && this.#mode === 'prometheus') {
      this.#base = this.#table.create(this.#copy.text(this.#start, this.#end))
      this.#index.add(this.#start, this.#end, this.#base)
    }
    this.#baseStart = this.#start
    this.#baseEnd = this.#end
    return this.#base ?? this.#findInTable((name) => this.#table.ofMetadata(name))
  }

  #findSampled(): Family {
    // Most often a comment with the same name came just before.
    const said = this.#said === this.#base ? this.#base : undefined
    const known = said ?? this.#index.find(this.#start, this.#end) ?? (this.#isOfBase() ? this.#base : undefined)
    if (known === undefined) return this.#findInTable((name) => this.#table.ofSample(name))
    known.hasSamples = true
    return known
  }

  /** Whether the last name, which the index does not have, is that of a series of the family of the last comment. */
  #isOfBase(): boolean {
    const scanner = this.#scanner
    const base = this.#base
    const suffixAt = this.#start + this.#baseEnd - this.#baseStart
    if (base === undefined || this.#hasOthers || suffixAt >= this.#end || !scanner.isSame(this.#start, suffixAt, this.#baseStart))
      return false
    const length = this.#end - suffixAt
    return suffixes.get(base.type)?.some((suffix) => suffix.length === length && standsAt(suffix, scanner.body, suffixAt)) ?? false
  }

  #findInTable(find: (name: string) => Family): Family {
    this.#tell()
    const name = names.get(this.#scanner.view, this.#start, this.#end)
    const family = find(name)
    if (family.name === name) {
      this.#index.add(this.#start, this.#end, family)
      this.#told++
    }
    return family
  }

  /** Tells the table of the families that it does not have yet. */
  #tell(): void {
    const families = this.#index.things
    for (; this.#told < families.length; this.#told++) this.#table.add(families[this.#told]!)
  }

  #forget(): void {
    this.#said = undefined
    this.#sampled = undefined
    this.#base = undefined
  }
}

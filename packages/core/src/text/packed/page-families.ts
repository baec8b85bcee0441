import type { MetricType } from '../../model/metadata.js'
import { TextIntern } from '../../model/text-intern.js'
import { byte } from '../cursor.js'
import { type Family, FamilyTable, type LazyText } from '../family-table.js'
import type { ParseTextOptions } from '../text-entry.js'
import type { TextScanner } from './text-scanner.js'

/** Names of metrics that a process sees, by and large: some 50 bytes each, once they are filled. */
const names = new TextIntern(2048)

/** The families of a page, by the names as they stand in its body. */
export class PageFamilies {
  readonly table: FamilyTable
  readonly #scanner: TextScanner
  /** The name in the last comment, which is most often that of the next line, where it stands, and its family. */
  #name = ''
  #start = 0
  #end = 0
  #family: Family | undefined

  constructor(scanner: TextScanner, { mode, metadata }: ParseTextOptions) {
    this.table = new FamilyTable(mode, metadata)
    this.#scanner = scanner
  }

  /** Where the metric's name that begins at `at` ends; `at` where none does. One that comes again is not looked at byte by byte. */
  nameEnd(at: number, end: number): number {
    const scanner = this.#scanner
    const next = at + this.#end - this.#start
    const comesAgain = next > at && next < end && scanner.body[next] === byte.space && scanner.isSame(at, next, this.#start)
    return comesAgain ? next : scanner.metricNameEnd(at, end)
  }

  /** The family that HELP or TYPE speaks of, by a name. */
  ofComment(start: number, end: number): Family {
    if (this.#family === undefined || !this.#isLast(start, end)) {
      this.#name = names.get(this.#scanner.view, start, end)
      this.#start = start
      this.#end = end
      this.#family = this.table.ofMetadata(this.#name)
    }
    return this.#family
  }

  /** The family of a sample, by its name. */
  ofSample(start: number, end: number): Family {
    return this.table.ofSample(this.#isLast(start, end) ? this.#name : names.get(this.#scanner.view, start, end))
  }

  setHelp(family: Family, help: LazyText): void {
    this.table.setHelp(family, help)
  }

  setType(family: Family, type: MetricType): void {
    this.table.setType(family, type)
  }

  #isLast(start: number, end: number): boolean {
    return end - start === this.#end - this.#start && this.#scanner.isSame(start, end, this.#start)
  }
}

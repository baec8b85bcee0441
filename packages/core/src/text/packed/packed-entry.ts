import { type Labels, labelsWithin } from '../../model/labels.js'
import type { MetricMetadata } from '../../model/metadata.js'
import { decodeIn } from '../../model/text-intern.js'
import type { FamilyFacts, LazyText } from '../family-table.js'
import type { TextEntry } from '../text-entry.js'

/** What was read of a line: its labels are a part of a array that nobody writes to any more. */
export interface PackedLine extends Pick<TextEntry, 'emptyLabels' | 'value' | 'timestampMs' | 'line'> {
  readonly view: DataView
  readonly start: number
  readonly end: number
}

/** An entry that makes labels and metadata when it is asked for them. */
export class PackedEntry implements TextEntry {
  readonly emptyLabels: readonly string[] | undefined
  readonly value: number
  readonly timestampMs: number | undefined
  readonly line: number
  readonly #family: FamilyFacts
  readonly #view: DataView
  readonly #start: number
  readonly #end: number
  #labels: Labels | undefined

  /** Copies what was read. */
  constructor(family: FamilyFacts, line: PackedLine) {
    this.emptyLabels = line.emptyLabels
    this.value = line.value
    this.timestampMs = line.timestampMs
    this.line = line.line
    this.#family = family
    this.#view = line.view
    this.#start = line.start
    this.#end = line.end
  }

  get labels(): Labels {
    this.#labels ??= labelsWithin(this.#view, this.#start, this.#end)
    return this.#labels
  }

  get metadata(): MetricMetadata {
    return this.#family.metadata
  }
}

/** Text that stands in bytes which nobody writes to any more. */
export class PackedText implements LazyText {
  readonly #view: DataView
  readonly #start: number
  readonly #end: number

  constructor(view: DataView, start: number, end: number) {
    this.#view = view
    this.#start = start
    this.#end = end
  }

  decode(): string {
    return decodeIn(this.#view, this.#start, this.#end)
  }
}

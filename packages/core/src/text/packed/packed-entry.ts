import { decodeUtf8 } from '../../model/bytes.js'
import type { Labels } from '../../model/labels.js'
import type { MetricMetadata } from '../../model/metadata.js'
import type { FamilyFacts, LazyText } from '../family-table.js'
import type { TextEntry } from '../text-entry.js'

/** What an entry has apart from labels and metadata. */
export type EntryFacts = Pick<TextEntry, 'emptyLabels' | 'value' | 'timestampMs' | 'line'>

/** An entry that makes objects when it is asked for them. */
export class PackedEntry implements TextEntry {
  readonly labels: Labels
  readonly emptyLabels: readonly string[] | undefined
  readonly value: number
  readonly timestampMs: number | undefined
  readonly line: number
  readonly #family: FamilyFacts

  /** Copies `facts`. */
  constructor(labels: Labels, family: FamilyFacts, facts: EntryFacts) {
    this.labels = labels
    this.emptyLabels = facts.emptyLabels
    this.value = facts.value
    this.timestampMs = facts.timestampMs
    this.line = facts.line
    this.#family = family
  }

  get metadata(): MetricMetadata {
    return this.#family.metadata
  }
}

/** Text that stands in bytes which nobody writes to any more. */
export class PackedText implements LazyText {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
  }

  decode(): string {
    return decodeUtf8(this.#bytes, this.#start, this.#end)
  }
}

import { decodeUtf8 } from '../../model/bytes.js'
import type { MetricMetadata, MetricType } from '../../model/metadata.js'
import type { FamilyFacts, LazyText } from '../family-table.js'
import type { TextEntry } from '../text-entry.js'
import { LineLabels } from './line-labels.js'

/** What was read of a line. It stands in bytes that nobody writes to any more. */
export interface PackedLine extends Pick<TextEntry, 'value' | 'timestampMs' | 'line'> {
  readonly bytes: Uint8Array
  readonly start: number
  /** What its bounds are normalised by. */
  readonly type: MetricType
}

/** An entry that makes labels and metadata when it is asked for them. */
export class PackedEntry implements TextEntry {
  readonly value: number
  readonly timestampMs: number | undefined
  readonly line: number
  readonly #family: FamilyFacts
  readonly #type: MetricType
  readonly #start: number
  readonly #bytes: Uint8Array
  #labels: LineLabels | undefined

  /** Copies what was read. */
  constructor(family: FamilyFacts, line: PackedLine) {
    this.value = line.value
    this.timestampMs = line.timestampMs
    this.line = line.line
    this.#family = family
    this.#type = line.type
    this.#start = line.start
    this.#bytes = line.bytes
  }

  get labels(): LineLabels {
    this.#labels ??= new LineLabels(this.#bytes, this.#start, this.#type)
    return this.#labels
  }

  get emptyLabels(): readonly string[] | undefined {
    return this.labels.emptyNames
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

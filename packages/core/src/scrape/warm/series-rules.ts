import { encodeUtf8, equalBytes } from '../../model/bytes.js'
import { type Labels, metricNameLabel } from '../../model/labels.js'
import type { MetadataTable, MetricMetadata } from '../../model/metadata.js'
import { renameMetadata } from '../../relabel/rename-metadata.js'
import { PackedLineReader } from '../../text/packed/packed-line-reader.js'
import type { TextEntry } from '../../text/text-entry.js'
import type { SeriesMutator } from '../series-mutator.js'
import type { LabelRange } from './known-segment.js'
import { LabelBuffer } from './label-buffer.js'

/** Most lines have none. */
const noNames: readonly string[] = []

/** What most sets of labels begin with: the name `__name__`, and its length. */
const namePrefix = new Uint8Array([metricNameLabel.length, ...encodeUtf8(metricNameLabel)])

/** What a line comes to. */
export interface RuledSeries {
  /** Until the next line. */
  readonly labels: LabelRange
  readonly metadata: MetricMetadata
}

/** What becomes of the labels of a line, and of what is said of its family. */
export class SeriesRules {
  /** Equal metadata is one object. */
  readonly table: MetadataTable
  /** See `SeriesMutator`. */
  readonly targetShare: number
  readonly #mutate: SeriesMutator
  readonly #buffer = new LabelBuffer()
  readonly #attached: Labels | undefined
  #packed: PackedLineReader | undefined
  /** Since the page began. */
  #isPackedUsed = false

  constructor(mutate: SeriesMutator, table: MetadataTable) {
    this.#mutate = mutate
    this.table = table
    this.targetShare = mutate.targetShare ?? 0
    const { attached } = mutate
    if (attached !== undefined && attached.get(metricNameLabel) === undefined) this.#attached = attached
  }

  /** Whether most lines can be read without an object: the rules do no more than attach labels. */
  get arePacked(): boolean {
    return this.#attached !== undefined
  }

  /** For the lines that it covers: what it reads has the labels that the rules give. Only where these are packed. */
  packedReader(): PackedLineReader {
    this.#isPackedUsed = true
    this.#packed ??= new PackedLineReader({ attached: this.#attached! })
    return this.#packed
  }

  /** A page has ended. Most targets have no new line for a long time: what was kept of the last ones goes then. */
  rest(): void {
    if (this.#isPackedUsed) this.#packed?.release()
    else this.#packed = undefined
    this.#isPackedUsed = false
  }

  /** The series of a line; undefined where it is dropped. Throws what the mutator throws. */
  apply({ labels: exposed, emptyLabels, metadata }: Pick<TextEntry, 'labels' | 'emptyLabels' | 'metadata'>): RuledSeries | undefined {
    const labels = this.#mutate(exposed, emptyLabels ?? noNames)
    if (labels === undefined) return undefined
    return { labels: this.#buffer.put(labels.bytes), metadata: this.#metadataOf(metadata, exposed, labels) }
  }

  #metadataOf(metadata: MetricMetadata, exposed: Labels, labels: Labels): MetricMetadata {
    if (haveSameName(exposed.bytes, labels.bytes)) return metadata
    const renamed = renameMetadata(metadata, exposed, labels)
    return renamed === metadata ? metadata : this.table.intern(renamed)
  }
}

/** Whether two sets begin with the same name of a metric. Where they do not, that says nothing. */
function haveSameName(a: Uint8Array, b: Uint8Array): boolean {
  const length = namePrefix.length + 1 + (a[namePrefix.length] ?? 0)
  // A name of 128 bytes has a length of two.
  if (length > namePrefix.length + 128 || a.length < length || b.length < length) return false
  for (let i = 0; i < namePrefix.length; i++) if (a[i] !== namePrefix[i]) return false
  return equalBytes(a.subarray(0, length), b.subarray(0, length))
}

import { equalMetadata, type MetricMetadata } from '../model/metadata.js'

/** More than a large kube-state-metrics has twenty times over. Beyond, all are forgotten, which costs their bytes. */
const maxEntries = 8192

interface Entry {
  readonly metadata: MetricMetadata
  readonly id: number
}

/** The ids of metadata in a segment, by content: every target has objects of its own that say the same. */
export class MetadataIds {
  /** By the family's name: seldom more than one. */
  readonly #entries = new Map<string, Entry[]>()
  #size = 0

  /** Undefined where it is unknown. */
  get(metadata: MetricMetadata): number | undefined {
    return this.#entries.get(metadata.name)?.find((entry) => equalMetadata(entry.metadata, metadata))?.id
  }

  /** Adds what `get` does not know. */
  add(metadata: MetricMetadata, id: number): void {
    if (this.#size >= maxEntries) {
      this.#entries.clear()
      this.#size = 0
    }
    const known = this.#entries.get(metadata.name)
    if (known === undefined) this.#entries.set(metadata.name, [{ metadata, id }])
    else known.push({ metadata, id })
    this.#size++
  }

  delete(metadata: MetricMetadata): void {
    const known = this.#entries.get(metadata.name) ?? []
    const left = known.filter((entry) => !equalMetadata(entry.metadata, metadata))
    this.#size -= known.length - left.length
    if (left.length === 0) this.#entries.delete(metadata.name)
    else this.#entries.set(metadata.name, left)
  }
}

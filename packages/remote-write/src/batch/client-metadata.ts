import { type MetricMetadata, MetadataTable, type MetricType, unknownMetadata } from '@promline/core'

/** What the series of a family append to its name, by the family's type. */
const suffixesByType: Readonly<Record<MetricType, readonly string[]>> = {
  unknown: [],
  counter: ['_total', '_created'],
  gauge: [],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
  info: ['_info'],
  stateset: [],
}

/** Families that one client can have described: a large Kubernetes cluster has some 10,000. */
const defaultMaxFamilies = 65_536

/**
 * What one client said of its families. Remote write 1.0 sends it apart from the series, in requests of its own, so it is kept and
 * joined to the series by name. Bounded: the family that was described longest ago goes first.
 */
export class ClientMetadata {
  readonly #families = new Map<string, MetricMetadata>()
  readonly #interned: MetadataTable
  readonly #maxFamilies: number
  /** Found once a name; emptied by every change. */
  #found = new Map<string, MetricMetadata>()

  constructor(maxFamilies: number = defaultMaxFamilies) {
    this.#maxFamilies = maxFamilies
    this.#interned = new MetadataTable(maxFamilies)
  }

  /** Takes what a request says. Empty names say nothing. Returns whether that changes what series have for metadata. */
  learn(metadata: readonly MetricMetadata[]): boolean {
    let isChanged = false
    for (const described of metadata) {
      if (described.name === '') continue
      const entry = this.#interned.intern(described)
      if (this.#families.get(described.name) !== entry) {
        this.#found.clear()
        isChanged = true
      }
      this.#families.delete(described.name)
      this.#families.set(described.name, entry)
      const oldest = this.#families.size > this.#maxFamilies ? this.#families.keys().next() : undefined
      if (oldest !== undefined && !oldest.done) this.#families.delete(oldest.value)
    }
    return isChanged
  }

  /** The metadata for a series of this name: the same object as long as the client says the same. */
  find(metricName: string): MetricMetadata {
    const known = this.#found.get(metricName)
    if (known !== undefined) return known
    if (this.#found.size >= this.#maxFamilies) this.#found = new Map()
    const found = this.#search(metricName) ?? this.#interned.intern(unknownMetadata(metricName))
    this.#found.set(metricName, found)
    return found
  }

  #search(metricName: string): MetricMetadata | undefined {
    const exact = this.#families.get(metricName)
    if (exact !== undefined) return exact
    const cut = metricName.lastIndexOf('_')
    if (cut <= 0) return undefined
    const family = this.#families.get(metricName.slice(0, cut))
    return family !== undefined && suffixesByType[family.type].includes(metricName.slice(cut)) ? family : undefined
  }
}

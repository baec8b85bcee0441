/** The types of metric that Prometheus and OpenMetrics know. Text 0.0.4's `untyped` is `unknown` here. */
export type MetricType = 'unknown' | 'counter' | 'gauge' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset'

/** What is said of a family of metrics. One object is shared by all series of the family. */
export interface MetricMetadata {
  /** Name of the family: `http_requests_total`, `request_seconds` (whose series end in `_bucket`, `_sum`, `_count`). */
  readonly name: string
  readonly type: MetricType
  /** '' where nothing was said. */
  readonly help: string
  /** '' where nothing was said. */
  readonly unit: string
}

/** Whether the same is said, by content. */
export function equalMetadata(a: MetricMetadata, b: MetricMetadata): boolean {
  return a === b || (a.name === b.name && a.type === b.type && a.help === b.help && a.unit === b.unit)
}

/** Interns metadata by content, so that equal metadata is one object. Bounded: the oldest entries go first. */
export class MetadataTable {
  readonly #entries = new Map<string, MetricMetadata>()
  readonly #maxEntries: number

  /** @param maxEntries families kept; 65,536 is far above what one source exposes (a large kube-state-metrics has some 400). */
  constructor(maxEntries = 65_536) {
    this.#maxEntries = maxEntries
  }

  intern(metadata: MetricMetadata): MetricMetadata {
    const key = `${metadata.type}\n${metadata.unit}\n${metadata.name}\n${metadata.help}`
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    const entry = Object.freeze({ name: metadata.name, type: metadata.type, help: metadata.help, unit: metadata.unit })
    this.#entries.set(key, entry)
    return entry
  }
}

/** Metadata of a family of which only the name is known. */
export function unknownMetadata(name: string): MetricMetadata {
  return { name, type: 'unknown', help: '', unit: '' }
}

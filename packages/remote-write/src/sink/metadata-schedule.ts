import type { Clock, MetadataConfig, MetricMetadata } from '@promline/core'

/** Families remembered: what a large Kubernetes cluster exposes, several times over. */
const maxFamilies = 65_536

/**
 * Which metadata a request should carry: that of families whose last delivery is an interval ago, or said something else. What was
 * chosen counts as sent only when its request was delivered, so nothing is lost with a request, and choosing twice gives the same.
 */
export class MetadataSchedule {
  readonly #config: MetadataConfig
  readonly #clock: Pick<Clock, 'monotonicMs'>
  /** By family name, in the order of delivery. */
  readonly #sent = new Map<string, { readonly metadata: MetricMetadata; readonly atMs: number }>()

  constructor(config: MetadataConfig, clock: Pick<Clock, 'monotonicMs'>) {
    this.#config = config
    this.#clock = clock
  }

  /** What of it is due; beyond the limit the rest comes with a later request. */
  choose(known: readonly MetricMetadata[]): readonly MetricMetadata[] {
    if (!this.#config.send) return []
    const latestMs = this.#clock.monotonicMs() - this.#config.sendIntervalMs
    const due = known.filter((metadata) => {
      const sent = this.#sent.get(metadata.name)
      return sent === undefined || sent.atMs <= latestMs || !isSame(sent.metadata, metadata)
    })
    return due.slice(0, this.#config.maxSamplesPerSend)
  }

  /** A request with this metadata was delivered. */
  delivered(metadata: readonly MetricMetadata[]): void {
    const atMs = this.#clock.monotonicMs()
    for (const one of metadata) {
      this.#sent.delete(one.name)
      this.#sent.set(one.name, { metadata: one, atMs })
    }
    for (const name of this.#sent.keys()) {
      if (this.#sent.size <= maxFamilies) break
      this.#sent.delete(name)
    }
  }
}

function isSame(a: MetricMetadata, b: MetricMetadata): boolean {
  return a === b || (a.type === b.type && a.help === b.help && a.unit === b.unit)
}

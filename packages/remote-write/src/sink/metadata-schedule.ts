import type { Clock, FamilyRun, MetadataConfig, MetricMetadata } from '@promline/core'
import { saysSomething } from '../batch/from-batches.js'

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
  /** Until when nothing of these is due, as long as no family says something else: most requests ask in vain. */
  readonly #quiet = new WeakMap<readonly FamilyRun[], { readonly untilMs: number; readonly version: number }>()
  /** Of what was sent: another one each time that a family said something else, or was forgotten. */
  #version = 0

  constructor(config: MetadataConfig, clock: Pick<Clock, 'monotonicMs'>) {
    this.#config = config
    this.#clock = clock
  }

  /**
   * Whether none of these families is due. Told quickly of an array that it was told of before, which must not change. @param nowMs by the
   * clock, read once for a request.
   */
  isQuiet(families: readonly FamilyRun[], nowMs: number): boolean {
    if (!this.#config.send) return true
    const known = this.#quiet.get(families)
    if (known !== undefined && known.version === this.#version && nowMs < known.untilMs) return true
    let untilMs = Number.POSITIVE_INFINITY
    for (const { metadata } of families) {
      if (!saysSomething(metadata)) continue
      const sent = this.#sent.get(metadata.name)
      if (sent === undefined || !isSame(sent.metadata, metadata)) return false
      untilMs = Math.min(untilMs, sent.atMs + this.#config.sendIntervalMs)
    }
    if (nowMs >= untilMs) return false
    this.#quiet.set(families, { untilMs, version: this.#version })
    return true
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
      const before = this.#sent.get(one.name)
      if (before !== undefined && !isSame(before.metadata, one)) this.#version++
      this.#sent.delete(one.name)
      this.#sent.set(one.name, { metadata: one, atMs })
    }
    for (const name of this.#sent.keys()) {
      if (this.#sent.size <= maxFamilies) break
      this.#sent.delete(name)
      this.#version++
    }
  }
}

function isSame(a: MetricMetadata, b: MetricMetadata): boolean {
  return a === b || (a.type === b.type && a.help === b.help && a.unit === b.unit)
}

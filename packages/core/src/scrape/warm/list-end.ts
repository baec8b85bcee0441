import type { MetricMetadata } from '../../model/metadata.js'
import { endsList, maxListLength } from '../../model/series-list.js'

/**
 * Follows a sequence of series, of which it is told the group hashes and the metadata, and says where a list ends. What the labels of the
 * target add to each hash does not count: targets that show the same lines are cut at the same lines, which are then kept once.
 */
export class ListEnd {
  readonly #targetShare: number
  #group = 0
  #metadata: MetricMetadata | undefined
  #length = 0

  /** @param targetShare `labelsShare` of the target's labels */
  constructor(targetShare: number) {
    this.#targetShare = targetShare
  }

  /** Whether there is a series at all. */
  get isStarted(): boolean {
    return this.#metadata !== undefined
  }

  /** Whether the list ends in front of such a series. */
  isBefore(group: number, metadata: MetricMetadata): boolean {
    if (this.#metadata === undefined) return false
    const sameGroup = group === this.#group && metadata === this.#metadata
    return !sameGroup && endsList(group, this.#length, this.#targetShare)
  }

  /**
   * Of neighbours of another list that follow, the first of which has this group and metadata, how many belong to one list for certain: it
   * may end there only for its length, as nothing else ends a list within what was one.
   */
  roomFor(group: number, metadata: MetricMetadata): number {
    return Math.max(1, maxListLength - (this.isBefore(group, metadata) ? 0 : this.#length))
  }

  /** The list goes on, or begins, with `count` series, of which these are the last one's. */
  goOn(count: number, lastGroup: number, lastMetadata: MetricMetadata): void {
    this.#length += count
    this.#group = lastGroup
    this.#metadata = lastMetadata
  }

  /** A list begins with the next series. */
  restart(): void {
    this.#length = 0
  }
}

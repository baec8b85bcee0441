import { addCounts, type Counts, totalOf } from '../model/batch.js'
import type { Drop, Dropped } from '../model/flow.js'

/** Adds up what a format leaves out, one entry a reason. */
export class DropTally {
  readonly #reasons = new Map<string, Counts>()

  /** Bound, so that it may be handed on as a function. */
  readonly drop: Drop = (reason, counts) => {
    if (totalOf(counts) === 0) return
    const before = this.#reasons.get(reason)
    this.#reasons.set(reason, before === undefined ? counts : addCounts(before, counts))
  }

  /** In the order in which the reasons came first. */
  dropped(): Dropped[] {
    return Array.from(this.#reasons, ([reason, counts]) => ({ reason, counts }))
  }
}

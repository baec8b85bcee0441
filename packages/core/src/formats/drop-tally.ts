import { addCounts, type Columns, type Counts, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'

const oneSample: Counts = { ...zeroCounts, samples: 1 }

/** Adds up what a format leaves out, one entry a reason. */
export class DropTally {
  readonly #reasons = new Map<string, Counts>()

  drop(reason: string, counts: Counts): void {
    if (totalOf(counts) === 0) return
    const before = this.#reasons.get(reason)
    this.#reasons.set(reason, before === undefined ? counts : addCounts(before, counts))
  }

  dropSample(reason: string): void {
    this.drop(reason, oneSample)
  }

  dropColumns(reason: string, columns: Columns): void {
    this.drop(reason, countsOf({ columns: [columns] }))
  }

  /** In the order in which the reasons came first. */
  dropped(): Dropped[] {
    return Array.from(this.#reasons, ([reason, counts]) => ({ reason, counts }))
  }
}

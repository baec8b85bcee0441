/** A batch that was met and left in the spool. */
export interface SkippedBatch {
  readonly seq: number
  readonly bytes: number
  readonly appendedMs: number
}

/** Struck entries at the front are cut off when they are this many, and more than half: shifting one by one would move all the rest. */
const minCutOff = 1024

/** The batches that a lane has left in the spool, in order. Some 50 bytes each, where the batches would be kilobytes. */
export class SkippedBatches {
  readonly #entries: SkippedBatch[] = []
  #start = 0

  get first(): SkippedBatch | undefined {
    return this.#entries[this.#start]
  }

  push(batch: SkippedBatch): void {
    this.#entries.push({ seq: batch.seq, bytes: batch.bytes, appendedMs: batch.appendedMs })
  }

  /** Strikes all up to and including a number. */
  strikeUpTo(seq: number): void {
    while ((this.first?.seq ?? Number.POSITIVE_INFINITY) <= seq) this.#start++
    if (this.#start < minCutOff || this.#start * 2 < this.#entries.length) return
    this.#entries.splice(0, this.#start)
    this.#start = 0
  }

  /** Strikes one. False: it is not here. */
  strike(seq: number): boolean {
    if (this.first?.seq === seq) {
      this.strikeUpTo(seq)
      return true
    }
    const at = this.#entries.findIndex((entry, i) => i >= this.#start && entry.seq === seq)
    if (at >= 0) this.#entries.splice(at, 1)
    return at >= 0
  }
}

import type { SpooledBatch } from './spool.js'

/** The batches that were appended last, by reference, so that a cursor that keeps up gets the same objects and nothing is decoded. */
export class LiveTail {
  readonly #maxBytes: number
  #batches: SpooledBatch[] = []
  /** How many at the front are let go of already. */
  #gone = 0
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Adds the batch after the last one. The last one stays, whatever its size: whoever appended it has it in memory as well. */
  push(batch: SpooledBatch): void {
    this.#batches.push(batch)
    this.#bytes += batch.bytes
    while (this.#bytes > this.#maxBytes && this.#batches.length - this.#gone > 1) {
      this.#bytes -= this.#batches[this.#gone++]!.bytes
    }
    // Moved together now and then: once for as many batches as stay.
    if (this.#gone * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#gone)
      this.#gone = 0
    }
  }

  get(seq: number): SpooledBatch | undefined {
    const first = this.#batches[this.#gone]
    return first === undefined || seq < first.seq ? undefined : this.#batches[this.#gone + seq - first.seq]
  }
}

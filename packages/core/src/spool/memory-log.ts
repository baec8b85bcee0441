import type { SpooledBatch } from './spool.js'

/** Batches in memory, from the oldest that somebody needs to the head. */
export class MemoryLog {
  #batches: (SpooledBatch | undefined)[] = []
  /** Bytes of all batches before each one, ever. */
  #positions: number[] = []
  /** How many at the front are let go of already. */
  #gone = 0
  #firstSeq = 1
  #end = 0

  get head(): number {
    return this.#firstSeq + this.#batches.length - this.#gone - 1
  }

  /** The oldest batch that is there; one after the head where there is none. */
  get firstSeq(): number {
    return this.#firstSeq
  }

  get bytes(): number {
    return this.bytesAfter(0)
  }

  push(batch: SpooledBatch): void {
    this.#batches.push(batch)
    this.#positions.push(this.#end)
    this.#end += batch.bytes
  }

  get(seq: number): SpooledBatch | undefined {
    return seq < this.#firstSeq ? undefined : this.#batches[this.#gone + seq - this.#firstSeq]
  }

  bytesAfter(seq: number): number {
    return this.#end - (this.#positions[this.#gone + Math.max(0, seq + 1 - this.#firstSeq)] ?? this.#end)
  }

  /** Lets go of everything up to a batch. */
  release(seq: number): void {
    const count = Math.min(seq, this.head) - this.#firstSeq + 1
    if (count <= 0) return
    this.#batches.fill(undefined, this.#gone, this.#gone + count)
    this.#firstSeq += count
    this.#gone += count
    // Moved together now and then: once for as many batches as stay.
    if (this.#gone * 2 < this.#batches.length) return
    this.#batches = this.#batches.slice(this.#gone)
    this.#positions = this.#positions.slice(this.#gone)
    this.#gone = 0
  }
}

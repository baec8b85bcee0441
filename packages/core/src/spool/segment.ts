import { segmentName } from './segment-format.js'

/** First guess of how many batches a segment will hold; the index doubles from there. */
const initialIndex = 64

/**
 * What is known of a segment without reading it: which batches it holds, and where. 4 bytes a batch: at a segment's size and 100 bytes
 * for the smallest batch that is 4 % of what lies on the disk.
 */
export class Segment {
  readonly name: string
  readonly firstSeq: number
  #count = 0
  /** Where each batch begins; one that is missing begins where the next one does. */
  #starts = new Uint32Array(initialIndex)
  #size: number

  constructor(firstSeq: number, size: number) {
    this.name = segmentName(firstSeq)
    this.firstSeq = firstSeq
    this.#size = size
  }

  /** The last batch held; one before the first where there is none. */
  get lastSeq(): number {
    return this.firstSeq + this.#count - 1
  }

  /** End of the last batch. */
  get size(): number {
    return this.#size
  }

  /** Adds a batch after the last one; those between the two are missing. */
  add(seq: number, range: { start: number; end: number }): void {
    const count = seq - this.firstSeq + 1
    if (count > this.#starts.length) this.#grow(count)
    this.#starts.fill(range.start, this.#count, count)
    this.#count = count
    this.#size = range.end
  }

  /** Gives up the batches from `seq` on. */
  truncate(seq: number): void {
    if (seq > this.lastSeq) return
    this.#size = this.startOf(seq)
    this.#count = Math.max(0, seq - this.firstSeq)
  }

  /** Whether the batch is here, and not missing. */
  holds(seq: number): boolean {
    return seq >= this.firstSeq && seq <= this.lastSeq && this.endOf(seq) > this.startOf(seq)
  }

  startOf(seq: number): number {
    return seq > this.lastSeq ? this.#size : this.#starts[Math.max(0, seq - this.firstSeq)]!
  }

  endOf(seq: number): number {
    return this.startOf(seq + 1)
  }

  #grow(count: number): void {
    const starts = new Uint32Array(Math.max(count, 2 * this.#starts.length))
    starts.set(this.#starts.subarray(0, this.#count))
    this.#starts = starts
  }
}

/** A batch that was met and left in the spool. */
export interface SkippedBatch {
  readonly seq: number
  readonly bytes: number
  readonly appendedMs: number
}

/** Struck entries at the front are cut off when they are this many, and more than half: shifting one by one would move all the rest. */
const minCutOff = 1024
/** Numbers of an entry. */
const width = 3

/** The batches that a lane has left in the spool, in order. Flat: 24 bytes each, where the batches would be kilobytes. */
export class SkippedBatches {
  readonly #numbers: number[] = []
  #start = 0

  get first(): SkippedBatch | undefined {
    const at = this.#start
    if (at === this.#numbers.length) return undefined
    return { seq: this.#numbers[at]!, bytes: this.#numbers[at + 1]!, appendedMs: this.#numbers[at + 2]! }
  }

  push({ seq, bytes, appendedMs }: SkippedBatch): void {
    this.#numbers.push(seq, bytes, appendedMs)
  }

  /** Strikes all up to and including a number. */
  strikeUpTo(seq: number): void {
    while (this.#start < this.#numbers.length && this.#numbers[this.#start]! <= seq) this.#start += width
    if (this.#start < minCutOff * width || this.#start * 2 < this.#numbers.length) return
    this.#numbers.splice(0, this.#start)
    this.#start = 0
  }

  /** Strikes one. False: it is not here. */
  strike(seq: number): boolean {
    for (let at = this.#start; at < this.#numbers.length && this.#numbers[at]! <= seq; at += width) {
      if (this.#numbers[at] !== seq) continue
      if (at === this.#start) this.strikeUpTo(seq)
      else this.#numbers.splice(at, width)
      return true
    }
    return false
  }
}

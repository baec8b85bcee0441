/** A minute: several scrapes of any usual interval. */
const rateMs = 60_000
/** How far marks lie apart, at least. */
const markMs = 5_000

interface Mark {
  readonly atMs: number
  /** What had arrived before. */
  readonly total: number
}

/** Samples as they arrive, mostly in bursts. */
export class Arrivals {
  #total = 0
  #lastMs = 0
  /** Where an arrival began, oldest first. */
  readonly #marks: Mark[] = []

  get lastMs(): number {
    return this.#lastMs
  }

  add(samples: number, atMs: number): void {
    const mark = this.#marks.at(-1)
    if (mark === undefined || atMs - mark.atMs >= markMs) {
      this.#marks.push({ atMs, total: this.#total })
      while (this.#marks[0]!.atMs < atMs - rateMs) this.#marks.shift()
    }
    this.#total += samples
    this.#lastMs = atMs
  }

  /**
   * Over the last minute, from the begin of one arrival to that of another: a rate up to now would rise and fall with each burst. 0 where
   * nothing came in the last minute.
   */
  perSecond(nowMs: number): number {
    const [first] = this.#marks
    const last = this.#marks.at(-1)
    if (first === undefined || last === undefined || first === last || nowMs - this.#lastMs > rateMs) return 0
    return ((last.total - first.total) * 1_000) / (last.atMs - first.atMs)
  }
}

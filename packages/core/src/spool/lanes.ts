import type { Origin } from '../model/batch.js'
import { PromlineError } from '../model/errors.js'

/** How far a sink has come, lane by lane. */
export class Lanes {
  readonly #name: string
  readonly #onMoved: () => void
  #settled: number[]

  /** @param options.settled per lane, what is known of it; empty where nothing is. */
  constructor(options: { name: string; settled: readonly number[]; onMoved: () => void }) {
    this.#name = options.name
    this.#settled = [...options.settled]
    this.#onMoved = options.onMoved
  }

  /** Per lane: every batch of it up to this one is settled. */
  get settled(): readonly number[] {
    return this.#settled
  }

  /** Everything up to this batch is settled in all lanes; 0 where nothing is known. */
  get floor(): number {
    return lowest(this.#settled)
  }

  /** Sets the number of lanes. Where it was another one all begin at the lowest; where nothing is known, at `start`. True: begun anew. */
  arrange(count: number, start: number): boolean {
    if (this.#settled.length === count) return false
    const first = this.#settled.length === 0 ? start : this.floor
    this.#settled = Array.from({ length: count }, () => first)
    this.#onMoved()
    return true
  }

  /** Moves a lane on, never back. Throws a PromlineError (`options`) for one that does not exist. */
  acknowledge(lane: number, seq: number): void {
    const known = this.#settled[lane]
    if (known === undefined) {
      const lanes = this.#settled.length
      throw new PromlineError('options', `cursor ${this.#name}: there is no lane ${lane}, only 0 to ${lanes - 1}`, {
        facts: { lane, lanes },
      })
    }
    if (seq <= known) return
    this.#settled[lane] = seq
    this.#onMoved()
  }

  /** Gives up everything up to a batch, in all lanes. */
  moveTo(seq: number): void {
    if (seq <= this.floor) return
    this.#settled = this.#settled.length === 0 ? [seq] : this.#settled.map((known) => Math.max(known, seq))
    this.#onMoved()
  }

  /** See `isSettled`. */
  hasSettled(seq: number, lane: number | undefined): boolean {
    return isSettled(this.#settled, seq, lane)
  }
}

/** Whether a batch's lane has settled it. Where nobody says which lane is its own: whether all have. */
export function isSettled(settled: readonly number[], seq: number, lane: number | undefined): boolean {
  return seq <= (lane === undefined ? lowest(settled) : (settled[lane] ?? 0))
}

/** The lane of an origin, where it is known and the owner of the cursor says. */
export function chooseLane(origin: Origin | undefined, laneOf: ((origin: Origin) => number) | undefined): number | undefined {
  return origin === undefined ? undefined : laneOf?.(origin)
}

/** The lowest of these; 0 where there is none. */
export function lowest(seqs: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const seq of seqs) least = Math.min(least, seq)
  return seqs.length === 0 ? 0 : least
}

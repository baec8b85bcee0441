import type { Clock } from '../model/clock.js'

/** What one turn of the event loop may be kept by encoding. A request of 10,000 samples of which nothing is known yet takes 10 to 20 ms. */
const maxTurnMs = 10

/**
 * Spreads encoding over turns of the event loop. Requests that may be under way together would all be encoded in one turn otherwise: those of a
 * first page of 100,000 series in some 100 ms, in which nothing else is answered.
 */
export class EncodePace {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #spentMs = 0
  #nextTurn: Promise<void> | undefined

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Resolves when there is time to encode; undefined where there is at once. Nobody is kept from it who comes in between: ask again. */
  wait(): Promise<void> | undefined {
    return this.#nextTurn
  }

  /** Encodes, and takes the time of it. */
  measure<T>(encode: () => T): T {
    const beganMs = this.#clock.monotonicMs()
    const encoded = encode()
    this.#spentMs += this.#clock.monotonicMs() - beganMs
    if (this.#spentMs >= maxTurnMs) this.#nextTurn ??= new Promise((resolve) => setImmediate(() => resolve(this.#begin())))
    return encoded
  }

  #begin(): void {
    this.#spentMs = 0
    this.#nextTurn = undefined
  }
}

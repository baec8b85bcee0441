import { checkOutcome } from './check-outcome.js'
import type { Courier } from './courier.js'
import type { SendOutcome, Sink } from './sink.js'

/** Which preparation a body was encoded under. */
export type Generation = number

/** Prepares a sink before the first encode, and again when an outcome asks for it; all who wait share one preparation. */
export class Preparation {
  readonly #sink: Sink<unknown>
  readonly #courier: Courier
  #generation: Generation = 0
  #running: Promise<boolean> | undefined
  #isReady: boolean

  constructor(sink: Sink<unknown>, courier: Courier) {
    this.#sink = sink
    this.#courier = courier
    this.#isReady = sink.prepare === undefined
  }

  /** The preparation to encode under; undefined where it has to be waited for. */
  get current(): Generation | undefined {
    return this.#isReady ? this.#generation : undefined
  }

  /** Waits until the sink is prepared. Undefined: delivery was stopped. */
  async ready(): Promise<Generation | undefined> {
    while (this.current === undefined) {
      this.#running ??= this.#prepare()
      if (!(await this.#running)) return undefined
    }
    return this.current
  }

  /** Whether the sink encodes as it did under this generation: nobody had it prepare again. */
  isCurrent(generation: Generation): boolean {
    return generation === this.#generation
  }

  /** The sink must prepare again, unless it did since `generation`. */
  renew(generation: Generation): void {
    if (generation !== this.#generation) return
    this.#generation++
    this.#isReady = this.#sink.prepare === undefined
    this.#running = undefined
  }

  async #prepare(): Promise<boolean> {
    try {
      const answer = await this.#courier.insist({ part: 'prepare', keys: ['prepare'], attempt: (signal) => this.#attempt(signal) })
      if (answer !== undefined) this.#isReady = true
      return this.#isReady
    } catch (thrown) {
      // Whoever waits next tries again.
      this.#running = undefined
      throw thrown
    }
  }

  async #attempt(signal: AbortSignal): Promise<SendOutcome> {
    if (this.#sink.prepare === undefined) return { status: 'delivered' }
    const outcome = await this.#sink.prepare({ signal })
    return heldBack(checkOutcome(outcome, () => `sink ${JSON.stringify(this.#sink.name)}, prepare:`))
  }
}

/**
 * What a sink refuses to be prepared with is wrong until a person mends it; nothing can be sent, and nothing may be thrown away. And one
 * that asks to be prepared anew is not prepared.
 */
function heldBack(outcome: SendOutcome): SendOutcome {
  if (outcome.status === 'delivered') return outcome
  if (outcome.status === 'rejected') return { status: 'retryable', error: outcome.error, blocked: outcome.error.message }
  const { reencode: _, ...rest } = outcome
  return rest
}

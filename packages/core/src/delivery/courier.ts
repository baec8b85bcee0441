import type { Clock } from '../model/clock.js'
import { backoffMs, maxRetryAfterMs } from './backoff.js'
import type { DeliveryObserver } from './delivery-observer.js'
import type { Gates, Ticket } from './gates.js'
import type { Lane } from './lane.js'
import { sendOnce } from './send-once.js'
import type { SendOutcome } from './sink.js'
import type { Slots } from './slots.js'
import type { CompleteDeliveryOptions } from './validate-delivery-options.js'

/** What the server, or the way to it, said last. */
export interface LastAnswer {
  readonly atMs: number
  readonly status: SendOutcome['status']
  readonly message: string
}

/** Something that is attempted until it has an answer. */
export interface Errand {
  /** For the event `retry`. */
  readonly part: string
  /**
   * The gates that it passes. What fails closes the last, for a back-off; where a server names a time, or a person is needed, it closes the
   * first, which more errands pass.
   */
  readonly keys: readonly [wide: string, ...narrow: string[]]
  /** `retry` is 0 at first. */
  attempt(signal: AbortSignal, retry: number): Promise<SendOutcome>
  /** Takes one of the slots for sends. */
  readonly takesSlot?: boolean
  /** For messages. */
  readonly tenant?: string
  /** Parked while the errand waits. */
  readonly lane?: Lane
}

/** An answer that ends an errand: anything but a plain "try again". */
export type Answer = Exclude<SendOutcome, { status: 'retryable' }> | { readonly status: 'reencode' }

export interface CourierOptions {
  readonly sink: string
  readonly clock: Clock
  readonly random: () => number
  readonly delivery: CompleteDeliveryOptions
  readonly gates: Gates
  readonly slots: Slots
  readonly observer: DeliveryObserver
  readonly stop: AbortSignal
}

/** Makes attempts until one has an answer: gates, slots, time limits, back-off. */
export class Courier {
  readonly #options: CourierOptions
  retries = 0
  lastAnswer: LastAnswer | undefined

  constructor(options: CourierOptions) {
    this.#options = options
  }

  get stop(): AbortSignal {
    return this.#options.stop
  }

  /** Resolves with the answer; undefined when delivery was stopped first. */
  async insist(errand: Errand): Promise<Answer | undefined> {
    let parked = false
    const park = (): void => {
      if (!parked) errand.lane?.park()
      parked = true
    }
    try {
      for (let retry = 0; ; retry++) {
        const ticket = await this.#admit(errand, park)
        if (ticket === undefined) return undefined
        const outcome = await this.#attempt(errand, retry)
        const answer = this.#judge(errand, outcome, { ticket, retry })
        // Only now, when the gates say what came of it, may the next one have the slot.
        if (errand.takesSlot) this.#options.slots.release()
        if (answer !== undefined) return answer
        park()
      }
    } finally {
      if (parked) errand.lane?.unpark()
    }
  }

  /** Waits until all gates are passable and a slot is free, at the same time. Holds nothing while it waits. */
  async #admit(errand: Errand, park: () => void): Promise<Ticket | undefined> {
    const { gates, slots, stop } = this.#options
    const { keys, takesSlot } = errand
    for (;;) {
      if (keys.some((key) => gates.isClosed(key))) park()
      if (!(await gates.untilPassable(keys, stop))) return undefined
      if (takesSlot && !(await slots.acquire(stop))) return undefined
      if (gates.isPassable(keys)) return gates.pass(keys)
      if (takesSlot) slots.release()
    }
  }

  #attempt(errand: Errand, retry: number): Promise<SendOutcome> {
    const { sink, clock, delivery, stop } = this.#options
    return sendOnce((signal) => errand.attempt(signal, retry), {
      what: `sink ${JSON.stringify(sink)}, ${errand.part}:`,
      clock,
      timeoutMs: delivery.sendTimeoutMs,
      stop,
    })
  }

  #judge(errand: Errand, outcome: SendOutcome, round: { readonly ticket: Ticket; readonly retry: number }): Answer | undefined {
    const { gates, clock, stop } = this.#options
    if (outcome.status === 'retryable' && stop.aborted) return undefined
    const message = outcome.status === 'delivered' ? (outcome.rejected?.message ?? '') : outcome.error.message
    if (errand.takesSlot || outcome.status === 'retryable') this.lastAnswer = { atMs: clock.nowMs(), status: outcome.status, message }
    if (outcome.status !== 'retryable') {
      for (const key of errand.keys) gates.open(key, round.ticket)
      return outcome
    }
    this.retries++
    const delayMs = this.#closeGate(errand, outcome, round.ticket)
    this.#options.observer.retry({ part: errand.part, attempt: round.retry + 1, delayMs, error: outcome.error })
    return outcome.reencode ? { status: 'reencode' } : undefined
  }

  #closeGate(errand: Errand, outcome: Extract<SendOutcome, { status: 'retryable' }>, ticket: Ticket): number {
    const { gates, delivery, random } = this.#options
    const { blocked, error } = outcome
    const reason = blocked ?? error.message
    const asked = Math.min(outcome.retryAfterMs ?? 0, maxRetryAfterMs)
    const wide = blocked !== undefined || asked > 0
    const closing = wide ? errand.keys[0] : (errand.keys.at(-1) ?? errand.keys[0])
    for (const key of errand.keys) if (key !== closing) gates.open(key, ticket)
    return gates.close(closing, ticket, {
      reason: errand.tenant === undefined ? reason : `tenant ${JSON.stringify(errand.tenant)}: ${reason}`,
      blocked: blocked !== undefined,
      delayMs: (failures) => {
        const own = blocked === undefined ? backoffMs(failures, { ...delivery, random }) : delivery.blockedProbeMs
        return Math.max(own, asked)
      },
    })
  }
}

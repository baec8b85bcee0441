import type { Clock } from '../model/clock.js'
import { Attempts } from './attempts.js'
import { backoffMs, maxRetryAfterMs } from './backoff.js'
import type { DeliveryObserver } from './delivery-observer.js'
import type { Gates, Ticket } from './gates.js'
import type { Lane } from './lane.js'
import type { SendOutcome } from './sink.js'
import type { Slots } from './slots.js'
import type { CompleteDeliveryOptions } from './delivery-options.js'

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

/** A slot that was taken before it was known for what; whoever does not need it any more releases it. */
export interface Reservation {
  held: boolean
}

/**
 * Makes attempts until one has an answer: gates, slots, time limits, back-off. Everything is tried at once first, without a promise where
 * none is needed (`tryReserve`, `#passAtOnce`): that is how nearly all goes. What has to wait goes on in the twin that waits (`reserve`,
 * `#persist`), with its lane parked as long as something it passes is closed.
 */
export class Courier {
  readonly #options: CourierOptions
  readonly #attempts: Attempts
  retries = 0
  lastAnswer: LastAnswer | undefined

  constructor(options: CourierOptions) {
    this.#options = options
    const { sink, clock, stop, delivery } = options
    this.#attempts = new Attempts({ who: `sink ${JSON.stringify(sink)}`, clock, timeoutMs: delivery.sendTimeoutMs, stop })
  }

  /** A slot for an errand, where one can be had at once: one is free, and its gates are passable. */
  tryReserve(errand: Pick<Errand, 'keys'>): Reservation | undefined {
    const { gates, slots, stop } = this.#options
    return !stop.aborted && gates.isPassable(errand.keys) && slots.tryAcquire() ? { held: true } : undefined
  }

  /** Waits for a slot for an errand, and until its gates are passable. Undefined when delivery was stopped first. */
  async reserve(errand: Pick<Errand, 'keys' | 'lane'>): Promise<Reservation | undefined> {
    const parking = new Parking(errand.lane)
    try {
      return await this.#untilAdmitted({ ...errand, takesSlot: true }, { parking, admit: () => ({ held: true }) })
    } finally {
      parking.end()
    }
  }

  release(reservation: Reservation): void {
    if (reservation.held) this.#options.slots.release()
    reservation.held = false
  }

  /** Resolves with the answer; undefined when delivery was stopped first. An errand that takes a slot takes the one reserved, if any. */
  async insist(errand: Errand, reservation?: Reservation): Promise<Answer | undefined> {
    const ticket = this.#passAtOnce(errand, reservation)
    if (ticket === undefined) return this.#persist(errand, 0)
    return (await this.#attempt(errand, { ticket, retry: 0 })) ?? this.#persist(errand, 1)
  }

  /** Goes on with what could not be had at once. */
  async #persist(errand: Errand, firstRetry: number): Promise<Answer | undefined> {
    const { gates } = this.#options
    const parking = new Parking(errand.lane)
    try {
      for (let retry = firstRetry; ; retry++) {
        if (retry > 0) parking.begin()
        const ticket = await this.#untilAdmitted(errand, { parking, admit: () => gates.pass(errand.keys) })
        if (ticket === undefined) return undefined
        const answer = await this.#attempt(errand, { ticket, retry })
        if (answer !== undefined) return answer
      }
    } finally {
      parking.end()
    }
  }

  /** Passes the gates with a slot, if one is needed, where nothing has to be waited for. The reservation is used up either way. */
  #passAtOnce(errand: Errand, reservation: Reservation | undefined): Ticket | undefined {
    const { gates, slots, stop } = this.#options
    if (!stop.aborted && gates.isPassable(errand.keys) && (!errand.takesSlot || reservation?.held || slots.tryAcquire())) {
      if (reservation !== undefined) reservation.held = false
      return gates.pass(errand.keys)
    }
    if (reservation !== undefined) this.release(reservation)
    return undefined
  }

  /**
   * Waits until all gates are passable and a slot is free, at the same time, and admits then. Holds nothing while it waits. Undefined when
   * delivery was stopped first.
   */
  async #untilAdmitted<T>(
    { keys, takesSlot }: Pick<Errand, 'keys' | 'takesSlot'>,
    { parking, admit }: Admission<T>,
  ): Promise<T | undefined> {
    const { gates, slots, stop } = this.#options
    for (;;) {
      if (keys.some((key) => gates.isClosed(key))) parking.begin()
      if (!(await gates.untilPassable(keys, stop))) return undefined
      if (takesSlot && !(await slots.acquire(stop))) return undefined
      if (gates.isPassable(keys)) return admit()
      if (takesSlot) slots.release()
    }
  }

  /** One attempt. Undefined: it has to be made again. */
  async #attempt(errand: Errand, round: Round): Promise<Answer | undefined> {
    const outcome = await this.#attempts.make((signal) => errand.attempt(signal, round.retry), errand.part)
    try {
      return this.#judge(errand, outcome, round)
    } finally {
      // Only now, when the gates say what came of it, may the next one have the slot.
      if (errand.takesSlot) this.#options.slots.release()
    }
  }

  #judge(errand: Errand, outcome: SendOutcome, round: Round): Answer | undefined {
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
    const asked = askedMs(outcome.retryAfterMs)
    const wide = blocked !== undefined || asked > 0
    const closing = wide ? errand.keys[0] : (errand.keys.at(-1) ?? errand.keys[0])
    // Closed before others are opened: a sink that is ill in another way now was never well in between.
    const wait = gates.close(closing, ticket, {
      reason: errand.tenant === undefined ? reason : `tenant ${JSON.stringify(errand.tenant)}: ${reason}`,
      blocked: blocked !== undefined,
      delayMs: (failures) => {
        const own = blocked === undefined ? backoffMs(failures, { ...delivery, random }) : delivery.blockedProbeMs
        return Math.max(own, asked)
      },
    })
    for (const key of errand.keys) if (key !== closing) gates.open(key, ticket)
    return wait
  }
}

/** How long a server asks to be left alone, as far as that is heeded. What is no such time would keep a gate closed for ever, or never. */
function askedMs(retryAfterMs: number | undefined): number {
  if (retryAfterMs === undefined || !Number.isFinite(retryAfterMs)) return 0
  return Math.min(Math.max(retryAfterMs, 0), maxRetryAfterMs)
}

/** Of the attempts of an errand, this one. */
interface Round {
  readonly ticket: Ticket
  readonly retry: number
}

/** What is done with who is admitted, at once, and whose lane is parked until then. */
interface Admission<T> {
  readonly parking: Parking
  readonly admit: () => T
}

/** Whether a lane is parked for something. */
class Parking {
  readonly #lane: Lane | undefined
  #begun = false

  constructor(lane: Lane | undefined) {
    this.#lane = lane
  }

  begin(): void {
    if (!this.#begun) this.#lane?.park()
    this.#begun = true
  }

  end(): void {
    if (this.#begun) this.#lane?.unpark()
  }
}

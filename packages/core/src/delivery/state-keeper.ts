import type { Clock } from '../model/clock.js'
import type { DeliveryObserver, SinkState } from './delivery-observer.js'
import type { Gates } from './gates.js'

export interface StateKeeperOptions {
  readonly gates: Gates
  readonly observer: DeliveryObserver
  readonly clock: Clock
}

/** Knows how a sink fares, and tells when that changes. */
export class StateKeeper {
  readonly #options: StateKeeperOptions
  #state: SinkState = 'healthy'
  /** Why, while it is `retrying` or `blocked`. */
  #reason: string | undefined
  #sinceMs: number

  constructor(options: StateKeeperOptions) {
    this.#options = options
    this.#sinceMs = options.clock.nowMs()
  }

  /** Looks again: a gate opened or closed. */
  refresh(): void {
    const { gates, observer, clock } = this.#options
    const worst = gates.worst()
    const state: SinkState = worst === undefined ? 'healthy' : worst.blocked ? 'blocked' : 'retrying'
    if (state === this.#state && worst?.reason === this.#reason) return
    if (state !== this.#state) this.#sinceMs = clock.nowMs()
    this.#state = state
    this.#reason = worst?.reason
    observer.state({ state, ...(worst !== undefined && { reason: worst.reason }) })
  }

  status(): { readonly state: SinkState; readonly sinceMs: number; readonly reason?: string; readonly nextAttemptMs?: number } {
    const { gates, clock } = this.#options
    const worst = gates.worst()
    return {
      state: this.#state,
      sinceMs: this.#sinceMs,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...(worst !== undefined && { nextAttemptMs: clock.nowMs() + Math.max(0, worst.nextAttemptAtMs - clock.monotonicMs()) }),
    }
  }
}

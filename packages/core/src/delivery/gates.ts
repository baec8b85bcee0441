import type { Clock } from '../model/clock.js'
import { Trigger } from '../model/trigger.js'

/** Why a gate is closed. */
export interface Failure {
  readonly reason: string
  /** A person is needed. */
  readonly blocked: boolean
  /** How long the gate stays closed after the n-th failure in a row. */
  readonly delayMs: (failures: number) => number
}

interface ClosedGate {
  failures: number
  opensAtMs: number
  reason: string
  blocked: boolean
  /** The gate let one attempt through to see whether things are well again; the others wait for what it says. */
  probing: boolean
  /** Attempts that began before this failed together with the one that closed the gate. */
  closedTick: number
  readonly changed: Trigger
}

const closedGate = { failures: 0, opensAtMs: 0, reason: '', blocked: false, probing: false, closedTick: 0 }

/** When an attempt was let through, in the order of events. */
export type Ticket = number

/**
 * Gates by key, through which attempts go: open until something fails, then closed for a back-off, after which one attempt at a time is let
 * through until one succeeds. So a server that is ill gets one request a back-off for each key, however many wait.
 */
export class Gates {
  readonly #clock: Clock
  readonly #onChange: () => void
  /** Closed ones only: an open gate needs no memory. */
  readonly #closed = new Map<string, ClosedGate>()
  #tick = 0

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Whether an attempt may be made now. */
  isPassable(keys: readonly string[]): boolean {
    return this.#closed.size === 0 || keys.every((key) => this.#waitFor(key) === undefined)
  }

  /** Waits until all gates are passable. False when the signal aborts first. Passes none: who holds one must not wait for another. */
  async untilPassable(keys: readonly string[], signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const wait = keys.map((key) => this.#waitFor(key)).find((one) => one !== undefined)
      if (wait === undefined) return true
      const timeout = { clock: this.#clock, delayMs: wait.delayMs }
      await wait.gate.changed.wait({ signal, ...(wait.delayMs > 0 && { timeout }) })
    }
    return false
  }

  /** Passes gates that are passable. Of each closed one, this is the attempt that everybody else waits for: it must be reported. */
  pass(keys: readonly string[]): Ticket {
    if (this.#closed.size > 0) {
      for (const key of keys) {
        const gate = this.#closed.get(key)
        if (gate !== undefined) gate.probing = true
      }
    }
    return ++this.#tick
  }

  #waitFor(key: string): { readonly gate: ClosedGate; readonly delayMs: number } | undefined {
    const gate = this.#closed.get(key)
    if (gate === undefined) return undefined
    const delayMs = gate.opensAtMs - this.#clock.monotonicMs()
    return delayMs > 0 || gate.probing ? { gate, delayMs } : undefined
  }

  /** The attempt of this ticket succeeded. One that began before the gate was closed says nothing of what it waits for. */
  open(key: string, ticket: Ticket): void {
    const gate = this.#closed.get(key)
    if (gate === undefined || ticket <= gate.closedTick) return
    this.#closed.delete(key)
    gate.changed.fire()
    this.#onChange()
  }

  /**
   * The attempt of this ticket failed. Of attempts that were under way together, the first that fails makes the back-off grow. Returns the
   * back-off.
   */
  close(key: string, ticket: Ticket, failure: Failure): number {
    const gate = this.#closed.get(key) ?? { ...closedGate, changed: new Trigger() }
    this.#closed.set(key, gate)
    if (ticket > gate.closedTick) {
      gate.failures++
      gate.probing = false
      gate.closedTick = ++this.#tick
    }
    const delayMs = failure.delayMs(gate.failures)
    gate.opensAtMs = Math.max(gate.opensAtMs, this.#clock.monotonicMs() + delayMs)
    gate.reason = failure.reason
    gate.blocked = failure.blocked
    gate.changed.fire()
    this.#onChange()
    return delayMs
  }

  /** Whether the last that is known of the gate's matter is a failure. */
  isClosed(key: string): boolean {
    return this.#closed.has(key)
  }

  /** The failure to show: a blocked one before others, else the last; and when the next attempt is due, on the monotonic clock. */
  worst(): { readonly reason: string; readonly blocked: boolean; readonly nextAttemptAtMs: number } | undefined {
    if (this.#closed.size === 0) return undefined
    const gates = [...this.#closed.values()]
    const shown = gates.findLast((gate) => gate.blocked) ?? gates.at(-1)
    return shown && { reason: shown.reason, blocked: shown.blocked, nextAttemptAtMs: Math.min(...gates.map((gate) => gate.opensAtMs)) }
  }
}

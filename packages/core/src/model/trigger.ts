import type { Clock } from './clock.js'

export interface WaitOptions {
  /** Ends the wait early. Absent where who aborts fires the trigger as well: a listener costs as much as the rest of a wait. */
  readonly signal?: AbortSignal
  /** Ends the wait after this many milliseconds. Absent: no limit. */
  readonly timeout?: { readonly clock: Clock; readonly delayMs: number }
}

/** Wakes whoever waits for something to change. A wait says nothing of what changed: look again after it. */
export class Trigger {
  readonly #waiters = new Set<() => void>()

  /** Wakes all who wait now. */
  fire(): void {
    if (this.#waiters.size === 0) return
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const wake of waiters) wake()
  }

  /** Resolves at the next `fire`, at the timeout, or when the signal aborts; never rejects. */
  wait({ signal, timeout }: WaitOptions = {}): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      let cancel = (): void => {}
      const wake = (): void => {
        this.#waiters.delete(wake)
        signal?.removeEventListener('abort', wake)
        cancel()
        resolve()
      }
      this.#waiters.add(wake)
      signal?.addEventListener('abort', wake)
      if (timeout !== undefined) cancel = timeout.clock.schedule(timeout.delayMs, wake)
    })
  }
}

/** Resolves after a delay, or at once when the signal aborts. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Trigger().wait({ signal, timeout: { clock, delayMs } })
}

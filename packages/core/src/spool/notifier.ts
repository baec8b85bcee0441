/** Wakes whoever waits for something to change. A waiter looks again by itself: being woken promises nothing. */
export class Notifier {
  readonly #waiters = new Set<() => void>()

  /** Resolves at the next `notify`, or when the signal aborts. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      if (signal?.aborted) return resolve()
      this.#waiters.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }

  notify(): void {
    for (const wake of this.#waiters) wake()
  }
}

/** A fixed number of slots, given out in the order of asking: how many sends may be outstanding at one time. */
export class Slots {
  #free: number
  readonly #waiters: { readonly take: () => void; readonly give: () => void }[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Takes a slot where one is free; nobody waits then. */
  tryAcquire(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  /** Waits for a slot. False when the signal aborts first: then there is none to release. */
  acquire(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    if (this.tryAcquire()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const end = (got: boolean): void => {
        signal.removeEventListener('abort', waiter.give)
        resolve(got)
      }
      const waiter = {
        take: () => end(true),
        give: () => {
          this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
          end(false)
        },
      }
      this.#waiters.push(waiter)
      signal.addEventListener('abort', waiter.give)
    })
  }

  release(): void {
    const next = this.#waiters.shift()
    if (next === undefined) this.#free++
    else next.take()
  }
}

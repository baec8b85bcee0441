/** Wakes whoever waits for something to change. A waiter looks again by itself: being woken promises nothing. */
export class Notifier {
  /** What all who wait have in common; undefined while nobody does. */
  #next: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  /** Signals that wake as well. They come again and again: a listener for each wait would cost more than the wait. */
  readonly #signals = new WeakSet<AbortSignal>()

  /** Resolves at the next `notify`, or when the signal aborts. */
  wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    if (signal !== undefined && !this.#signals.has(signal)) {
      this.#signals.add(signal)
      signal.addEventListener('abort', () => this.notify(), { once: true })
    }
    this.#next ??= createNext()
    return this.#next.promise
  }

  notify(): void {
    this.#next?.resolve()
    this.#next = undefined
  }
}

function createNext(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

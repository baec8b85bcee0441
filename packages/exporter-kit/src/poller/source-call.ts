import { type Clock, toError } from '@promline/core'

/** What a call came to. */
export type CallOutcome<T> = { readonly value: T } | { readonly error: Error }

/** What bounds a call. */
export interface SourceCallOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  /** Made where the timeout passes. */
  readonly timeoutError: () => Error
}

/** One call of a source under a timeout. */
export class SourceCall<T> {
  /** What the source answered, or the error that ended the call first. Never rejects. */
  readonly outcome: Promise<CallOutcome<T>>
  /** Resolves when the source has let go: at the outcome, or later where it does not heed its signal. Never rejects. */
  readonly settled: Promise<void>
  readonly #controller = new AbortController()
  readonly #cancelTimeout: () => void
  #isSettled = false

  constructor(source: (options: { readonly signal: AbortSignal }) => Promise<T>, options: SourceCallOptions) {
    const { signal } = this.#controller
    // Inside an async function, so that what a source throws at once is a rejection as well.
    const answer = (async () => source({ signal }))().then(
      (value): CallOutcome<T> => ({ value }),
      (thrown): CallOutcome<T> => ({ error: toError(thrown) }),
    )
    const aborted = new Promise<CallOutcome<T>>((resolve) => {
      signal.addEventListener('abort', () => resolve({ error: toError(signal.reason) }), { once: true })
    })
    this.#cancelTimeout = options.clock.schedule(options.timeoutMs, () => this.abort(options.timeoutError()))
    this.outcome = Promise.race([aborted, answer])
    this.settled = answer.then(() => {
      this.#cancelTimeout()
      this.#isSettled = true
    })
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Ends the call with this error, where it has no outcome yet, and tells the source. */
  abort(error: Error): void {
    this.#cancelTimeout()
    this.#controller.abort(error)
  }
}

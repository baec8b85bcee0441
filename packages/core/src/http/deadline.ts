import { PromlineError } from '../model/errors.js'

/** A timer this late says that this process was busy, not that the peer was slow. */
const busyProcessMs = 100

/** One deadline for all phases of a request, and the caller's own signal with it. Release it when the request is over. */
export class Deadline {
  /** What is being done, for the message. */
  phase: () => string = () => 'preparing'
  /** Told when the deadline passes or the caller gives up. */
  onFailure: ((error: PromlineError) => void) | undefined
  readonly #timeoutMs: number
  readonly #caller: AbortSignal | undefined
  #error: PromlineError | undefined
  #timer: NodeJS.Timeout | undefined
  // Made for those who ask: most requests need neither.
  #controller: AbortController | undefined
  #failed: { readonly promise: Promise<never>; readonly reject: (error: PromlineError) => void } | undefined

  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs
    this.#caller = caller
    this.#startTimer(timeoutMs, true)
    if (caller?.aborted === true) this.#giveUp()
    else caller?.addEventListener('abort', this.#giveUp, { once: true })
  }

  /** Why the request is over; undefined while it is not. */
  get error(): PromlineError | undefined {
    return this.#error
  }

  /** Aborts at the deadline and with the caller's signal. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#error !== undefined) this.#controller.abort(this.#error)
    }
    return this.#controller.signal
  }

  /** The promise, or the deadline's error where that comes first. What the promise does afterwards is ignored. */
  race<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {})
    return Promise.race([promise, this.#failure()])
  }

  release(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#giveUp)
    this.onFailure = undefined
  }

  #failure(): Promise<never> {
    if (this.#failed === undefined) {
      let reject: (error: PromlineError) => void = () => {}
      const promise = new Promise<never>((_, refuse) => {
        reject = refuse
      })
      promise.catch(() => {}) // it may fail while nobody races against it
      this.#failed = { promise, reject }
      if (this.#error !== undefined) reject(this.#error)
    }
    return this.#failed.promise
  }

  readonly #giveUp = (): void => {
    this.#fail(new PromlineError('unavailable', 'given up by the caller', { cause: this.#caller?.reason }))
  }

  #startTimer(delayMs: number, mayExtend: boolean): void {
    const dueMs = performance.now() + delayMs
    this.#timer = setTimeout(() => {
      const lateMs = performance.now() - dueMs
      // What arrived while this process was busy is still unread: it gets the time back, once.
      if (mayExtend && lateMs > busyProcessMs) this.#startTimer(Math.min(lateMs, this.#timeoutMs), false)
      else this.#fail(this.#timeoutError())
    }, delayMs)
  }

  #timeoutError(): PromlineError {
    const phase = this.phase()
    const facts = { timeoutMs: this.#timeoutMs, phase }
    return new PromlineError('timeout', `timed out after ${this.#timeoutMs} ms while ${phase}`, { facts })
  }

  #fail(error: PromlineError): void {
    const { onFailure } = this
    this.release()
    this.#error = error
    this.#failed?.reject(error)
    this.#controller?.abort(error)
    onFailure?.(error)
  }
}

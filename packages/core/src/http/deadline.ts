import { PromlineError } from '../model/errors.js'

/** A timer this late says that this process was busy, not that the peer was slow. */
const busyProcessMs = 100

/** One deadline for all phases of a request, and the caller's own signal with it. Release it when the request is over. */
export class Deadline {
  /** Aborts at the deadline and with the caller's signal. */
  readonly signal: AbortSignal
  /** What is being done, for the message. */
  phase: () => string = () => 'preparing'
  readonly #failed: Promise<never>
  readonly #timeoutMs: number
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #release: () => void = () => {}

  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs
    this.signal = this.#controller.signal
    this.#failed = new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true })
    })
    this.#failed.catch(() => {}) // it may fail while nobody races against it
    this.#startTimer(timeoutMs, true)
    if (caller === undefined) return
    const onAbort = () => this.#fail(new PromlineError('unavailable', 'given up by the caller', { cause: caller.reason }))
    if (caller.aborted) onAbort()
    else caller.addEventListener('abort', onAbort, { once: true })
    this.#release = () => caller.removeEventListener('abort', onAbort)
  }

  /** The promise, or the deadline's error where that comes first. What the promise does afterwards is ignored. */
  race<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {})
    return Promise.race([promise, this.#failed])
  }

  release(): void {
    clearTimeout(this.#timer)
    this.#release()
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
    this.release()
    this.#controller.abort(error)
  }
}

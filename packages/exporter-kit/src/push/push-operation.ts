import { backoffMs, type HttpClient, type HttpRequest, PromlineError, redactUrl } from '@promline/core'
import { unlessAborted } from '../unless-aborted.js'
import { attemptPush, type PushOutcome } from './push-attempt.js'
import type { PushgatewayConfig } from './pushgateway-options.js'

/** One push of which every attempt is the same. */
export interface PushCommand {
  readonly method: HttpRequest['method']
  readonly url: string
  /** Made once, on the time of the push; undefined where there is none. */
  readonly makeBody?: () => Promise<Uint8Array>
  readonly headers: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** A server that restarts is back within seconds: it is asked again soon at first, and then often enough not to miss the deadline. */
const minBackoffMs = 200
const maxBackoffMs = 5_000
/** An answer is a line or two; this leaves room for a proxy's page. */
const maxAnswerBytes = 1 << 20

/** One push from its collection to its acceptance, under one deadline and the caller's signal. */
export class PushOperation {
  readonly #config: PushgatewayConfig
  readonly #client: HttpClient
  readonly #command: PushCommand
  /** Aborts at the deadline and with the caller's signal. */
  readonly #over = new AbortController()
  #dueMs = Number.POSITIVE_INFINITY
  #attempts = 0
  #lastFailure: PromlineError | undefined

  constructor(config: PushgatewayConfig, client: HttpClient, command: PushCommand) {
    this.#config = config
    this.#client = client
    this.#command = command
  }

  /** Resolves when the server has accepted the push. Rejects with why it did not, or with what the body's maker threw. */
  async run(): Promise<void> {
    const { signal, makeBody } = this.#command
    const { clock, deadlineMs } = this.#config
    this.#dueMs = clock.monotonicMs() + deadlineMs
    const cancelDeadline = clock.schedule(deadlineMs, this.#abort)
    signal?.addEventListener('abort', this.#abort, { once: true })
    if (signal?.aborted === true) this.#abort()
    try {
      await this.#deliver(makeBody === undefined ? undefined : await this.#unlessOver(makeBody()))
    } finally {
      cancelDeadline()
      signal?.removeEventListener('abort', this.#abort)
    }
  }

  readonly #abort = (): void => this.#over.abort()

  async #deliver(body: Uint8Array | undefined): Promise<void> {
    const { method, url, headers } = this.#command
    const { timeoutMs, clock } = this.#config
    const request = { method, url, headers, timeoutMs, maxBodyBytes: maxAnswerBytes, ...(body !== undefined && { body }) }
    for (;;) {
      this.#assertNotOver()
      this.#attempts++
      const outcome = await attemptPush(this.#client, { ...request, signal: this.#over.signal }, () => clock.nowMs())
      if (outcome.status === 'delivered') return
      this.#assertNotOver()
      if (outcome.status === 'rejected') throw outcome.error
      this.#lastFailure = outcome.error
      await this.#pause(outcome)
    }
  }

  async #pause({ error, retryAfterMs }: Extract<PushOutcome, { status: 'retryable' }>): Promise<void> {
    const { clock, logger, random } = this.#config
    const delayMs = retryAfterMs ?? backoffMs(this.#attempts, { minBackoffMs, maxBackoffMs, random })
    if (clock.monotonicMs() + delayMs >= this.#dueMs) throw this.#overError()
    logger.warn({ error, attempts: this.#attempts, delayMs }, `A push failed and is tried again in ${delayMs} ms: ${error.message}`)
    let cancel = (): void => {}
    const paused = new Promise<void>((resolve) => {
      cancel = clock.schedule(delayMs, resolve)
    })
    await this.#unlessOver(paused).finally(cancel)
  }

  #unlessOver<T>(promise: Promise<T>): Promise<T> {
    return unlessAborted(promise, this.#over.signal, () => this.#overError())
  }

  #assertNotOver(): void {
    if (this.#over.signal.aborted) throw this.#overError()
  }

  #overError(): PromlineError {
    const { method, url, signal } = this.#command
    const { deadlineMs } = this.#config
    const place = `${method} ${redactUrl(url)}`
    const attempts = this.#attempts
    if (signal?.aborted === true) {
      return new PromlineError('unavailable', `${place}: given up by the caller`, { cause: signal.reason, facts: { attempts } })
    }
    const last = this.#lastFailure
    if (last !== undefined) {
      const made = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
      const message = `${last.message} (given up after ${made}: the deadline of ${deadlineMs} ms has no room for another)`
      return new PromlineError(last.code, message, { cause: last.cause, facts: { ...last.facts, attempts, deadlineMs } })
    }
    const reason = attempts === 0 ? 'the registry was not collected' : 'no answer'
    return new PromlineError('timeout', `${place}: ${reason} within ${deadlineMs} ms`, { facts: { attempts, deadlineMs } })
  }
}

import { backoffMs, isPromlineError, PromlineError, toError } from '@promline/core'
import { type CompletePollerOptions, type PollerOptions, pollShare, validatePollerOptions } from './poller-options.js'
import { SourceCall } from './source-call.js'

/** What a poller has done so far. A poll is one tick's work, its retries included. */
export interface PollerStatus {
  /** Polls that ended, well or badly. */
  readonly polls: number
  /** Polls that failed, after their retries. */
  readonly errors: number
  /** The same by reason: the code of a PromlineError (`timeout`, `connect`, `status`, `parse`), or `other`. */
  readonly errorsByReason: Readonly<Record<string, number>>
  /** Polls that failed since the last that did not. */
  readonly consecutiveErrors: number
  /** Of the last poll that failed, also when others have succeeded since. */
  readonly lastError: Error | undefined
  /** When the last success was, in milliseconds since the epoch. */
  readonly lastSuccessMs: number | undefined
  /** How long the last poll took, in milliseconds. */
  readonly lastDurationMs: number | undefined
  /** Calls beyond the first of a poll. */
  readonly retries: number
  /** Ticks without a poll, because the one before was still under way. */
  readonly skipped: number
}

/** Asks a source again and again, and holds what it answered last. */
export interface Poller<T> extends AsyncDisposable {
  readonly name: string
  readonly status: PollerStatus
  /** Begins to poll every interval, the first time after the jitter. Does nothing where it has begun. Throws `closed` after `close`. */
  start(): void
  /** The last value and when it came, in milliseconds since the epoch; undefined before the first, and once it is older than `maxAgeMs`. */
  latest(): { readonly value: T; readonly atMs: number } | undefined
  /**
   * Polls at once, or joins the poll under way; resolves when it ended, well or badly: `status` tells. Where a source overstays its
   * timeout it is skipped, as a tick is. Rejects with a PromlineError `closed` after `close`, and for no other reason.
   */
  pollNow(): Promise<void>
  /** Polls no more, aborts the call under way and waits until it has ended, at most for 2 s. Safe to call twice. */
  close(): Promise<void>
}

/** A pipeline closes within 5 s, and has more to do than to wait for a source that does not heed its signal. */
const closeTimeoutMs = 2_000
/** A source that answers within milliseconds is asked again soon, one that is down not too often. */
const minBackoffMs = 250
const maxBackoffMs = 5_000

/**
 * Makes a poller; `start()` sets it going. Ticks come at fixed times, however long the polls take; there are never two calls of a source
 * at once. A failure is logged (the first of a row as a warning) and counted, and never rejects or throws.
 *
 * Throws a PromlineError (`options`) for an option out of its range.
 */
export function createPoller<T>(options: PollerOptions<T>): Poller<T> {
  return new TickingPoller(validatePollerOptions(options))
}

class TickingPoller<T> implements Poller<T> {
  readonly name: string
  readonly #options: CompletePollerOptions<T>
  readonly #errorsByReason: Record<string, number> = {}
  #status: Omit<PollerStatus, 'errorsByReason'> = {
    polls: 0,
    errors: 0,
    consecutiveErrors: 0,
    lastError: undefined,
    lastSuccessMs: undefined,
    lastDurationMs: undefined,
    retries: 0,
    skipped: 0,
  }
  #latest: { readonly value: T; readonly atMs: number; readonly atMonotonicMs: number } | undefined
  /** The poll under way. */
  #poll: Promise<void> | undefined
  /** The last call: the source may hold on to it when its poll is over. */
  #call: SourceCall<T> | undefined
  #firstTickMs: number | undefined
  #cancelTick = (): void => {}
  #endPause = (): void => {}
  #closing: Promise<void> | undefined

  constructor(options: CompletePollerOptions<T>) {
    this.name = options.name
    this.#options = options
  }

  get status(): PollerStatus {
    return { ...this.#status, errorsByReason: { ...this.#errorsByReason } }
  }

  start(): void {
    this.#assertOpen()
    if (this.#firstTickMs !== undefined) return
    const { clock, random, jitter, intervalMs } = this.#options
    this.#firstTickMs = clock.monotonicMs() + random() * jitter * intervalMs
    this.#scheduleTick(0)
  }

  latest(): { readonly value: T; readonly atMs: number } | undefined {
    if (this.#latest === undefined) return undefined
    const { value, atMs, atMonotonicMs } = this.#latest
    return this.#options.clock.monotonicMs() - atMonotonicMs > this.#options.maxAgeMs ? undefined : { value, atMs }
  }

  async pollNow(): Promise<void> {
    this.#assertOpen()
    if (this.#poll !== undefined) await this.#poll
    else if (this.#isCalling()) this.#countSkipped(1)
    else await this.#begin()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#cancelTick()
    this.#endPause()
    this.#call?.abort(this.#closedError())
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.schedule(closeTimeoutMs, resolve)
      void Promise.all([this.#poll, this.#call?.settled]).then(() => {
        cancel()
        resolve()
      })
    })
  }

  #closedError(): PromlineError {
    return new PromlineError('closed', `poller ${this.name} is closed`, { facts: { poller: this.name } })
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw this.#closedError()
  }

  /** Whether the source holds a call, be it under way or long given up. */
  #isCalling(): boolean {
    return this.#call !== undefined && !this.#call.isSettled
  }

  #scheduleTick(tick: number): void {
    const { clock, intervalMs } = this.#options
    const dueMs = (this.#firstTickMs ?? 0) + tick * intervalMs
    this.#cancelTick = clock.schedule(Math.max(0, dueMs - clock.monotonicMs()), () => this.#tick(tick))
  }

  #tick(tick: number): void {
    const { clock, intervalMs } = this.#options
    // A process that was busy or asleep has missed ticks: they are skipped, not caught up. A timer may also fire a moment early.
    const passed = Math.floor((clock.monotonicMs() - (this.#firstTickMs ?? 0)) / intervalMs)
    const next = Math.max(tick, passed) + 1
    this.#countSkipped(next - tick - 1)
    this.#scheduleTick(next)
    if (this.#poll !== undefined || this.#isCalling()) this.#countSkipped(1)
    else void this.#begin()
  }

  /** One poll. Never rejects. */
  #begin(): Promise<void> {
    const beganMs = this.#options.clock.monotonicMs()
    this.#poll = this.#run(beganMs)
      // What is thrown here is thrown by `retryIf`.
      .catch((thrown: unknown) => this.#failed(toError(thrown), beganMs))
      .finally(() => {
        this.#poll = undefined
      })
    return this.#poll
  }

  /** Calls the source until it answers, or until retries or time are used up. */
  async #run(beganMs: number): Promise<void> {
    const { clock, intervalMs, timeoutMs, retries } = this.#options
    const endMs = beganMs + pollShare * intervalMs
    for (let attempt = 0; ; attempt++) {
      const call = this.#startCall(Math.min(timeoutMs, endMs - clock.monotonicMs()))
      const outcome = await call.outcome
      if ('value' in outcome) return this.#succeeded(outcome.value, beganMs)
      if (this.#closing !== undefined) return
      const mayRetry = attempt < retries && (await this.#pauseToRetry({ attempt, error: outcome.error, endMs, call }))
      if (this.#closing !== undefined) return
      if (!mayRetry) return this.#failed(outcome.error, beganMs)
      this.#status = { ...this.#status, retries: this.#status.retries + 1 }
    }
  }

  #startCall(timeoutMs: number): SourceCall<T> {
    const { clock, poll } = this.#options
    const timeoutError = (): Error => {
      const facts = { poller: this.name, timeoutMs }
      return new PromlineError('timeout', `poller ${this.name}: no answer within ${Math.round(timeoutMs)} ms`, { facts })
    }
    this.#call = new SourceCall(poll, { clock, timeoutMs, timeoutError })
    // A source may have closed its poller before it returned.
    if (this.#closing !== undefined) this.#call.abort(this.#closedError())
    return this.#call
  }

  /** Whether to call once more, after a pause: false where the interval has no room for it, or the source still holds the last call. */
  async #pauseToRetry(failure: { attempt: number; error: Error; endMs: number; call: SourceCall<T> }): Promise<boolean> {
    const { clock, random, retryIf } = this.#options
    const pauseMs = backoffMs(failure.attempt + 1, { minBackoffMs, maxBackoffMs, random })
    if (!retryIf(failure.error) || clock.monotonicMs() + pauseMs >= failure.endMs) return false
    await new Promise<void>((resolve) => {
      const cancel = clock.schedule(pauseMs, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
    return failure.call.isSettled && clock.monotonicMs() < failure.endMs
  }

  #succeeded(value: T, beganMs: number): void {
    const { clock, logger } = this.#options
    const failures = this.#status.consecutiveErrors
    if (failures > 0) logger.info({ poller: this.name, failures }, `Poller ${this.name} has an answer again, after ${failures} failures.`)
    const atMs = clock.nowMs()
    this.#latest = { value, atMs, atMonotonicMs: clock.monotonicMs() }
    this.#status = { ...this.#ended(beganMs), lastSuccessMs: atMs, consecutiveErrors: 0 }
  }

  #failed(error: Error, beganMs: number): void {
    const { logger } = this.#options
    const consecutiveErrors = this.#status.consecutiveErrors + 1
    const reason = isPromlineError(error) ? error.code : 'other'
    this.#errorsByReason[reason] = (this.#errorsByReason[reason] ?? 0) + 1
    this.#status = { ...this.#ended(beganMs), errors: this.#status.errors + 1, consecutiveErrors, lastError: error }
    const facts = { poller: this.name, error, consecutiveErrors }
    const message = `Poller ${this.name} has no answer: ${error.message}`
    if (consecutiveErrors === 1) logger.warn(facts, message)
    else logger.debug(facts, message)
  }

  #ended(beganMs: number): Omit<PollerStatus, 'errorsByReason'> {
    return { ...this.#status, polls: this.#status.polls + 1, lastDurationMs: this.#options.clock.monotonicMs() - beganMs }
  }

  #countSkipped(ticks: number): void {
    if (ticks > 0) this.#status = { ...this.#status, skipped: this.#status.skipped + ticks }
  }
}

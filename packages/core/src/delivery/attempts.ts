import type { Clock } from '../model/clock.js'
import { PromlineError, toError } from '../model/errors.js'
import { checkOutcome } from './check-outcome.js'
import { ControllerPool, type LentController } from './controller-pool.js'
import type { SendOutcome } from './sink.js'

/** After its signal aborts an attempt has this long to end by itself; then it is taken for failed, and what it says later is not heard. */
const abortGraceMs = 1_000

/** A timer this late says that this process was busy, not that the server was slow: its answer may lie here unread. */
const busyProcessMs = 100
/** Then the attempt has this much longer: a few turns of the event loop bring in what has arrived. */
const busyGraceMs = 1_000

/** What is attempted. Its signal is the attempt's own until it has an outcome; then another may be given the same. */
export type Attempt = (signal: AbortSignal) => Promise<SendOutcome>

export interface AttemptsOptions {
  /** Whose attempts these are, for messages: `sink "kafka"`. */
  readonly who: string
  readonly clock: Clock
  /** One attempt is aborted after this. */
  readonly timeoutMs: number
  /** Aborts the attempts from outside. */
  readonly stop: AbortSignal
}

/** Makes attempts, each under a time limit. */
export class Attempts {
  readonly #context: Context
  readonly #stop: AbortSignal

  constructor({ who, clock, timeoutMs, stop }: AttemptsOptions) {
    const running = new Set<RunningAttempt>()
    this.#context = { who, clock, timeoutMs, running, controllers: new ControllerPool() }
    this.#stop = stop
    // One listener for all: adding and removing one for each attempt costs more than the attempt's own share.
    stop.addEventListener('abort', () => {
      for (const one of running) one.giveUp(stop.reason)
    })
  }

  /** One attempt. Never rejects, and ends at most a second after the time limit or the stop. `part` is for messages. */
  make(attempt: Attempt, part: string): Promise<SendOutcome> {
    return new Promise((resolve) => {
      const running = new RunningAttempt(this.#context, part, resolve)
      running.begin(attempt)
      if (this.#stop.aborted) running.giveUp(this.#stop.reason)
    })
  }
}

interface Context extends Pick<AttemptsOptions, 'who' | 'clock' | 'timeoutMs'> {
  readonly running: Set<RunningAttempt>
  readonly controllers: ControllerPool
}

class RunningAttempt {
  readonly #context: Context
  readonly #part: string
  readonly #resolve: (outcome: SendOutcome) => void
  readonly #lent: LentController
  #cancel: () => void
  #ended = false

  constructor(context: Context, part: string, resolve: (outcome: SendOutcome) => void) {
    this.#context = context
    this.#part = part
    this.#resolve = resolve
    this.#lent = context.controllers.lend()
    this.#cancel = this.#schedule(context.timeoutMs, context.clock.monotonicMs() + context.timeoutMs)
    context.running.add(this)
  }

  begin(attempt: Attempt): void {
    const failed = (thrown: unknown): void => {
      const { signal } = this.#lent.controller
      this.#end({ status: 'retryable', error: toError(signal.aborted ? signal.reason : thrown) })
    }
    try {
      // What throws at once is like what rejects, and what is no promise like one that is there already.
      Promise.resolve(attempt(this.#lent.controller.signal)).then((outcome) => this.#end(checkOutcome(outcome, () => this.#what)), failed)
    } catch (thrown) {
      failed(thrown)
    }
  }

  giveUp(reason: unknown): void {
    this.#abort(new PromlineError('closed', `${this.#what} was given up at close`, { cause: reason }))
  }

  get #what(): string {
    return `${this.#context.who}, ${this.#part}:`
  }

  #schedule(delayMs: number, dueMs: number): () => void {
    const { clock } = this.#context
    return clock.schedule(delayMs, () => {
      if (clock.monotonicMs() - dueMs < busyProcessMs) this.#expire()
      else this.#cancel = clock.schedule(busyGraceMs, () => this.#expire())
    })
  }

  #expire(): void {
    const { timeoutMs } = this.#context
    this.#abort(new PromlineError('timeout', `${this.#what} timed out after ${timeoutMs} ms`, { facts: { timeoutMs } }))
  }

  #abort(error: Error): void {
    if (this.#ended) return
    this.#cancel()
    this.#cancel = this.#context.clock.schedule(abortGraceMs, () => this.#end({ status: 'retryable', error }))
    this.#lent.controller.abort(error)
  }

  #end(outcome: SendOutcome): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancel()
    this.#context.running.delete(this)
    this.#context.controllers.giveBack(this.#lent)
    this.#resolve(outcome)
  }
}

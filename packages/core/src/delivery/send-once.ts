import type { Clock } from '../model/clock.js'
import { PromlineError, toError } from '../model/errors.js'
import type { SendOutcome } from './sink.js'

/** After its signal aborts an attempt has this long to end by itself; then it is taken for failed, and what it says later is not heard. */
const abortGraceMs = 1_000

/** A timer this late says that this process was busy, not that the server was slow: its answer may lie here unread. */
const busyProcessMs = 100
/** Then the attempt has this much longer: a few turns of the event loop bring in what has arrived. */
const busyGraceMs = 1_000

export interface SendOnceOptions {
  /** What is attempted, for messages: `send to "kafka"`. */
  readonly what: string
  readonly clock: Clock
  readonly timeoutMs: number
  /** Aborts the attempt from outside. */
  readonly stop: AbortSignal
}

/** One attempt under a time limit. Never rejects, and ends at most a second after the time limit or the stop. */
export function sendOnce(attempt: (signal: AbortSignal) => Promise<SendOutcome>, options: SendOnceOptions): Promise<SendOutcome> {
  const { clock, stop } = options
  const controller = new AbortController()
  return new Promise((resolve) => {
    let cancel = (): void => {}
    const abort = (error: Error): void => {
      cancel()
      cancel = clock.schedule(abortGraceMs, () => end({ status: 'retryable', error }))
      controller.abort(error)
    }
    const onStop = (): void => abort(new PromlineError('closed', `${options.what} was given up at close`, { cause: stop.reason }))
    const end = (outcome: SendOutcome): void => {
      cancel()
      stop.removeEventListener('abort', onStop)
      resolve(outcome)
    }
    stop.addEventListener('abort', onStop)
    const expire = (): void => {
      abort(
        new PromlineError('timeout', `${options.what} timed out after ${options.timeoutMs} ms`, {
          facts: { timeoutMs: options.timeoutMs },
        }),
      )
    }
    const dueMs = clock.monotonicMs() + options.timeoutMs
    cancel = clock.schedule(options.timeoutMs, () => {
      if (clock.monotonicMs() - dueMs < busyProcessMs) expire()
      else cancel = clock.schedule(busyGraceMs, expire)
    })
    const failed = (thrown: unknown): SendOutcome => ({
      status: 'retryable',
      error: controller.signal.aborted ? toError(controller.signal.reason) : toError(thrown),
    })
    // The call stands inside a function of its own, so that a sink that throws at once is like one that rejects.
    const call = async (): Promise<SendOutcome> => attempt(controller.signal)
    call().then(end, (thrown: unknown) => end(failed(thrown)))
    if (stop.aborted) onStop()
  })
}

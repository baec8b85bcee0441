import { type Clock, type Logger, maxTimerMs, PromlineError, silentLogger, systemClock } from '@promline/core'

/** Options of `createPoller`. */
export interface PollerOptions<T> {
  /** Names the poller in logs, errors and metrics. */
  readonly name: string
  /**
   * Asks the source once. It should end when the signal aborts: at its timeout, and when the poller closes. One that does not is waited
   * for: ticks that come meanwhile are skipped.
   */
  poll(options: { readonly signal: AbortSignal }): Promise<T>
  /** From one poll to the next, in milliseconds; at least 10. */
  readonly intervalMs: number
  /** For one call of `poll`, in milliseconds; at most nine tenths of the interval. Default: that, and at most 10,000. */
  readonly timeoutMs?: number
  /** Calls after one that failed, as far as nine tenths of the interval have room for them. Default 2. */
  readonly retries?: number
  /** Whether another call may help. Default: always. */
  readonly retryIf?: (error: Error) => boolean
  /** A value that is older is withdrawn. At least the interval. Default: three intervals. */
  readonly maxAgeMs?: number
  /** The first poll comes after a random part of this fraction (0 to 1) of the interval, so that many pollers spread. Default 0.1. */
  readonly jitter?: number
  readonly logger?: Logger
  readonly clock?: Clock
  /** From 0 to 1, exclusive: for jitter. */
  readonly random?: () => number
}

/** Every option, checked. */
export type CompletePollerOptions<T> = Required<PollerOptions<T>>

/** The part of the interval that a poll may take with all of its retries: it is over when the next tick comes. */
export const pollShare = 0.9
/** More often is no polling but a busy loop. */
const minIntervalMs = 10
/** Prometheus' scrape timeout. */
const defaultMaxTimeoutMs = 10_000
/** What a lost packet or a restart breaks is often whole again at once; what is not is for the next interval. */
const defaultRetries = 2
/** More are no retries but a loop. */
const maxRetries = 100
/** A poll or two may fail before a value goes, so that one hiccup makes no hole; one that nobody renews is not shown for long. */
const defaultMaxAgeIntervals = 3
/** Enough for the pollers of one process not to call together, while the first value is still there soon. */
const defaultJitter = 0.1

/** Fills in the defaults. Throws a PromlineError (`options`) that names the poller, the option and its range. */
export function validatePollerOptions<T>(options: PollerOptions<T>): CompletePollerOptions<T> {
  const { name, intervalMs } = options
  if (name === '') throw new PromlineError('options', 'poller: name must not be empty', { facts: { option: 'name' } })
  const check = rangeCheck(name)
  check('intervalMs', intervalMs, { min: minIntervalMs, max: maxTimerMs })
  const complete: CompletePollerOptions<T> = {
    name,
    poll: (call) => options.poll(call),
    intervalMs,
    timeoutMs: options.timeoutMs ?? Math.min(defaultMaxTimeoutMs, pollShare * intervalMs),
    retries: options.retries ?? defaultRetries,
    retryIf: options.retryIf ?? (() => true),
    maxAgeMs: options.maxAgeMs ?? defaultMaxAgeIntervals * intervalMs,
    jitter: options.jitter ?? defaultJitter,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
  check('timeoutMs', complete.timeoutMs, { min: 1, max: pollShare * intervalMs })
  check('retries', complete.retries, { min: 0, max: maxRetries })
  if (!Number.isInteger(complete.retries)) throw rangeError(name, 'retries', `a whole number, not ${complete.retries}`)
  check('maxAgeMs', complete.maxAgeMs, { min: intervalMs, max: Number.MAX_SAFE_INTEGER })
  check('jitter', complete.jitter, { min: 0, max: 1 })
  return complete
}

function rangeCheck(poller: string): (option: string, value: number, range: { min: number; max: number }) => void {
  return (option, value, { min, max }) => {
    if (!(value >= min && value <= max)) throw rangeError(poller, option, `from ${min} to ${max}, not ${value}`)
  }
}

function rangeError(poller: string, option: string, expected: string): PromlineError {
  return new PromlineError('options', `poller ${poller}: ${option} must be ${expected}`, { facts: { poller, option } })
}

import { maxTimerMs } from '../model/duration.js'
import { PromlineError } from '../model/errors.js'
import type { DeliveryOptions } from './delivery-options.js'

/** Delivery options with every default filled in. */
export type CompleteDeliveryOptions = Required<DeliveryOptions>

/** What the defaults of a sink's delivery hang on. */
export interface DeliveryContext {
  /** For messages. */
  readonly sink: string
  /** The sink's own limit of sends outstanding. */
  readonly maxInFlight?: number
  /** What the sink wants joined where the options do not say. */
  readonly maxSamplesPerSend?: number
  /** With a memory spool the writer waits for the delivery, so batches do not wait to be joined unless asked to. */
  readonly memorySpool?: boolean
}

/** Enough that one stuck tenant or origin holds up an eighth of the others at most; each lane is one more request in flight. */
const defaultLanes = 8
/** The acknowledgement file has room for a 16-bit count; beyond some hundred lanes there is nothing left to gain. */
const maxLanes = 1024
/** Prometheus' own default, for sinks that do not say what is best for them. */
const defaultMaxSamplesPerSend = 2_000
const defaultBatchSendDeadlineMs = 1_000
/** Prometheus' own min_backoff and max_backoff. */
const defaultMinBackoffMs = 30
const defaultMaxBackoffMs = 5_000
/** Two requests a minute to a server that refuses our credentials: soon enough for the person who mends them. */
const defaultBlockedProbeMs = 30_000
/** Prometheus' own remote_timeout. */
const defaultSendTimeoutMs = 30_000
/** 4 MiB a lane at eight lanes, some 400,000 samples each. */
const defaultMaxHeldBytes = 32 * 1024 * 1024

/** The complete options. Throws a PromlineError (`options`) that names the sink, the option and its range. */
export function validateDeliveryOptions(options: DeliveryOptions, context: DeliveryContext): CompleteDeliveryOptions {
  const lanes = options.lanes ?? defaultLanes
  const own = context.maxInFlight ?? lanes
  const complete: CompleteDeliveryOptions = {
    lanes,
    maxSamplesPerSend: options.maxSamplesPerSend ?? context.maxSamplesPerSend ?? defaultMaxSamplesPerSend,
    batchSendDeadlineMs: options.batchSendDeadlineMs ?? (context.memorySpool ? 0 : defaultBatchSendDeadlineMs),
    maxInFlight: Math.min(options.maxInFlight ?? own, context.maxInFlight ?? Number.POSITIVE_INFINITY),
    minBackoffMs: options.minBackoffMs ?? defaultMinBackoffMs,
    maxBackoffMs: options.maxBackoffMs ?? Math.max(defaultMaxBackoffMs, options.minBackoffMs ?? 0),
    blockedProbeMs: options.blockedProbeMs ?? defaultBlockedProbeMs,
    sendTimeoutMs: options.sendTimeoutMs ?? defaultSendTimeoutMs,
    sampleAgeLimitMs: options.sampleAgeLimitMs ?? 0,
    maxHeldBytes: options.maxHeldBytes ?? defaultMaxHeldBytes,
  }
  assertRanges(complete, context.sink)
  return complete
}

function assertRanges(options: CompleteDeliveryOptions, sink: string): void {
  const ranges: readonly (readonly [name: keyof DeliveryOptions, low: number, high: number])[] = [
    ['lanes', 1, maxLanes],
    ['maxSamplesPerSend', 1, Number.MAX_SAFE_INTEGER],
    ['batchSendDeadlineMs', 0, maxTimerMs],
    ['maxInFlight', 1, Number.MAX_SAFE_INTEGER],
    ['minBackoffMs', 1, maxTimerMs],
    ['maxBackoffMs', options.minBackoffMs, maxTimerMs],
    ['blockedProbeMs', 1, maxTimerMs],
    ['sendTimeoutMs', 1, maxTimerMs],
    ['sampleAgeLimitMs', 0, Number.MAX_SAFE_INTEGER],
    ['maxHeldBytes', 1, Number.MAX_SAFE_INTEGER],
  ]
  for (const [name, low, high] of ranges) {
    const value = options[name]
    if (Number.isSafeInteger(value) && value >= low && value <= high) continue
    const range = high === Number.MAX_SAFE_INTEGER ? `at least ${low}` : `${low} to ${high}`
    throw new PromlineError('options', `sink ${JSON.stringify(sink)}: ${name} must be a whole number, ${range}, not ${String(value)}`, {
      facts: { sink, option: name, low, high },
    })
  }
}

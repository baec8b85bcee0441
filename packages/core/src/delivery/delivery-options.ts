import { maxTimerMs } from '../model/duration.js'
import { PromlineError } from '../model/errors.js'
import { maxLanes } from '../spool/cursor-options.js'
import { describeValue } from './describe-value.js'

/** How a sink's deliveries are batched and repeated; the meaning of Prometheus' `queue_config`, in delivery's words. */
export interface DeliveryOptions {
  /** Ordered shares of the traffic, by tenant, else by origin. Default 8. A change restarts the cursor at the lowest lane. */
  readonly lanes?: number
  /** Samples, histograms and exemplars joined into one request, at most. Default: the sink's own, else 2,000. */
  readonly maxSamplesPerSend?: number
  /**
   * A batch waits this long at most to be joined by others. Default 1,000 (Prometheus: batch_send_deadline, 5 s); with a memory spool 0, for
   * there the writer waits with it.
   */
  readonly batchSendDeadlineMs?: number
  /** Requests outstanding at one time; never more than the sink's own limit. Default: that, else the number of lanes (Prometheus: max_shards). */
  readonly maxInFlight?: number
  /** First back-off; the sleep is drawn from 0 to the back-off (full jitter), which doubles. Default 30. */
  readonly minBackoffMs?: number
  /** Default 5,000. */
  readonly maxBackoffMs?: number
  /** Between attempts while a sink is blocked (wrong credentials, unknown topic). Default 30,000. */
  readonly blockedProbeMs?: number
  /** One attempt is given up after this. Default 30,000 (Prometheus: remote_timeout). */
  readonly sendTimeoutMs?: number
  /** Samples older than this are dropped with reason `age`. Default 0: never (Prometheus: sample_age_limit). */
  readonly sampleAgeLimitMs?: number
  /** What lanes hold in memory, at most: each an even share of it, and one batch at least. Default 32 MiB. */
  readonly maxHeldBytes?: number
}

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

/** Throws a PromlineError (`options`) where the limit that a sink has for its bodies is none: everything would be refused as too large. */
export function assertBodyLimit({ name, maxBodyBytes }: { readonly name: string; readonly maxBodyBytes?: number }): void {
  if (maxBodyBytes !== undefined) assertRange(maxBodyBytes, { sink: name, option: 'maxBodyBytes', low: 1, high: Number.MAX_SAFE_INTEGER })
}

function assertRanges(options: CompleteDeliveryOptions, sink: string): void {
  const ranges: readonly (readonly [option: keyof DeliveryOptions, low: number, high: number])[] = [
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
  for (const [option, low, high] of ranges) assertRange(options[option], { sink, option, low, high })
}

interface Range {
  readonly sink: string
  readonly option: string
  readonly low: number
  readonly high: number
}

function assertRange(value: number, range: Range): void {
  const { sink, option, low, high } = range
  if (Number.isSafeInteger(value) && value >= low && value <= high) return
  const words = high === Number.MAX_SAFE_INTEGER ? `at least ${low}` : `${low} to ${high}`
  const message = `sink ${JSON.stringify(sink)}: ${option} must be a whole number, ${words}, not ${describeValue(value)}`
  throw new PromlineError('options', message, { facts: { ...range } })
}

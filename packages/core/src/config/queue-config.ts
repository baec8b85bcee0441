import type { DeliveryOptions } from '../delivery/delivery-options.js'
import type { ConfigContext } from './config-context.js'
import type { ConfigNode } from './config-node.js'
import { defined } from './defined.js'
import { formatDuration } from '../model/duration.js'

/** `queue_config` of remote write, complete. What has no effect here is kept for those who print it. */
export interface QueueConfig {
  /** Samples buffered by a shard. No effect: the spool buffers. */
  readonly capacity: number
  /** Requests in flight. Absent: delivery's default, the number of lanes. */
  readonly maxShards?: number
  /** No effect: lanes need no start. */
  readonly minShards: number
  readonly maxSamplesPerSend: number
  readonly batchSendDeadlineMs: number
  readonly minBackoffMs: number
  readonly maxBackoffMs: number
  /** No effect: 429 is always retried. */
  readonly retryOnHttp429: boolean
  /** 0: never too old. */
  readonly sampleAgeLimitMs: number
}

/**
 * Prometheus' defaults, but for two. The deadline is a second, not five, since a batch that waits is a batch that a crash repeats. A request has
 * 10,000 samples, not 2,000, as remote write's sink wants it: 250 KB compressed, where 2,000 take up to two thirds more processor time.
 */
const defaults: QueueConfig = {
  capacity: 10_000,
  minShards: 1,
  maxSamplesPerSend: 10_000,
  batchSendDeadlineMs: 1_000,
  minBackoffMs: 30,
  maxBackoffMs: 5_000,
  retryOnHttp429: true,
  sampleAgeLimitMs: 0,
}

/** Reads `queue_config`; an empty node gives the defaults. */
export function parseQueueConfig(node: ConfigNode, context: ConfigContext): QueueConfig {
  const given = node.fields({
    capacity: atLeastOne,
    max_shards: atLeastOne,
    min_shards: atLeastOne,
    max_samples_per_send: atLeastOne,
    batch_send_deadline: (field) => field.durationMs(),
    min_backoff: (field) => field.durationMs(),
    max_backoff: (field) => field.durationMs(),
    retry_on_http_429: (field) => field.boolean(),
    sample_age_limit: (field) => field.durationMs(),
  })
  const config: QueueConfig = {
    ...defaults,
    ...defined({
      capacity: given.capacity,
      maxShards: given.max_shards,
      minShards: given.min_shards,
      maxSamplesPerSend: given.max_samples_per_send,
      batchSendDeadlineMs: given.batch_send_deadline,
      minBackoffMs: given.min_backoff,
      maxBackoffMs: given.max_backoff,
      retryOnHttp429: given.retry_on_http_429,
      sampleAgeLimitMs: given.sample_age_limit,
    }),
  }
  assertOrder(node, config)
  noticeIneffective(node, config, context)
  return config
}

/** What a queue's settings mean to delivery. */
export function toDeliveryOptions(queue: QueueConfig): DeliveryOptions {
  const { maxShards, maxSamplesPerSend, batchSendDeadlineMs, minBackoffMs, maxBackoffMs, sampleAgeLimitMs } = queue
  const options = { maxSamplesPerSend, batchSendDeadlineMs, minBackoffMs, maxBackoffMs, sampleAgeLimitMs }
  return maxShards === undefined ? options : { ...options, maxInFlight: maxShards }
}

function atLeastOne(node: ConfigNode): number {
  return node.integer({ min: 1 })
}

function assertOrder(node: ConfigNode, { minShards, maxShards, minBackoffMs, maxBackoffMs }: QueueConfig): void {
  if (maxShards !== undefined && minShards > maxShards) {
    throw node.at('max_shards').error(`${maxShards} is below min_shards, ${minShards}`)
  }
  if (maxBackoffMs < minBackoffMs) {
    throw node.at('max_backoff').error(`${formatDuration(maxBackoffMs)} is below min_backoff, ${formatDuration(minBackoffMs)}`)
  }
}

function noticeIneffective(node: ConfigNode, config: QueueConfig, context: ConfigContext): void {
  for (const [key, reason] of [
    ['capacity', 'the spool buffers'],
    ['min_shards', 'requests in flight begin at none and end at max_shards'],
  ] as const) {
    if (!node.at(key).isEmpty) context.notice(node.at(key), `has no effect: ${reason}`)
  }
  if (!config.retryOnHttp429) context.notice(node.at('retry_on_http_429'), 'has no effect: status 429 is always retried')
}

import { expect, it } from 'vitest'
import { loadConfig } from './load-config.js'
import { toDeliveryOptions } from './queue-config.js'

it.each([
  ['{}', { maxSamplesPerSend: 10_000, batchSendDeadlineMs: 1_000, minBackoffMs: 30, maxBackoffMs: 5_000, sampleAgeLimitMs: 0 }],
  [
    '{ max_shards: 50, capacity: 5, max_samples_per_send: 10, batch_send_deadline: 5s, min_backoff: 1s, max_backoff: 1m, sample_age_limit: 2h }',
    {
      maxInFlight: 50,
      maxSamplesPerSend: 10,
      batchSendDeadlineMs: 5_000,
      minBackoffMs: 1_000,
      maxBackoffMs: 60_000,
      sampleAgeLimitMs: 7_200_000,
    },
  ],
])('toDeliveryOptions(): queue_config %s', (queueConfig, options) => {
  const [entry] = loadConfig(`remote_write: [{ url: "http://x/", queue_config: ${queueConfig} }]`, { file: 'f.yml' }).remoteWrite
  expect(entry && toDeliveryOptions(entry.queueConfig)).toEqual(options)
})

import type { ConfigNode } from './config-node.js'

/** `metadata_config` of remote write, complete. */
export interface MetadataConfig {
  readonly send: boolean
  readonly sendIntervalMs: number
  readonly maxSamplesPerSend: number
}

/** Prometheus' defaults. */
const defaults: MetadataConfig = { send: true, sendIntervalMs: 60_000, maxSamplesPerSend: 2_000 }

/** Reads `metadata_config`; an empty node gives the defaults. */
export function parseMetadataConfig(node: ConfigNode): MetadataConfig {
  const given = node.fields({
    send: (field) => field.boolean(),
    send_interval: (field) => field.durationMs({ min: 1 }),
    max_samples_per_send: (field) => field.integer({ min: 1 }),
  })
  return {
    send: given.send ?? defaults.send,
    sendIntervalMs: given.send_interval ?? defaults.sendIntervalMs,
    maxSamplesPerSend: given.max_samples_per_send ?? defaults.maxSamplesPerSend,
  }
}

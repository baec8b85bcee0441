import {
  type Columns,
  countsOf,
  type RemoteWriteConfig,
  relabelTransform,
  type SinkPlace,
  sinkPlaceOf,
  type SinkSetup,
  subtractCounts,
  toDeliveryOptions,
  totalOf,
  type Transform,
} from '@promline/core'
import type { DeadLetter } from '@promline/core/delivery'
import { createRemoteWriteSink } from './sink.js'

/** Above the sink's own time limit of an attempt, so that its error, which says what was being done, comes first. */
const sendTimeoutSlackMs = 5000

export interface RemoteWriteSetupOptions {
  /** Makes the dead letter of a sink. Default: what is refused for good is counted and logged, and gone. */
  readonly deadLetter?: (sink: string) => DeadLetter
  /** Of entries that do not say it. Default `block`. */
  readonly overflow?: SinkSetup['overflow']
}

/**
 * The section `remote_write` as sinks of a pipeline: external labels where absent, then `write_relabel_configs`, exemplars and native
 * histograms where they are asked for, `queue_config` as delivery understands it. An entry's own `overflow` and `start` go before the
 * options: `loadConfig` reads them where `remoteWriteKeys` has core's `sinkPlaceParsers`. Throws a PromlineError (`options`, `relabel`).
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#remote_write
 */
export function remoteWriteSinkSetups(
  configs: readonly (RemoteWriteConfig & SinkPlace)[],
  options: RemoteWriteSetupOptions = {},
): SinkSetup[] {
  return configs.map((config) => ({
    sink: createRemoteWriteSink({
      name: config.name,
      url: config.url,
      http: config.http,
      headers: config.headers,
      timeoutMs: config.remoteTimeoutMs,
      metadata: config.metadataConfig,
    }),
    transforms: transformsOf(config),
    delivery: { ...toDeliveryOptions(config.queueConfig), sendTimeoutMs: config.remoteTimeoutMs + sendTimeoutSlackMs },
    ...(options.overflow !== undefined && { overflow: options.overflow }),
    ...sinkPlaceOf(config),
    ...(options.deadLetter !== undefined && { deadLetter: options.deadLetter(config.name) }),
  }))
}

function transformsOf(config: RemoteWriteConfig): readonly Transform[] {
  const { externalLabels, writeRelabelConfigs, sendExemplars, sendNativeHistograms } = config
  const transforms: Transform[] = []
  if (!sendExemplars) transforms.push(without('exemplars', 'send_exemplars_off'))
  if (!sendNativeHistograms) transforms.push(without('histograms', 'send_native_histograms_off'))
  if (externalLabels.length > 0 || writeRelabelConfigs.length > 0)
    transforms.push(relabelTransform(writeRelabelConfigs, { externalLabels }))
  return transforms
}

/** Leaves one kind of columns out; a batch without it is not touched. */
function without(kind: Columns['kind'], reason: string): Transform {
  const isOfKind = (columns: Columns): boolean => columns.kind === kind
  return (batch, drop) => {
    if (!batch.columns.some(isOfKind)) return batch
    const kept = { origin: batch.origin, columns: batch.columns.filter((columns) => !isOfKind(columns)) }
    const dropped = subtractCounts(countsOf(batch), countsOf(kept))
    if (totalOf(dropped) > 0) drop(reason, dropped)
    return kept
  }
}

import { type Batch, type Clock, type MetricMetadata, PromlineError, totalOf } from '@promline/core'
import type { Encoded } from '@promline/core/delivery'
import { writeRequestOf } from '../batch/from-batches.js'
import { encodeWriteRequest } from '../v1/encode.js'
import { BatchEncoder, type EncodedBatches } from '../v1/template/batch-encoder.js'
import type { RemoteWriteSinkConfig } from './config.js'
import type { MetadataSchedule } from './metadata-schedule.js'

/** The one part of a remote-write sink: a receiver takes a request as a whole. */
const part = 'remote-write'
/** What Prometheus and VictoriaMetrics take once decompressed. */
const maxMessageBytes = 32 * 1024 * 1024
const noBytes = new Uint8Array(0)

/** A request, and the metadata that it carries beside its samples. */
export interface EncodedRequest extends Encoded<Uint8Array> {
  readonly metadata: readonly MetricMetadata[]
}

/**
 * Batches as one compressed request. Where nothing is left that 1.0 can carry, the body is empty and says only what was dropped. Throws a
 * PromlineError (`limit`) for a request that receivers refuse for its size once decompressed: delivery divides it.
 */
export type EncodeRequest = (batches: readonly Batch[]) => EncodedRequest

export interface EncodeOptions extends Pick<RemoteWriteSinkConfig, 'snappy' | 'templates' | 'maxTemplateBytes'> {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly schedule: Pick<MetadataSchedule, 'choose' | 'isQuiet'>
}

/** An encoder from templates, or its plain twin. */
export function createEncodeRequest(options: EncodeOptions): EncodeRequest {
  const encode = options.templates ? fromTemplates(options) : plainly(options)
  return (batches) => {
    const encoded = encode(batches)
    return { part, bytes: encoded.body.length, ...encoded }
  }
}

function fromTemplates({ schedule, clock, ...options }: EncodeOptions): (batches: readonly Batch[]) => EncodedBatches {
  const encoder = new BatchEncoder({ ...options, maxMessageBytes })
  return (batches) => encoder.encode(batches, { nowMs: clock.monotonicMs(), metadata: schedule })
}

/** Objects, protobufjs and a compressor: for what a sink does by default, this is the measure of what is right. */
function plainly({ schedule, snappy }: EncodeOptions): (batches: readonly Batch[]) => EncodedBatches {
  return (batches) => {
    const request = writeRequestOf(batches)
    const metadata = schedule.choose(request.metadata)
    const { bytes, counts, dropped } = encodeWriteRequest({ ...request, metadata })
    if (totalOf(counts) === 0) return { body: noBytes, counts, dropped, metadata: [] }
    if (bytes.length > maxMessageBytes) {
      throw new PromlineError('limit', `remote write: a request of ${bytes.length} bytes is above the limit of ${maxMessageBytes}`)
    }
    return { body: snappy.compress(bytes), counts, dropped, metadata }
  }
}

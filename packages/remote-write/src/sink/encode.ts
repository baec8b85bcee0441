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
export interface EncodedRequest {
  readonly request: Encoded<Uint8Array>
  readonly metadata: readonly MetricMetadata[]
}

/** Makes requests. */
export interface RequestEncoder {
  /**
   * Batches as one compressed request. Where nothing is left that 1.0 can carry, the body is empty and says only what was dropped. Throws a
   * PromlineError (`limit`) for a request that receivers refuse for its size once decompressed: delivery divides it.
   */
  encode(batches: readonly Batch[]): EncodedRequest
  /** Takes the memory of a body that nobody reads any more, and nobody will, for another one. */
  giveBack(body: Uint8Array): void
}

export interface EncodeOptions extends Pick<RemoteWriteSinkConfig, 'snappy' | 'templates' | 'maxTemplateBytes' | 'webAssembly'> {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly schedule: Pick<MetadataSchedule, 'choose' | 'isQuiet'>
}

/** An encoder from templates, or its plain twin. */
export function createRequestEncoder(options: EncodeOptions): RequestEncoder {
  return options.templates ? fromTemplates(options) : plainly(options)
}

function fromTemplates({ schedule, clock, ...options }: EncodeOptions): RequestEncoder {
  const encoder = new BatchEncoder({ ...options, maxMessageBytes })
  return {
    encode: (batches) => requestOf(encoder.encode(batches, { nowMs: clock.monotonicMs(), metadata: schedule })),
    giveBack: (body) => encoder.giveBack(body),
  }
}

function requestOf({ body, counts, dropped, metadata }: EncodedBatches): EncodedRequest {
  return { request: { part, body, bytes: body.length, counts, dropped }, metadata }
}

/** Objects, protobufjs and a compressor: for what a sink does by default, this is the measure of what is right. */
function plainly({ schedule, snappy }: EncodeOptions): RequestEncoder {
  const encode = (batches: readonly Batch[]): EncodedBatches => {
    const request = writeRequestOf(batches)
    const metadata = schedule.choose(request.metadata)
    const { bytes, counts, dropped } = encodeWriteRequest({ ...request, metadata })
    if (totalOf(counts) === 0) return { body: noBytes, counts, dropped, metadata: [] }
    if (bytes.length > maxMessageBytes) {
      throw new PromlineError('limit', `remote write: a request of ${bytes.length} bytes is above the limit of ${maxMessageBytes}`)
    }
    return { body: snappy.compress(bytes), counts, dropped, metadata }
  }
  return { encode: (batches) => requestOf(encode(batches)), giveBack: () => {} }
}

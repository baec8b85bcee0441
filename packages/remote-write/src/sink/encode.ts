import { type Batch, type MetricMetadata, PromlineError, totalOf } from '@promline/core'
import type { Encoded } from '@promline/core/delivery'
import { writeRequestOf } from '../batch/from-batches.js'
import type { SnappyCodec } from '../snappy/snappy-codec.js'
import { encodeWriteRequest } from '../v1/encode.js'
import type { MetadataSchedule } from './metadata-schedule.js'

/** The one part of a remote-write sink: a receiver takes a request as a whole. */
const part = 'remote-write'
/** What Prometheus and VictoriaMetrics take once decompressed. */
const maxDecodedBytes = 32 * 1024 * 1024
const noBytes = new Uint8Array(0)

/** A request, and the metadata that it carries beside its samples. */
export interface EncodedRequest extends Encoded<Uint8Array> {
  readonly metadata: readonly MetricMetadata[]
}

/**
 * Batches as one compressed request. Where nothing is left that 1.0 can carry, the body is empty and says only what was dropped. Throws a
 * PromlineError (`limit`) for a request that receivers refuse for its size once decompressed: delivery divides it.
 */
export function encodeBatches(
  batches: readonly Batch[],
  options: { readonly schedule: Pick<MetadataSchedule, 'choose'>; readonly snappy: SnappyCodec },
): EncodedRequest {
  const request = writeRequestOf(batches)
  const metadata = options.schedule.choose(request.metadata)
  const { bytes, counts, dropped } = encodeWriteRequest({ ...request, metadata })
  if (totalOf(counts) === 0) return { part, body: noBytes, bytes: 0, counts, dropped, metadata: [] }
  if (bytes.length > maxDecodedBytes) {
    throw new PromlineError('limit', `remote write: a request of ${bytes.length} bytes is above the limit of ${maxDecodedBytes}`)
  }
  const body = options.snappy.compress(bytes)
  return { part, body, bytes: body.length, counts, dropped, metadata }
}

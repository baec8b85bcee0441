import { type Counts, type Dropped, type Exemplar, isPromlineError } from '@promline/core'
import type { Writer } from 'protobufjs/minimal.js'
import { inSeries } from '../message/encode-error.js'
import { encodeHistogram } from '../message/encode-histogram.js'
import { metadataFields } from '../message/metadata-fields.js'
import { createWriter } from '../message/protobuf-writer.js'
import { wireLabels, writeDouble, writeInt64 } from '../message/wire-writer.js'
import type { HistogramValue, SampleValue, TimeSeries, WriteRequest } from '../message/write-request.js'

/** A request as bytes, and what it came to. */
export interface EncodedWriteRequest {
  /** The message, not compressed. */
  readonly bytes: Uint8Array
  /** What the message carries. */
  readonly counts: Counts
  /** What remote write 1.0 cannot carry, by reason; with `counts` it adds up to the request's. */
  readonly dropped: readonly Dropped[]
}

/** The schema of native histograms with custom buckets, for which 1.0 has no field that receivers read. */
const customBucketsSchema = -53
/** Prometheus' word for it, in `prometheus_remote_storage_histograms_dropped_total`. */
const customBucketsReason = 'nhcb_in_rw1_not_supported'

/**
 * Encodes the message of remote write 1.0; see `decodeWriteRequest` for the layout. Zero values are left out, as proto3 does.
 * Staleness markers and other NaN get Prometheus' exact bits. Throws a PromlineError (`encode`) for a timestamp that is not an integer.
 * https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol
 */
export function encodeWriteRequest(request: WriteRequest): EncodedWriteRequest {
  const writer = createWriter()
  let samples = 0
  let histograms = 0
  let exemplars = 0
  let customBuckets = 0
  for (const series of request.series) {
    const carried = series.histograms.filter(({ histogram }) => histogram.schema !== customBucketsSchema)
    const left = series.histograms.length - carried.length
    customBuckets += left
    if (left > 0 && carried.length + series.samples.length + series.exemplars.length === 0) continue
    encodeNamed(writer.uint32((1 << 3) | 2).fork(), series, carried).ldelim()
    samples += series.samples.length
    histograms += carried.length
    exemplars += series.exemplars.length
  }
  writer.raw(metadataFields(request.metadata))
  return {
    bytes: writer.finish(),
    counts: { samples, histograms, exemplars },
    dropped: customBuckets === 0 ? [] : [{ reason: customBucketsReason, counts: { samples: 0, histograms: customBuckets, exemplars: 0 } }],
  }
}

/** Encodes a series; an error says of which it is. */
function encodeNamed(writer: Writer, series: TimeSeries, histograms: readonly HistogramValue[]): Writer {
  try {
    encodeTimeSeries(writer, series, histograms)
  } catch (error) {
    if (!isPromlineError(error, 'encode')) throw error
    throw inSeries(series.labels, error)
  }
  return writer
}

function encodeTimeSeries(writer: Writer, series: TimeSeries, histograms: readonly HistogramValue[]): void {
  writer.raw(wireLabels(series.labels.bytes, 1))
  for (const sample of series.samples) encodeSample(writer.uint32((2 << 3) | 2).fork(), sample).ldelim()
  for (const exemplar of series.exemplars) encodeExemplar(writer.uint32((3 << 3) | 2).fork(), exemplar).ldelim()
  for (const value of histograms) {
    writer.uint32((4 << 3) | 2).fork()
    encodeHistogram(writer, value)
    writer.ldelim()
  }
}

function encodeSample(writer: Writer, sample: SampleValue): Writer {
  if (sample.stale || !Object.is(sample.value, 0)) writeDouble(writer.uint32((1 << 3) | 1), sample)
  if (sample.timestampMs !== 0) writeInt64(writer.uint32(2 << 3), sample.timestampMs)
  return writer
}

function encodeExemplar(writer: Writer, exemplar: Exemplar): Writer {
  writer.raw(wireLabels(exemplar.labels.bytes, 1))
  if (!Object.is(exemplar.value, 0)) writeDouble(writer.uint32((2 << 3) | 1), { value: exemplar.value, stale: false })
  const timestampMs = exemplar.timestampMs ?? 0
  if (timestampMs !== 0) writeInt64(writer.uint32(3 << 3), timestampMs)
  return writer
}

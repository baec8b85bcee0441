import type { Exemplar, Labels, MetricMetadata, Series } from '@promline/core'
import { decodeHistogram } from '../message/decode-histogram.js'
import { type LabelLimits, LabelReader } from '../message/label-reader.js'
import { metricTypeOf } from '../message/metric-type.js'
import { WireReader } from '../message/wire-reader.js'
import type { HistogramValue, SampleValue, TimeSeries, WriteRequest } from '../message/write-request.js'

/** What a decoder allows. */
export interface DecodeOptions extends Partial<LabelLimits> {
  /** What the values of a message may take in memory while it is read, by estimate. Default 512 MiB. */
  readonly maxMemoryBytes?: number
}

/** Finds series by the bytes of their labels. See `KnownSeries`. */
export interface LabelLookup {
  /** Where the labels end that were found last. */
  readonly end: number
  begin(): void
  find(message: Uint8Array, start: number, entryEnd: number): Series | undefined
}

/** Far above what services expose (the largest of Kubernetes have some 60), and low enough to keep work on a series linear in practice. */
const defaultMaxLabels = 1024
/** Half of the spool's largest record (1 MiB): a series must fit into one. */
const defaultMaxLabelBytes = 512 * 1024
/** What the smallest series that say something take, in a message of 32 MiB: honest messages stay below it. */
const defaultMaxMemoryBytes = 512 * 1024 * 1024

/** About what the objects take that are made of a message, with their places in arrays. */
const memoryBytes = { series: 500, sample: 100, exemplar: 300, metadata: 250 } as const
/** A further sample of the longest series makes columns of their own. */
const columnsMemoryBytes = 1000

/**
 * Decodes the message of remote write 1.0, uncompressed:
 *
 *     WriteRequest   { repeated TimeSeries timeseries = 1;  repeated MetricMetadata metadata = 3; }
 *     TimeSeries     { repeated Label labels = 1;  repeated Sample samples = 2;  repeated Exemplar exemplars = 3;  repeated Histogram histograms = 4; }
 *     Label          { string name = 1;  string value = 2; }
 *     Sample         { double value = 1;  int64 timestamp = 2; }
 *     Exemplar       { repeated Label labels = 1;  double value = 2;  int64 timestamp = 3; }
 *     MetricMetadata { MetricType type = 1;  string metric_family_name = 2;  string help = 4;  string unit = 5; }
 *
 * Strict: throws a PromlineError (`decode`) that names the place for bytes that are not such a message, text that is not UTF-8, a
 * series without a metric's name, with a label given twice or with labels above their limits, and timestamps beyond ±(2^53 - 1); and one
 * of code `limit` for messages made to take far more memory than their bytes. Labels may come unsorted. Histograms are read as they are:
 * `validateHistogram` says whether they make sense.
 * https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol
 *
 * @param known series that are found by the bytes of their labels, which are then not read again
 */
export function decodeWriteRequest(bytes: Uint8Array, options: DecodeOptions = {}, known?: LabelLookup): WriteRequest {
  const limits = { maxLabels: options.maxLabels ?? defaultMaxLabels, maxLabelBytes: options.maxLabelBytes ?? defaultMaxLabelBytes }
  const series: TimeSeries[] = []
  const metadata: MetricMetadata[] = []
  const wire = new WireReader(bytes, options.maxMemoryBytes ?? defaultMaxMemoryBytes)
  const readers = { wire, labels: new LabelReader(wire, limits), exemplarLabels: new LabelReader(wire, limits), longest: 0, known }
  known?.begin()
  try {
    wire.place = 'WriteRequest'
    for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
      if (field === 1) {
        wire.place = `timeseries[${series.length}]`
        series.push(decodeTimeSeries(readers))
      } else if (field === 3) {
        wire.place = `metadata[${metadata.length}]`
        metadata.push(decodeMetadata(wire))
      } else wire.skip()
      wire.place = 'WriteRequest'
    }
  } catch (thrown) {
    throw wire.toDecodeError(thrown)
  }
  return { series, metadata }
}

/** What one message is read with. */
interface Readers {
  readonly wire: WireReader
  readonly labels: LabelReader
  /** Its own, since exemplars stand between the labels of their series. */
  readonly exemplarLabels: LabelReader
  /** The most samples or histograms that a series had so far. */
  longest: number
  readonly known: LabelLookup | undefined
}

function decodeTimeSeries(readers: Readers): TimeSeries {
  const { wire, labels, exemplarLabels } = readers
  const samples: SampleValue[] = []
  const exemplars: Exemplar[] = []
  const histograms: HistogramValue[] = []
  wire.charge(memoryBytes.series)
  labels.reset()
  const outer = wire.enter()
  const start = wire.position
  let known = readers.known?.find(wire.bytes, start, wire.end)
  let labelsEnd = known === undefined ? start : readers.known!.end
  let areTogether = true
  wire.skipTo(labelsEnd)
  for (let at = labelsEnd, field = wire.nextField(); field !== 0; at = wire.position, field = wire.nextField()) {
    if (field === 1) {
      // Further labels, apart from the first: those have to be read after all.
      if (known !== undefined) wire.revisit(start, labelsEnd, () => labels.read())
      known = undefined
      labels.read()
      areTogether &&= at === labelsEnd
      if (areTogether) labelsEnd = wire.position
    } else if (field === 2) samples.push(decodeSample(wire))
    else if (field === 3) exemplars.push(decodeExemplar(wire, exemplarLabels))
    else if (field === 4) histograms.push(decodeHistogram(wire))
    else wire.skip()
    if (samples.length + histograms.length > readers.longest) {
      readers.longest++
      wire.charge(columnsMemoryBytes)
    }
  }
  wire.leave(outer)
  if (known !== undefined) return { labels: known.labels, samples, exemplars, histograms, known }
  const packed = labels.pack()
  if (!labels.hasMetricName()) throw wire.error(`no metric name (label __name__) in ${describe(packed)}`)
  const entry = { labels: packed, samples, exemplars, histograms }
  return readers.known === undefined || !areTogether ? entry : { ...entry, labelBytes: wire.bytes.subarray(start, labelsEnd) }
}

function decodeSample(wire: WireReader): SampleValue {
  wire.charge(memoryBytes.sample)
  let value = 0
  let stale = false
  let timestampMs = 0
  const outer = wire.enter()
  for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
    if (field === 1) {
      stale = wire.staleNext()
      value = wire.double()
    } else if (field === 2) timestampMs = wire.safeInt64('timestamp')
    else wire.skip()
  }
  wire.leave(outer)
  return { value: stale ? Number.NaN : value, stale, timestampMs }
}

function decodeExemplar(wire: WireReader, labels: LabelReader): Exemplar {
  wire.charge(memoryBytes.exemplar)
  let value = 0
  let timestampMs = 0
  labels.reset()
  const outer = wire.enter()
  for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
    if (field === 1) labels.read()
    else if (field === 2) value = wire.double()
    else if (field === 3) timestampMs = wire.safeInt64('timestamp')
    else wire.skip()
  }
  wire.leave(outer)
  return { labels: labels.pack(), value, timestampMs }
}

function decodeMetadata(wire: WireReader): MetricMetadata {
  wire.charge(memoryBytes.metadata)
  let type: MetricMetadata['type'] = 'unknown'
  let name = ''
  let help = ''
  let unit = ''
  const outer = wire.enter()
  for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
    if (field === 1) type = metricTypeOf(wire.uint32())
    else if (field === 2) name = wire.string('the family name')
    else if (field === 4) help = wire.string('the help')
    else if (field === 5) unit = wire.string('the unit')
    else wire.skip()
  }
  wire.leave(outer)
  return { name, type, help, unit }
}

function describe(labels: Labels): string {
  return JSON.stringify(labels.toObject())
}

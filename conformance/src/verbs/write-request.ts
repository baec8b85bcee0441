import type { Exemplar, MetricMetadata, MetricType, PromlineError } from '@promline/core'
import { floatToJson, histogramToJson, type JsonValue, labelsToJson, writeJson } from '@promline/core/testing'
import {
  decodeWriteRequest,
  encodeWriteRequest,
  type HistogramValue,
  type SampleValue,
  snappyCodec,
  type TimeSeries,
  type WriteRequest,
} from '@promline/remote-write'
import { histogramFromJson } from '../json/histogram-json.js'
import { JsonReader } from '../json/json-reader.js'
import { labelsFromJson } from '../json/labels-json.js'
import { choice, readOptions, readText, writeOutput, type VerbIo } from '../verb.js'

const versions = ['1.0'] as const
/** What a receiver takes by default. */
const maxDecodedBytes = 32 * 1024 * 1024
const noPlace = 'remote write 1.0 has no place for it'
const metricTypes: readonly MetricType[] = ['unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset']

/** `decode-write`: a compressed request to JSON. */
export async function decodeWrite(args: readonly string[], io: VerbIo): Promise<void> {
  choice('version', readOptions(args, ['version'])['version'], versions)
  const request = decodeWriteRequest(snappyCodec.decompress(await io.input(), maxDecodedBytes))
  await writeOutput(io, [`${writeJson({ series: request.series.map(seriesToJson), metadata: request.metadata.map(metadataToJson) })}\n`])
}

/** `encode-write`: JSON to a compressed request. */
export async function encodeWrite(args: readonly string[], io: VerbIo): Promise<void> {
  choice('version', readOptions(args, ['version'])['version'], versions)
  const json = JsonReader.parse(await readText(io))
  const request: WriteRequest = {
    series: json.member('series').list().map(seriesFromJson),
    metadata: json.member('metadata').list().map(metadataFromJson),
  }
  const { bytes, dropped } = encodeWriteRequest(request)
  if (dropped.length > 0) throw findDropped(json, request)
  await writeOutput(io, snappyCodec.compress(bytes))
}

/** Which histogram the encoder leaves out: it only counts them, so it is asked for each alone. */
function findDropped(json: JsonReader, { series }: WriteRequest): PromlineError {
  const places = json.member('series').list()
  for (const [i, one] of series.entries()) {
    for (const [j, histogram] of one.histograms.entries()) {
      const [left] = encodeWriteRequest({ series: [{ ...one, histograms: [histogram] }], metadata: [] }).dropped
      if (left !== undefined) return places[i]!.member('histograms').list()[j]!.refusal(`${noPlace}: ${left.reason}`)
    }
  }
  return json.refusal(noPlace)
}

/** Refuses a member of the contract that only 2.0 has. */
function refuseMember(json: JsonReader, name: string): void {
  const member = json.member(name)
  if (!member.absent) throw member.refusal(noPlace)
}

function seriesToJson(series: TimeSeries): JsonValue {
  return {
    labels: labelsToJson(series.labels),
    samples: series.samples.map((sample) => ({
      value: floatToJson(sample.value),
      timestampMs: sample.timestampMs,
      stale: sample.stale ? true : undefined,
    })),
    exemplars: series.exemplars.map((exemplar) => ({
      labels: labelsToJson(exemplar.labels),
      value: floatToJson(exemplar.value),
      timestampMs: exemplar.timestampMs ?? null,
    })),
    histograms: series.histograms.map(({ histogram, timestampMs, stale }) => ({
      ...histogramToJson(histogram, timestampMs),
      stale: stale ? true : undefined,
    })),
  }
}

function metadataToJson({ name, type, help, unit }: MetricMetadata): JsonValue {
  return { name, type, help, unit }
}

function seriesFromJson(json: JsonReader): TimeSeries {
  refuseMember(json, 'metadata')
  return {
    labels: labelsFromJson(json.member('labels')),
    samples: json.member('samples').list().map(sampleFromJson),
    exemplars: json.member('exemplars').list().map(exemplarFromJson),
    histograms: json.member('histograms').list().map(histogramValueFromJson),
  }
}

function sampleFromJson(json: JsonReader): SampleValue {
  refuseMember(json, 'startTimestampMs')
  const stale = json.member('stale').boolean()
  return { value: stale ? Number.NaN : json.member('value').float(), stale, timestampMs: json.member('timestampMs').integer() }
}

function exemplarFromJson(json: JsonReader): Exemplar {
  const timestamp = json.member('timestampMs')
  return {
    labels: labelsFromJson(json.member('labels')),
    value: json.member('value').float(),
    ...(!timestamp.absent && { timestampMs: timestamp.integer() }),
  }
}

function histogramValueFromJson(json: JsonReader): HistogramValue {
  refuseMember(json, 'startTimestampMs')
  return { histogram: histogramFromJson(json), stale: json.member('stale').boolean(), timestampMs: json.member('timestampMs').integer() }
}

function metadataFromJson(json: JsonReader): MetricMetadata {
  const type = json.member('type').oneOf(metricTypes, 'unknown')
  return { name: json.member('name').string(), type, help: json.member('help').string(''), unit: json.member('unit').string('') }
}

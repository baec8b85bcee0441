import protobuf from 'protobufjs'
import { uncompress } from 'snappyjs'

/** Remote write 1.0 as protobufjs wants it. https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol */
const schema = `syntax = "proto3"; package prometheus;
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }`

/** The message type, for encoding by reflection. */
export const writeRequestType: protobuf.Type = protobuf.parse(schema).root.lookupType('prometheus.WriteRequest')

type Pair = readonly [name: string, value: string]

/** A sample of a request. The labels are one object for all samples of a series. */
export interface WrittenSample {
  readonly labels: readonly Pair[]
  /** A staleness marker is a NaN. */
  readonly value: number
  readonly timestampMs: number
}

/** Decodes a compressed request with snappyjs and protobufjs' reader: nothing of promline's. Metadata is skipped. */
export function* writtenSamples(body: Uint8Array): Generator<WrittenSample, void, undefined> {
  const reader = protobuf.Reader.create(uncompress(body))
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) yield* readTimeSeries(reader, reader.uint32() + reader.pos)
    else reader.skipType(tag & 7)
  }
}

function readTimeSeries(reader: protobuf.Reader, end: number): WrittenSample[] {
  const labels: Pair[] = []
  const samples: WrittenSample[] = []
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) labels.push(readLabel(reader, reader.uint32() + reader.pos))
    else if (tag >>> 3 === 2) samples.push({ labels, ...readSample(reader, reader.uint32() + reader.pos) })
    else reader.skipType(tag & 7)
  }
  return samples
}

function readLabel(reader: protobuf.Reader, end: number): Pair {
  let name = ''
  let value = ''
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) name = reader.string()
    else if (tag >>> 3 === 2) value = reader.string()
    else reader.skipType(tag & 7)
  }
  return [name, value]
}

function readSample(reader: protobuf.Reader, end: number): { value: number; timestampMs: number } {
  let value = 0
  let timestampMs = 0
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) value = reader.double()
    else if (tag >>> 3 === 2) timestampMs = readInt64(reader)
    else reader.skipType(tag & 7)
  }
  return { value, timestampMs }
}

/** protobufjs gives a Long where the package `long` is installed. */
function readInt64(reader: protobuf.Reader): number {
  const value = reader.int64()
  return typeof value === 'number' ? value : value.high * 2 ** 32 + (value.low >>> 0)
}

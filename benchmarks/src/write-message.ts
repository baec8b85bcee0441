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
type Labels = readonly Pair[]

/** A sample of a request. */
export interface WrittenSample {
  /** The same object whenever a reader meets the same bytes. */
  readonly labels: Labels
  /** A staleness marker is a NaN. */
  readonly value: number
  readonly timestampMs: number
}

/** Decodes compressed requests with snappyjs and protobufjs' reader: nothing of promline's. Metadata is skipped. */
export class WriteReader {
  /** By their bytes, each as a character: labels come again with every scrape, and decoding them is most of the work. */
  readonly #labels = new Map<string, Labels>();

  *samples(body: Uint8Array): Generator<WrittenSample, void, undefined> {
    const message = Buffer.from(uncompress(body))
    const reader = protobuf.Reader.create(message)
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      if (tag >>> 3 === 1) yield* this.#timeSeries(message, reader, reader.uint32() + reader.pos)
      else reader.skipType(tag & 7)
    }
  }

  #timeSeries(message: Buffer, reader: protobuf.Reader, end: number): WrittenSample[] {
    let firstLabel = end
    let afterLabels = reader.pos
    const values: Omit<WrittenSample, 'labels'>[] = []
    while (reader.pos < end) {
      const start = reader.pos
      const tag = reader.uint32()
      if (tag >>> 3 === 2) {
        values.push(readSample(reader, reader.uint32() + reader.pos))
        continue
      }
      reader.skipType(tag & 7)
      if (tag >>> 3 !== 1) continue
      firstLabel = Math.min(firstLabel, start)
      afterLabels = reader.pos
    }
    const labels = this.#labelsIn(message.subarray(firstLabel, Math.max(firstLabel, afterLabels)))
    return values.map((value) => ({ labels, ...value }))
  }

  #labelsIn(bytes: Buffer): Labels {
    const key = bytes.toString('latin1')
    const labels = this.#labels.get(key) ?? readLabels(bytes)
    this.#labels.set(key, labels)
    return labels
  }
}

/** The labels in a part of a time series. */
function readLabels(bytes: Uint8Array): Labels {
  const labels: Pair[] = []
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) labels.push(readLabel(reader, reader.uint32() + reader.pos))
    else reader.skipType(tag & 7)
  }
  return labels
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

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { SampleValue, WriteRequest } from '../message/write-request.js'
import { snappyCodec } from '../snappy/snappy-codec.js'
import { decodeWriteRequest } from './decode.js'
import { encodeWriteRequest } from './encode.js'

/** What a real Prometheus 2.42 sent, and what protoc reads in it. */
interface Captured {
  readonly timeseries: readonly {
    readonly labels: readonly (readonly [string, string])[]
    readonly samples: readonly CapturedValue[]
    readonly exemplars: readonly (CapturedValue & { readonly labels: readonly (readonly [string, string])[] })[]
  }[]
  readonly metadata: readonly { readonly type: string; readonly family: string; readonly help: string; readonly unit: string }[]
}

interface CapturedValue {
  readonly value: { readonly bits: string }
  readonly timestamp_ms: number
}

function readTestdata(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`testdata/${name}`, import.meta.url)))
}

function decompress(name: string): Uint8Array {
  return snappyCodec.decompress(readTestdata(name), 1024 * 1024)
}

function readCaptured(number: string): Captured {
  return JSON.parse(readTestdata(`prometheus-2.42.0/${number}.expected.json`).toString('utf8'))
}

/** The bits that a value had on the wire, as the capture names them. */
function bitsOf({ value, stale }: Pick<SampleValue, 'value' | 'stale'>): string {
  if (stale) return '0x7ff0000000000002'
  if (Number.isNaN(value)) return '0x7ff8000000000001'
  const buffer = Buffer.alloc(8)
  buffer.writeDoubleBE(value)
  return `0x${buffer.toString('hex')}`
}

function asCaptured(request: WriteRequest): Captured {
  return {
    timeseries: request.series.map(({ labels, samples, exemplars }) => ({
      labels: Object.entries(labels.toObject()),
      samples: samples.map((sample) => ({ value: { bits: bitsOf(sample) }, timestamp_ms: sample.timestampMs })),
      exemplars: exemplars.map((exemplar) => ({
        labels: Object.entries(exemplar.labels.toObject()),
        value: { bits: bitsOf({ value: exemplar.value, stale: false }) },
        timestamp_ms: exemplar.timestampMs ?? 0,
      })),
    })),
    metadata: request.metadata.map(({ type, name, help, unit }) => ({ type: type.toUpperCase(), family: name, help, unit })),
  }
}

/** The capture without what it says for people: values in decimal, the length of the body. */
function bare(captured: Captured): Captured {
  const value = (one: CapturedValue): CapturedValue => ({ value: { bits: one.value.bits }, timestamp_ms: one.timestamp_ms })
  return {
    timeseries: captured.timeseries.map(({ labels, samples, exemplars }) => ({
      labels,
      samples: samples.map(value),
      exemplars: exemplars.map((exemplar) => ({ labels: exemplar.labels, ...value(exemplar) })),
    })),
    metadata: captured.metadata,
  }
}

describe('bodies of Prometheus 2.42', () => {
  for (const number of ['001', '002', '005']) {
    const name = `prometheus-2.42.0/${number}.snappy.bin`

    it(`decodes ${number} bit by bit`, () => {
      expect(asCaptured(decodeWriteRequest(decompress(name)))).toEqual(bare(readCaptured(number)))
    })

    it(`encodes ${number} to the same bytes`, () => {
      const bytes = decompress(name)
      const encoded = encodeWriteRequest(decodeWriteRequest(bytes))
      expect(Buffer.from(encoded.bytes).toString('hex')).toBe(Buffer.from(bytes).toString('hex'))
      expect(encoded.dropped).toEqual([])
    })
  }
})

describe('a message with every field (protoc)', () => {
  const request = decodeWriteRequest(readTestdata('v1_full.pb'))

  it('is the same compressed', () => {
    expect(decodeWriteRequest(decompress('v1_full.snappy'))).toEqual(request)
  })

  it('has samples, a negative zero and a negative timestamp', () => {
    const series = request.series[0]!
    expect(series.labels.toObject()).toEqual(Object.assign(Object.create(null), { __name__: 'http_requests_total', job: 'api' }))
    expect(series.samples).toEqual([
      { value: 1, stale: false, timestampMs: 1700000000123 },
      { value: -0, stale: false, timestampMs: 1700000000124 },
      { value: 0, stale: false, timestampMs: -1 },
    ])
    expect(series.exemplars.map(({ labels, ...rest }) => ({ ...rest, labels: { ...labels.toObject() } }))).toEqual([
      { value: 0.67, timestampMs: 1700000000100, labels: { trace_id: 'abc' } },
    ])
  })

  it('has a histogram with counts beyond 2^53, as bigints', () => {
    expect(request.series[1]!.histograms).toEqual([
      {
        stale: false,
        timestampMs: 1700000000123,
        histogram: {
          schema: -4,
          zeroThreshold: 0.001,
          zeroCount: 0,
          count: 18446744073709551615n,
          sum: 1,
          positiveSpans: [{ offset: -3, length: 1 }],
          positiveDeltas: BigInt64Array.of(9223372036854775807n),
          negativeSpans: [],
          negativeDeltas: new Float64Array(0),
          resetHint: 'gauge',
        },
      },
    ])
  })

  it('has metadata', () => {
    expect(request.metadata).toEqual([{ name: 'http_requests_total', type: 'counter', help: 'Total\nrequests.', unit: '' }])
  })

  it('is encoded to the bytes that protoc made', () => {
    expect(Buffer.from(encodeWriteRequest(request).bytes).toString('hex')).toBe(readTestdata('v1_full.pb').toString('hex'))
  })
})

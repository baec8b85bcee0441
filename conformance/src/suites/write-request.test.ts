import { snappyCodec } from '@promline/remote-write'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { describeWithFixtures, fixturePath, readFixture } from './fixtures.js'
import { callTestee, outputOf } from './run-testee.js'

interface Value {
  readonly value: number | string
  readonly timestampMs: number
  readonly stale?: true
}

/** A write request of the contract; histograms are compared as text. */
interface WriteRequest {
  readonly series: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly samples: readonly Value[]
    readonly exemplars: readonly (Value & { readonly labels: Readonly<Record<string, string>> })[]
    readonly histograms: readonly unknown[]
  }[]
  readonly metadata: readonly { readonly name: string; readonly type: string; readonly help: string; readonly unit: string }[]
}

async function decode(body: Uint8Array): Promise<WriteRequest> {
  return JSON.parse((await outputOf(['decode-write', '--version', '1.0'], body)).toString())
}

function encode(request: string): Promise<Buffer> {
  return outputOf(['encode-write', '--version', '1.0'], request)
}

/** The bits of a float on the wire. Prometheus' NaN has a payload of its own, and so has its staleness marker. */
function bitsOf({ value, stale }: Value): string {
  if (stale) return '0x7ff0000000000002'
  if (value === 'NaN') return '0x7ff8000000000001'
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value === '+Inf' ? Number.POSITIVE_INFINITY : value === '-Inf' ? Number.NEGATIVE_INFINITY : Number(value))
  return `0x${bytes.toString('hex')}`
}

const maxBytes = 1024 * 1024

describeWithFixtures('remote write 1.0, against protobufjs by reflection', () => {
  const oracle = protobuf.loadSync(fixturePath('vectors/rw_v1_min.proto')).lookupType('prometheus.WriteRequest')
  /** An independent reading: 64-bit integers as text, so that none is rounded. */
  const read = (compressed: Uint8Array): object =>
    oracle.toObject(oracle.decode(snappyCodec.decompress(compressed, maxBytes)), { longs: String, enums: String })

  const bodies = ['vectors/v1_full.snappy', ...['001', '002', '005'].map((name) => `captured/rw1-prometheus-2.42.0/${name}.snappy.bin`)]
  test.each(bodies)('%s: decoded and encoded again, it says the same', async (path) => {
    const body = readFixture(path)
    const json = (await outputOf(['decode-write'], body)).toString()
    const again = await encode(json)
    expect(read(again)).toEqual(read(body))
    expect((await outputOf(['decode-write'], again)).toString()).toBe(json)
    // Reflection does not see the payload of a NaN: the eight bytes of a staleness marker are as many as before.
    const marker = Buffer.from('020000000000f07f', 'hex').toString('latin1')
    const markers = (bytes: Uint8Array): number =>
      Buffer.from(snappyCodec.decompress(bytes, maxBytes)).toString('latin1').split(marker).length
    expect(markers(again)).toBe(markers(body))
  })

  test('v1_full has every field', async () => {
    const { series, metadata } = await decode(readFixture('vectors/v1_full.snappy'))
    expect(series[0]).toEqual({
      labels: { __name__: 'http_requests_total', job: 'api' },
      samples: [
        { value: 1, timestampMs: 1700000000123 },
        { value: -0, timestampMs: 1700000000124 },
        { value: 0, timestampMs: -1 },
      ],
      exemplars: [{ labels: { trace_id: 'abc' }, value: 0.67, timestampMs: 1700000000100 }],
      histograms: [],
    })
    const text = (await outputOf(['decode-write'], readFixture('vectors/v1_full.snappy'))).toString()
    expect(text).toContain('"count":18446744073709551615,')
    expect(text).toContain('"positiveDeltas":[9223372036854775807],')
    expect(metadata).toEqual([{ name: 'http_requests_total', type: 'counter', help: 'Total\nrequests.', unit: '' }])
  })

  test('a message of 2.0 has nothing for a reader of 1.0', async () => {
    expect(await decode(readFixture('vectors/v2_full.snappy'))).toEqual({ series: [], metadata: [] })
  })

  const blocks: readonly (readonly [name: string, message: string])[] = [
    ['bad_offset', 'snappy: offset 3: copy with offset 5 after 1 bytes'],
    ['truncated_varint', 'snappy: offset 1: the block ends in its declared length'],
    ['overlap_copy', 'WriteRequest, offset 10: the message ends in the middle of a field'],
  ]
  test.each(blocks)('snappy/%s is refused', async (name, message) => {
    const run = await callTestee(['decode-write'], readFixture(`vectors/snappy/${name}.snappy`))
    expect(run).toEqual({ status: 1, stdout: Buffer.alloc(0), stderr: `${message}\n` })
  })

  test('snappy/empty is a request without anything', async () => {
    expect(await decode(readFixture('vectors/snappy/empty.snappy'))).toEqual({ series: [], metadata: [] })
  })
})

/** What a capture says of itself. */
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

describeWithFixtures('what a real Prometheus 2.42 sent', () => {
  test.each(['001', '002', '005'])('%s: labels, timestamps and the bits of every value', async (name) => {
    const folder = 'captured/rw1-prometheus-2.42.0'
    const expected: Captured = JSON.parse(readFixture(`${folder}/${name}.expected.json`).toString())
    const { series, metadata } = await decode(readFixture(`${folder}/${name}.snappy.bin`))
    expect(
      series.map(({ labels, samples, exemplars }) => ({
        labels: Object.entries(labels),
        samples: samples.map((sample) => [bitsOf(sample), sample.timestampMs]),
        exemplars: exemplars.map((exemplar) => [Object.entries(exemplar.labels), bitsOf(exemplar), exemplar.timestampMs]),
      })),
    ).toEqual(
      expected.timeseries.map(({ labels, samples, exemplars }) => ({
        labels,
        samples: samples.map(({ value, timestamp_ms }) => [value.bits, timestamp_ms]),
        exemplars: exemplars.map((exemplar) => [exemplar.labels, exemplar.value.bits, exemplar.timestamp_ms]),
      })),
    )
    expect(metadata).toEqual(
      expected.metadata.map(({ type, family, help, unit }) => ({ name: family, type: type.toLowerCase(), help, unit })),
    )
  })
})

describe('encode-write and decode-write', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => value !== '' && value.isWellFormed())
  const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '1', '\u0000', '\uffff', '\u{10ffff}', 'le'))
  /** A series must have a name. */
  const labels = fc
    .tuple(text, fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, maxLength: 6 }))
    .map(([metric, pairs]) => [['__name__', metric], ...pairs.filter(([key]) => key !== '__name__')])
    .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`)
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? '-0.0' : JSON.stringify(number))),
    fc.constantFrom('"NaN"', '"+Inf"', '"-Inf"', '5e-324', '9007199254740993', '0.30000000000000004'),
  )
  const timestamp = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1))
  const sample = fc.oneof(
    fc.tuple(value, timestamp).map(([number, at]) => `{"value":${number},"timestampMs":${at}}`),
    timestamp.map((at) => `{"value":"NaN","timestampMs":${at},"stale":true}`),
  )
  const exemplar = fc.tuple(labels, value, timestamp).map(([set, number, at]) => `{"labels":${set},"value":${number},"timestampMs":${at}}`)
  const series = fc
    .tuple(labels, fc.array(sample, { maxLength: 4 }), fc.array(exemplar, { maxLength: 2 }))
    .map(([set, samples, exemplars]) => `{"labels":${set},"samples":[${samples.join()}],"exemplars":[${exemplars.join()}],"histograms":[]}`)
  const request = fc.array(series, { maxLength: 5 }).map((all) => `{"series":[${all.join()}],"metadata":[]}`)

  test('give back every label that Unicode allows and every value', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (json) => {
        expect(await decode(await encode(json))).toEqual(normalOf(json))
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  test('read what other writers of JSON write', async () => {
    const body = await encode(
      '{"series":[{"labels":{"b":"2","__name__":"m","a":"1"},"samples":[{"value":1e2,"timestampMs":5,"stale":false},{"value":100000000000000000000,"timestampMs":6,"startTimestampMs":null}],"metadata":null}]}',
    )
    expect(await decode(body)).toEqual({
      series: [
        {
          labels: { __name__: 'm', a: '1', b: '2' },
          samples: [
            { value: 100, timestampMs: 5 },
            { value: 1e20, timestampMs: 6 },
          ],
          exemplars: [],
          histograms: [],
        },
      ],
      metadata: [],
    })
  })
})

/** JSON.parse makes -0 of -0.0 and the nearest double of every number, as the testee must; an own `__proto__` stays one. */
function normalOf(json: string): WriteRequest {
  return JSON.parse(json)
}

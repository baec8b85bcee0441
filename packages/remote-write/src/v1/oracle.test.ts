import { fileURLToPath } from 'node:url'
import { createLabels, type Histogram, type MetricType } from '@promline/core'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import type { HistogramValue, TimeSeries, WriteRequest } from '../message/write-request.js'
import { decodeWriteRequest } from './decode.js'
import { encodeWriteRequest } from './encode.js'

/** The plain twin: protobufjs by reflection over the published message. It drops the payload of NaN, which the captures test. */
const oracle = protobuf
  .loadSync(fileURLToPath(new URL('testdata/remote-write-1.0.proto', import.meta.url)))
  .lookupType('prometheus.WriteRequest')

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const names = fc
  .oneof(text, fc.constantFrom('__proto__', 'constructor', 'le', 'a', '\ufffd', '\u{1f600}'))
  .filter((name) => name !== '' && name.isWellFormed())
const values = text.filter((value) => value !== '' && value.isWellFormed())
const labels = fc
  .uniqueArray(fc.tuple(names, values), { selector: ([name]) => name, maxLength: 6 })
  .map((pairs) => createLabels([['__name__', 'metric'], ...pairs.filter(([name]) => name !== '__name__')]))
const timestamps = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 1700000000000, Number.MIN_SAFE_INTEGER))
const numbers = fc.double({ noNaN: true })
const spans = fc.array(fc.record({ offset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), length: fc.nat(2 ** 32 - 1) }), {
  maxLength: 3,
})
const doubles = fc.array(numbers, { maxLength: 4 }).map((all) => Float64Array.from(all))
const shape = {
  schema: fc.integer({ min: -4, max: 8 }),
  zeroThreshold: numbers,
  sum: numbers,
  positiveSpans: spans,
  negativeSpans: spans,
  resetHint: fc.constantFrom<Histogram['resetHint']>('unknown', 'yes', 'no', 'gauge'),
}

/** Integers beyond 2^53 are left out for the oracle, which rounds them where it finds no Long; `v1_full` from protoc has them. */
type Integers = 'safe' | 'all'

function histograms(integers: Integers): fc.Arbitrary<Histogram> {
  const safeDeltas = fc.array(fc.maxSafeInteger(), { maxLength: 4 }).map((all) => Float64Array.from(all))
  const bigDeltas = fc.tuple(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.constant(2n ** 62n)).map((all) => BigInt64Array.from(all))
  const deltas = integers === 'safe' ? safeDeltas : fc.oneof(safeDeltas, bigDeltas)
  const counts = integers === 'safe' ? fc.maxSafeNat() : fc.oneof(fc.maxSafeNat(), fc.bigInt(2n ** 53n, 2n ** 64n - 1n))
  return fc.oneof(
    fc.record({ ...shape, count: counts, zeroCount: counts, positiveDeltas: deltas, negativeDeltas: deltas }),
    fc.record({ ...shape, count: numbers, zeroCount: numbers, positiveCounts: doubles, negativeCounts: doubles }),
  )
}

const samples = fc.oneof(
  fc.record({ value: fc.double(), stale: fc.constant(false), timestampMs: timestamps }),
  fc.record({ value: fc.constant(Number.NaN), stale: fc.constant(true), timestampMs: timestamps }),
)
function series(integers: Integers): fc.Arbitrary<TimeSeries> {
  return fc.record({
    labels,
    samples: fc.array(samples, { maxLength: 4 }),
    exemplars: fc.array(fc.record({ labels, value: numbers, timestampMs: timestamps }), { maxLength: 2 }),
    histograms: fc.array(fc.record({ histogram: histograms(integers), stale: fc.boolean(), timestampMs: timestamps }).map(markStale), {
      maxLength: 2,
    }),
  })
}

function markStale(value: HistogramValue): HistogramValue {
  return value.stale ? { ...value, histogram: { ...value.histogram, sum: Number.NaN } } : value
}

function requests(integers: Integers): fc.Arbitrary<WriteRequest> {
  const metadata = fc.record({
    name: values,
    type: fc.constantFrom<MetricType>('unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'),
    help: text.filter((help) => help.isWellFormed()),
    unit: text.filter((unit) => unit.isWellFormed()),
  })
  return fc.record({ series: fc.array(series(integers), { maxLength: 4 }), metadata: fc.array(metadata, { maxLength: 3 }) })
}

describe('remote write 1.0', () => {
  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(requests('all'), (request) => {
        expect(decodeWriteRequest(encodeWriteRequest(request).bytes)).toEqual(request)
      }),
    )
  })

  it('encodes what the oracle decodes to the same message', () => {
    fc.assert(
      fc.property(requests('safe'), (request) => {
        const read = oracle.decode(encodeWriteRequest(request).bytes)
        expect(decodeWriteRequest(oracle.encode(read).finish())).toEqual(request)
      }),
    )
  })

  it('counts what the message carries', () => {
    fc.assert(
      fc.property(requests('all'), (request) => {
        const { counts: carried } = encodeWriteRequest(request)
        expect(carried).toEqual({
          samples: request.series.flatMap((one) => one.samples).length,
          histograms: request.series.flatMap((one) => one.histograms).length,
          exemplars: request.series.flatMap((one) => one.exemplars).length,
        })
      }),
    )
  })
})

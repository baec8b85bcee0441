import { fileURLToPath } from 'node:url'
import {
  type Batch,
  type Columns,
  createLabels,
  createSeriesList,
  type Exemplar,
  type Histogram,
  isPromlineError,
  type MetricMetadata,
  type Series,
  type SeriesList,
} from '@promline/core'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { compress, uncompress } from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { writeRequestOf } from '../../batch/from-batches.js'
import type { WriteRequest } from '../../message/write-request.js'
import { snappyCodec } from '../../snappy/snappy-codec.js'
import { decodeWriteRequest } from '../decode.js'
import { encodeWriteRequest } from '../encode.js'
import { BatchEncoder, type BatchEncoderOptions, type EncodedBatches } from './batch-encoder.js'

const origin = { kind: 'target', id: 'test' } as const
const limit = 32 * 1024 * 1024
const nowMs = 1_700_000_000_000
const oracle = protobuf
  .loadSync(fileURLToPath(new URL('../testdata/remote-write-1.0.proto', import.meta.url)))
  .lookupType('prometheus.WriteRequest')

function createEncoder(options: Partial<BatchEncoderOptions> = {}): (batches: readonly Batch[], atMs?: number) => EncodedBatches {
  const encoder = new BatchEncoder({
    snappy: snappyCodec,
    maxTemplateBytes: 1024 * 1024,
    webAssembly: true,
    maxMessageBytes: limit,
    ...options,
  })
  return (batches, atMs = 0) => encoder.encode(batches, { nowMs: atMs, metadata: { isQuiet: () => false, choose: (known) => known } })
}

/** The content of a body that is sound to the letter. */
function messageOf(body: Uint8Array): Uint8Array {
  const message = snappyCodec.decompress(body, limit)
  expect(Buffer.from(uncompress(body)).equals(message)).toBe(true)
  oracle.decode(message)
  return message
}

/** What a message says of each series, in order, and of families. */
function contentOf({ series, metadata }: WriteRequest): unknown {
  const bySeries = new Map<string, { samples: unknown[]; exemplars: unknown[]; histograms: unknown[] }>()
  for (const { labels, samples, exemplars, histograms } of series) {
    const key = Buffer.from(labels.bytes).toString('hex')
    const all = bySeries.get(key) ?? { samples: [], exemplars: [], histograms: [] }
    bySeries.set(key, all)
    all.samples.push(...samples)
    all.exemplars.push(...exemplars)
    all.histograms.push(...histograms)
  }
  return { series: Object.fromEntries(bySeries), metadata }
}

/** The plain path is the measure. */
function assertSame(encoded: EncodedBatches, batches: readonly Batch[]): void {
  const plain = encodeWriteRequest(writeRequestOf(batches))
  expect({ counts: encoded.counts, dropped: encoded.dropped }).toEqual({ counts: plain.counts, dropped: plain.dropped })
  const found = encoded.body.length === 0 ? { series: [], metadata: [] } : decodeWriteRequest(messageOf(encoded.body))
  const said = decodeWriteRequest(plain.bytes)
  const isEmpty = encoded.body.length === 0
  expect(contentOf(found)).toEqual(contentOf(isEmpty ? { ...said, metadata: [] } : said))
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('a', 'b', 'host-1', 'host-10', 'host-11', 'host-2', 'x'.repeat(127), 'x'.repeat(128), 'é'.repeat(100)),
)
/** Families: one of which nothing is known. */
const families: readonly MetricMetadata[] = [
  { name: 'm', type: 'unknown', help: '', unit: '' },
  { name: 'n_total', type: 'counter', help: 'One.', unit: 's' },
  { name: 'o', type: 'gauge', help: '', unit: '' },
]
const series: fc.Arbitrary<Series> = fc
  .tuple(fc.constantFrom(...families), fc.uniqueArray(fc.tuple(texts, texts), { selector: ([name]) => name, maxLength: 5 }))
  .map(([metadata, pairs]) => ({ labels: createLabels([['__name__', metadata.name], ...pairs]), metadata }))
const lists = fc
  .array(fc.array(series, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 })
  .map((all) => all.map((one) => createSeriesList(one)))

const goodTimes = fc.constantFrom(nowMs, nowMs + 15_000, 2 ** 35, 2 ** 42 - 1)
const oddTimes = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 1, -1, 127, 128, 2 ** 35 - 1, 2 ** 42, Number.MIN_SAFE_INTEGER))
/** Doubles of all bit patterns, NaN with payloads among them. */
const anyDouble = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).readDoubleLE())
const doubles = fc.oneof(anyDouble, fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1))
const histogram: Histogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 1,
  sum: 2,
  positiveSpans: [{ offset: 0, length: 1 }],
  positiveDeltas: Float64Array.of(1),
  negativeSpans: [],
  resetHint: 'unknown',
}
const customBuckets: Histogram = { ...histogram, schema: -53, customValues: Float64Array.of(1) }
const exemplar: Exemplar = { labels: createLabels({ trace_id: 'x' }), value: 1, timestampMs: 5 }
const { timestampMs: _, ...untimed } = exemplar

function columnsOf(list: SeriesList): fc.Arbitrary<Columns> {
  const { length } = list
  const row = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: length, maxLength: length })
  const rowTimes = fc.oneof(row(goodTimes), row(fc.oneof(goodTimes, oddTimes))).map((all) => Float64Array.from(all))
  const timestampMs = fc.oneof({ weight: 4, arbitrary: goodTimes }, oddTimes, rowTimes)
  const stale = row(fc.boolean()).map((all) => Uint8Array.from(all, Number))
  const samples = fc.tuple(row(doubles), timestampMs, fc.option(stale)).map(
    ([values, time, marks]): Columns => ({
      kind: 'samples',
      series: list,
      values: Float64Array.from(values, (value, i) => (marks?.[i] === 1 ? Number.NaN : value)),
      timestampMs: time,
      ...(marks !== null && { stale: marks }),
    }),
  )
  const histograms = fc
    .tuple(row(fc.constantFrom(histogram, customBuckets)), timestampMs)
    .map(([all, time]): Columns => ({ kind: 'histograms', series: list, histograms: all, timestampMs: time }))
  const exemplars = fc.array(fc.tuple(fc.nat(length - 1), fc.constantFrom(exemplar, untimed)), { maxLength: 3 }).map(
    (all): Columns => ({
      kind: 'exemplars',
      series: list,
      rows: Uint16Array.from(all, ([at]) => at),
      exemplars: all.map(([, one]) => one),
    }),
  )
  return fc.oneof({ weight: 8, arbitrary: samples }, histograms, exemplars)
}

/** Requests on a few lists, which come again and again, alone and together, in any order. */
const requests = lists.chain((all) => {
  const columns = fc.constantFrom(...all).chain(columnsOf)
  const batch = fc.array(columns, { maxLength: 5 }).map((some): Batch => ({ origin, columns: some }))
  return fc.array(fc.array(batch, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
})

describe('BatchEncoder', () => {
  for (const [name, options] of [
    ['with templates', {}],
    ['with room for few of them', { maxTemplateBytes: 2000 }],
    ['without', { maxTemplateBytes: 0 }],
    ['without WebAssembly', { maxTemplateBytes: 2000, webAssembly: false }],
  ] as const) {
    it(`says what the plain path says, ${name}`, () => {
      fc.assert(
        fc.property(requests, (all) => {
          const encode = createEncoder(options)
          let atMs = 0
          for (const batches of all) assertSame(encode(batches, atMs++), batches)
        }),
        { numRuns: 400 },
      )
    })
  }

  const list = createSeriesList(
    ['a', 'b', 'c'].map((name) => ({ labels: createLabels({ __name__: name }), metadata: { name, type: 'gauge', help: '', unit: '' } })),
  )

  function samples(
    values: readonly number[],
    options: { readonly timestampMs?: number | Float64Array; readonly stale?: Uint8Array } = {},
  ): Batch {
    const columns = { kind: 'samples', series: list, values: Float64Array.from(values), timestampMs: nowMs, ...options } as const
    return { origin, columns: [columns] }
  }

  const ways: readonly [name: string, timestampMs: number | Float64Array][] = [
    ['a template', nowMs],
    ['a message', new Float64Array(3).fill(nowMs)],
    ['neither', -1],
  ]
  for (const [name, timestampMs] of ways) {
    it(`writes the bits of NaN and of staleness markers, with ${name}`, () => {
      const encode = createEncoder()
      const batch = samples([Number.NaN, Number.NaN, 1], { timestampMs, stale: Uint8Array.of(0, 1, 0) })
      for (let sight = 1; sight <= 3; sight++) {
        const bits = messageOf(encode([batch]).body)
        const text = Buffer.from(bits).toString('hex')
        for (const expected of ['09010000000000f87f10', '09020000000000f07f10', '09000000000000f03f10']) expect(text).toContain(expected)
      }
    })
  }

  it('never writes to a body again', () => {
    const encode = createEncoder()
    const bodies = [1, 2, 3, 4].map((value) => encode([samples([value, value, value])]).body)
    const copies = bodies.map((body) => Uint8Array.from(body))
    for (let value = 5; value < 20; value++) encode([samples([value, value, value]), samples([value, 0, 0])])
    expect(bodies.map((body) => Uint8Array.from(body))).toEqual(copies)
    bodies.forEach((body, i) => {
      expect(decodeWriteRequest(messageOf(body)).series.flatMap((one) => one.samples.map(({ value }) => value))).toEqual([
        i + 1,
        i + 1,
        i + 1,
      ])
    })
  })

  it('fills the template of a list that comes twice in a request with the numbers of each', () => {
    const encode = createEncoder()
    const batches = [samples([1, 2, 3]), samples([4, 5, 6], { timestampMs: nowMs + 1 }), samples([7, 8, 9], { timestampMs: nowMs + 2 })]
    for (let sight = 1; sight <= 3; sight++) assertSame(encode(batches), batches)
  })

  it('says which series has a timestamp that is not an integer, and goes on with the next request', () => {
    const encode = createEncoder()
    const message = 'series {"__name__":"b"}: timestamp 0.5 is not an integer within ±(2^53 - 1) milliseconds'
    for (let sight = 1; sight <= 3; sight++) {
      expect(() => encode([samples([1, 2, 3]), samples([1, 2, 3], { timestampMs: Float64Array.of(1, 0.5, 2) })])).toThrow(message)
      assertSame(encode([samples([1, 2, 3])]), [samples([1, 2, 3])])
    }
  })

  it('refuses a message that receivers refuse', () => {
    const { length } = messageOf(createEncoder()([samples([1, 2, 3])]).body)
    const exact = createEncoder({ maxMessageBytes: length })
    const tight = createEncoder({ maxMessageBytes: length - 1 })
    for (let sight = 1; sight <= 3; sight++) {
      expect(exact([samples([1, 2, 3])]).counts.samples).toBe(3)
      const refused = `remote write: a request of ${length} bytes is above the limit of ${length - 1}`
      expect(() => tight([samples([1, 2, 3])])).toThrow(refused)
    }
    expect(
      isPromlineError(
        thrownBy(() => tight([samples([1, 2, 3])])),
        'limit',
      ),
    ).toBe(true)
  })

  it('takes at most a fifth more than a compressor would, where labels are long', () => {
    const encode = createEncoder({ maxTemplateBytes: limit })
    const batch = kubernetesBatch()
    encode([batch])
    const { body } = encode([batch])
    const message = encodeWriteRequest(writeRequestOf([batch])).bytes
    expect(body.length).toBeLessThan(1.2 * compress(message).length)
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

/** Some 6,000 samples as kube-state-metrics has them: a few families, each of all pods, with names that do not repeat. */
function kubernetesBatch(): Batch {
  const digits = (seed: number): string => (Math.imul(seed + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
  const all: Series[] = []
  for (const name of ['kube_pod_info', 'kube_pod_status_phase', 'kube_pod_owner', 'kube_pod_container_status_restarts_total']) {
    for (let pod = 0; pod < 1500; pod++) {
      const labels = createLabels({
        __name__: name,
        namespace: `team-${pod % 17}`,
        pod: `application-${digits(pod)}-${digits(pod + 5000).slice(0, 5)}`,
        uid: `${digits(pod + 1)}-${digits(pod + 2).slice(4)}-4000-8000-${digits(pod + 3)}${digits(pod + 4).slice(4)}`,
        instance: 'kube-state-metrics:8080',
        job: 'kube-state-metrics',
      })
      all.push({ labels, metadata: families[0]! })
    }
  }
  const columns: Columns[] = []
  for (let start = 0; start < all.length; start += 256) {
    const list = createSeriesList(all.slice(start, start + 256))
    columns.push({
      kind: 'samples',
      series: list,
      values: Float64Array.from({ length: list.length }, (_one, i) => i % 3),
      timestampMs: nowMs,
    })
  }
  return { origin, columns }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Batch, Columns } from '../model/batch.js'
import type { Exemplar, Histogram } from '../model/histogram.js'
import { createLabels } from '../model/labels.js'
import { createSeriesList } from '../model/series-list.js'
import { decodePart, decodeColumnsHead } from './batch-decode.js'
import { encodeBatch } from './batch-encode.js'
import { DictionaryReader } from './dictionary-reader.js'
import { DictionaryWriter } from './dictionary-writer.js'
import { ListInterner } from './list-interner.js'
import { RecordWriter } from './record-writer.js'
import { decodeRecordHeader, isIntact, recordHeaderBytes, recordType } from './record-format.js'
import { describeBatch, listOf, samplesOfList, seriesOf, someOrigin } from '../spool/testdata/batches.js'

/** Encodes a batch to its end. */
function encode(...args: Parameters<typeof encodeBatch>): void {
  const encoding = encodeBatch(...args)
  while (encoding.next().done !== true);
}

/** Encodes batches one after the other and decodes what came out. */
function roundTrip(batches: readonly Batch[], maxRecordBytes = 1 << 20): Batch[] {
  const writer = new RecordWriter()
  const interner = new ListInterner()
  const dictionary = new DictionaryWriter({ writer, maxRecordBytes, onNewList: () => {} })
  for (const [i, batch] of batches.entries()) encode(batch, { seq: i + 1, appendedMs: 5 }, { writer, dictionary, maxRecordBytes })
  const bytes = Buffer.concat(writer.chunks())
  expect(bytes.length).toBe(writer.bytes)
  const reader = new DictionaryReader(interner, { originsOnly: false })
  const decoded: { origin: Batch['origin']; columns: Columns[] }[] = []
  for (let at = 0; at < bytes.length; ) {
    const header = decodeRecordHeader(bytes, at)
    const end = at + recordHeaderBytes + header.length
    expect(isIntact(bytes.subarray(at, end), header)).toBe(true)
    const payload = bytes.subarray(at + recordHeaderBytes, end)
    if (header.type !== recordType.columns) reader.load(header.type, payload)
    else {
      const head = decodeColumnsHead(payload)
      if (head.part === 0) decoded.push({ origin: reader.origin(head.originId)!, columns: [] })
      decoded.at(-1)!.columns.push(...decodePart(payload, head, reader))
    }
    at = end
  }
  return decoded
}

const doubles = fc.double()
const bigints = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const counts = fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }))
const spans = fc.array(fc.record({ offset: fc.integer(), length: fc.nat() }), { maxLength: 4 })
const floats = fc.array(doubles, { maxLength: 6 }).map((values) => Float64Array.from(values))
const deltas = fc.oneof(
  floats,
  fc.array(bigints, { maxLength: 6 }).map((values) => BigInt64Array.from(values)),
)

const histogram: fc.Arbitrary<Histogram> = fc.record(
  {
    schema: fc.constantFrom(-53, -4, 0, 3, 8),
    zeroThreshold: doubles,
    zeroCount: counts,
    count: counts,
    sum: doubles,
    positiveSpans: spans,
    negativeSpans: spans,
    resetHint: fc.constantFrom('unknown' as const, 'yes' as const, 'no' as const, 'gauge' as const),
    positiveDeltas: deltas,
    positiveCounts: floats,
    negativeDeltas: deltas,
    negativeCounts: floats,
    customValues: floats,
  },
  { requiredKeys: ['schema', 'zeroThreshold', 'zeroCount', 'count', 'sum', 'positiveSpans', 'negativeSpans', 'resetHint'] },
)

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((one) => one.isWellFormed())
const labels = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: false }).map((pairs) => createLabels(pairs))

const exemplar: fc.Arbitrary<Exemplar> = fc.record(
  { labels, value: doubles, timestampMs: fc.double({ noNaN: true }) },
  { requiredKeys: ['labels', 'value'] },
)

const metadata = fc.record({
  type: fc.constantFrom('unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'),
  help: fc.string(),
  unit: fc.string(),
})

const series = fc.tuple(text, metadata, labels).map(([name, described, others]) => seriesOf(name, { ...others.toObject() }, described))

function times(rows: number): fc.Arbitrary<Pick<Extract<Columns, { kind: 'samples' }>, 'timestampMs' | 'stale' | 'startTimestampMs'>> {
  const column = fc.array(doubles, { minLength: rows, maxLength: rows }).map((values) => Float64Array.from(values))
  return fc.record(
    {
      timestampMs: fc.oneof(fc.nat(), column),
      stale: fc.array(fc.constantFrom(0, 1), { minLength: rows, maxLength: rows }).map((flags) => Uint8Array.from(flags)),
      startTimestampMs: column,
    },
    { requiredKeys: ['timestampMs'] },
  )
}

const columns: fc.Arbitrary<Columns> = fc
  .tuple(fc.array(series, { minLength: 1, maxLength: 20 }), fc.boolean())
  .map(([list, automatic]) => createSeriesList(list, { automatic }))
  .chain((list): fc.Arbitrary<Columns> => {
    const rows = list.length
    const exact = { minLength: rows, maxLength: rows }
    return fc.oneof(
      fc
        .tuple(fc.array(doubles, exact), times(rows))
        .map(([values, rest]): Columns => ({ kind: 'samples', series: list, values: Float64Array.from(values), ...rest })),
      fc
        .tuple(fc.array(histogram, exact), times(rows))
        .map(([histograms, rest]): Columns => ({ kind: 'histograms', series: list, histograms, ...rest })),
      fc.array(fc.tuple(fc.nat(rows - 1), exemplar), { maxLength: 8 }).map(
        (pairs): Columns => ({
          kind: 'exemplars',
          series: list,
          rows: Uint16Array.from(pairs, ([row]) => row),
          exemplars: pairs.map(([, one]) => one),
        }),
      ),
    )
  })

const origin: fc.Arbitrary<Batch['origin']> = fc.record(
  {
    kind: fc.constantFrom('target', 'client', 'registry', 'topic'),
    id: fc.string(),
    url: fc.string(),
    tenant: fc.string(),
    targetLabels: labels,
  },
  { requiredKeys: ['kind', 'id'] },
)

const batch: fc.Arbitrary<Batch> = fc.record({ origin, columns: fc.array(columns, { maxLength: 5 }) })

describe('a batch', () => {
  it('comes out as it went in, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 4 }), fc.constantFrom(1024, 1 << 20), (batches, maxRecordBytes) => {
        expect(roundTrip([...batches, ...batches], maxRecordBytes).map(describeBatch)).toEqual([...batches, ...batches].map(describeBatch))
      }),
      { numRuns: 150 },
    )
  })

  it('keeps its bytes where records are larger than the memory that they are written into', () => {
    // A list may be as long as its owner likes: one that takes more than a record stands in one of its own.
    const row = seriesOf('wide')
    const wide = createSeriesList(Array.from({ length: 300_000 }, () => row))
    const large = { origin: someOrigin, columns: [samplesOfList(wide, 1), samplesOfList(listOf('small', 2), 2)] }
    expect(roundTrip([large, large]).map((one) => one.columns.map((block) => block.series.length))).toEqual([
      [300_000, 2],
      [300_000, 2],
    ])
  })
})

describe('the dictionary', () => {
  function sizesOf(batches: readonly Batch[]): number[] {
    const writer = new RecordWriter()
    const dictionary = new DictionaryWriter({ writer, maxRecordBytes: 1 << 20, onNewList: () => {} })
    return batches.map((one, i) => {
      const before = writer.bytes
      encode(one, { seq: i + 1, appendedMs: 5 }, { writer, dictionary, maxRecordBytes: 1 << 20 })
      return writer.bytes - before
    })
  }

  const lists = Array.from({ length: 10 }, (_, i) => listOf(`family_${i}`, 100))
  const scrape = (value: number): Batch => ({ origin: someOrigin, columns: lists.map((list) => samplesOfList(list, value)) })

  it('lets a repeated scrape cost 8 bytes a sample, 20 a list, and less than 100', () => {
    expect(sizesOf([scrape(1), scrape(2), scrape(3)]).slice(1)).toEqual([1, 2].map(() => 44 + 26 + 24 + 10 * (20 + 800)))
  })

  it('writes a list of known series in a byte or two a series', () => {
    const regrouped = createSeriesList(lists.flatMap((list) => Array.from({ length: 100 }, (_, i) => list.at(i))))
    const [, size] = sizesOf([scrape(1), { origin: someOrigin, columns: [samplesOfList(regrouped, 1)] }])
    expect(size! - 8000).toBeLessThan(1300)
  })

  it('comes again, entry by entry, when columns have taken 16 times its bytes, and not at once', () => {
    const sizes = sizesOf(Array.from({ length: 600 }, (_, i) => scrape(i)))
    const plain = 26 + 24 + 10 * (20 + 800)
    const first = sizes[0]! - plain
    const again = sizes.slice(1).reduce((sum, size) => sum + size - plain, 0)
    expect(again).toBeGreaterThan(first)
    expect(again).toBeLessThan((sizes.length * plain) / 16)
    expect(Math.max(...sizes.slice(1)) - plain).toBeLessThan(first / 2)
  })

  it('repeats a list of series that were known no more often than another', () => {
    const regrouped = createSeriesList(lists.flatMap((list) => Array.from({ length: 100 }, (_, i) => list.at(i))))
    const batches = Array.from({ length: 400 }, (_, i) => ({ origin: someOrigin, columns: [samplesOfList(regrouped, i)] }))
    const sizes = sizesOf([scrape(1), ...batches]).slice(1)
    const plain = 26 + 24 + 20 + 8000
    const again = sizes.slice(1).reduce((sum, size) => sum + size - plain, 0)
    expect(again).toBeGreaterThan(0)
    expect(again).toBeLessThan((sizes.length * plain) / 16)
  })

  it('forgets what was taken back', () => {
    const writer = new RecordWriter()
    const dictionary = new DictionaryWriter({ writer, maxRecordBytes: 1 << 20, onNewList: () => {} })
    const sizeOf = (one: Batch): number => {
      const before = writer.bytes
      encode(one, { seq: 1, appendedMs: 5 }, { writer, dictionary, maxRecordBytes: 1 << 20 })
      return writer.bytes - before
    }
    const marks = { records: writer.mark(), dictionary: dictionary.mark() }
    const size = sizeOf(scrape(1))
    writer.rewind(marks.records)
    dictionary.rewind(marks.dictionary)
    expect(writer.bytes).toBe(0)
    expect(dictionary.bytes).toBe(0)
    // Ids are not given out again, so that they may take a byte more.
    expect(sizeOf(scrape(1)) - size).toBeLessThan(2200)
  })
})

import { addCounts, type Batch, batchOf, countsOf, type Dropped, encodeUtf8, samplesOf, zeroCounts } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeKafka, recordBytes, requestBytes } from './encode.js'
import { partitionOf } from './murmur2.js'
import type { RecordFormat } from './records.js'

const one = { samples: 1, histograms: 0, exemplars: 0 }

/** One record a sample, keyed by its name; NaN cannot be carried. */
const format: RecordFormat = {
  name: 'plain',
  format: (batches) => {
    const dropped: Dropped[] = []
    const records = batches.flatMap((batch) =>
      [...samplesOf(batch)].flatMap(({ labels, value, timestampMs }) => {
        if (Number.isNaN(value)) {
          dropped.push({ reason: 'nan', counts: one })
          return []
        }
        const name = labels.get('__name__') ?? ''
        return [{ value: encodeUtf8(`${name} ${value}\n`), timestampMs, seriesKey: encodeUtf8(name), counts: one }]
      }),
    )
    return { records, dropped }
  },
}

const batch = (values: Record<string, number>): Batch =>
  batchOf(Object.entries(values).map(([name, value]) => ({ labels: { __name__: name }, value, timestampMs: 1000 })))

describe('encodeKafka()', () => {
  it('makes one part a partition, the rows of a series always in the same', () => {
    const parts = encodeKafka([batch({ a: 1, b: 2, c: 3, d: 4 }), batch({ a: 5 })], {
      topic: 't',
      partitions: 3,
      format,
      maxRequestBytes: 1000,
    })
    expect(parts.map(({ part }) => part)).toEqual([...new Set(parts.map(({ part }) => part))])
    for (const { part, body, counts, bytes } of parts) {
      expect(part).toBe(`t/${body.partition}`)
      expect(body.topic).toBe('t')
      expect(bytes).toBe(requestBytes(body.records))
      expect(counts).toEqual({ samples: body.records.length, histograms: 0, exemplars: 0 })
      for (const record of body.records) expect(partitionOf(record.seriesKey, 3)).toBe(body.partition)
    }
    const all = parts.flatMap(({ body }) => body.records.map(({ value }) => Buffer.from(value).toString()))
    expect(all.sort()).toEqual(['a 1\n', 'a 5\n', 'b 2\n', 'c 3\n', 'd 4\n'])
  })

  it('says what was dropped, with a part or without records', () => {
    expect(encodeKafka([batch({ a: 1, b: Number.NaN })], { topic: 't', partitions: 1, format, maxRequestBytes: 1000 })).toMatchObject([
      { part: 't/0', counts: one, dropped: [{ reason: 'nan', counts: one }] },
    ])
    expect(encodeKafka([batch({ b: Number.NaN })], { topic: 't', partitions: 1, format, maxRequestBytes: 1000 })).toEqual([
      {
        part: 't/0',
        body: { topic: 't', partition: 0, records: [], batches: [] },
        bytes: 0,
        counts: zeroCounts,
        dropped: [{ reason: 'nan', counts: one }],
      },
    ])
    expect(encodeKafka([batch({})], { topic: 't', partitions: 1, format, maxRequestBytes: 1000 })).toEqual([])
  })

  it('loses, invents and reorders nothing, and keeps to the limit', () => {
    const samples = fc.array(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'long'.repeat(200)), value: fc.oneof(fc.integer(), fc.constant(Number.NaN)) }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 5 }), (rows, partitions) => {
        const batches = rows.map(({ name, value }, i) => batchOf([{ labels: { __name__: name }, value, timestampMs: i }]))
        const parts = encodeKafka(batches, { topic: 't', partitions, format, maxRequestBytes: 1000 })
        let counts = zeroCounts
        for (const part of parts) {
          counts = addCounts(counts, part.counts)
          for (const { counts: lost } of part.dropped ?? []) counts = addCounts(counts, lost)
          expect(part.bytes <= 1000 || part.body.records.length === 1).toBe(true)
        }
        expect(counts).toEqual(batches.reduce((sum, next) => addCounts(sum, countsOf(next)), zeroCounts))
        for (let partition = 0; partition < partitions; partition++) {
          const times = parts
            .filter(({ body }) => body.partition === partition)
            .flatMap(({ body }) => body.records.map((record) => record.timestampMs))
          expect(times).toEqual([...times].sort((a, b) => a - b))
        }
      }),
    )
  })

  it('counts a record with its overhead', () => {
    const record = { key: encodeUtf8('key'), value: encodeUtf8('value'), timestampMs: 0, seriesKey: encodeUtf8(''), counts: one }
    expect(recordBytes(record)).toBe(40)
    expect(requestBytes([record, record])).toBe(592)
  })
})

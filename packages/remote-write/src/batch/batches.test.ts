import { type Batch, batchOf, countsOf, createLabels, type Exemplar, type Histogram, type Labels, samplesOf } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SampleValue, TimeSeries, WriteRequest } from '../message/write-request.js'
import { ClientMetadata } from './client-metadata.js'
import { ClientSeries } from './client-series.js'
import { ClientTable } from './client-table.js'
import { writeRequestOf } from './from-batches.js'
import { batchOfRequest } from './to-batch.js'

const origin = { kind: 'client', id: 'test' } as const
const histogram: Histogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveSpans: [],
  positiveDeltas: new Float64Array(0),
  negativeSpans: [],
  resetHint: 'unknown',
}

function at(timestampMs: number, value = timestampMs, stale = false): SampleValue {
  return { value: stale ? Number.NaN : value, timestampMs, stale }
}

function named(name: string, parts: Partial<TimeSeries> = {}): TimeSeries {
  return { labels: createLabels({ __name__: name }), samples: [], exemplars: [], histograms: [], ...parts }
}

function requestOf(...series: readonly TimeSeries[]): WriteRequest {
  return { series, metadata: [] }
}

function toBatch(request: WriteRequest, client = new ClientSeries(0)): Batch {
  return batchOfRequest(request, origin, client)
}

/** Columns in one line each: kind, names, timestamps. */
function outline(batch: Batch): string[] {
  return batch.columns.map((columns) => {
    const names = Array.from({ length: columns.series.length }, (_, i) => columns.series.at(i).labels.get('__name__')).join(',')
    if (columns.kind === 'exemplars') return `exemplars of ${names} rows ${columns.rows.join(',')}`
    return `${columns.kind} of ${names} at ${typeof columns.timestampMs === 'number' ? columns.timestampMs : columns.timestampMs.join(',')}`
  })
}

describe('batchOfRequest()', () => {
  const exemplar: Exemplar = { labels: createLabels({ trace_id: 'x' }), value: 1, timestampMs: 5 }
  const cases: readonly [name: string, request: WriteRequest, expected: readonly string[]][] = [
    ['nothing', requestOf(), []],
    ['series without values', requestOf(named('a')), []],
    ['series at one time', requestOf(named('a', { samples: [at(5)] }), named('b', { samples: [at(5)] })), ['samples of a,b at 5']],
    ['series at different times', requestOf(named('a', { samples: [at(5)] }), named('b', { samples: [at(6)] })), ['samples of a,b at 5,6']],
    [
      'several samples of a series',
      requestOf(named('a', { samples: [at(5), at(6), at(7)] }), named('b', { samples: [at(5)] })),
      ['samples of a,b at 5', 'samples of a at 6', 'samples of a at 7'],
    ],
    [
      'a series in two entries',
      requestOf(named('a', { samples: [at(5)] }), named('b', { samples: [at(5)] }), named('a', { samples: [at(6)] })),
      ['samples of a,b at 5', 'samples of a at 6'],
    ],
    [
      'histograms beside samples',
      requestOf(named('a', { samples: [at(5)] }), named('h', { histograms: [{ histogram, stale: false, timestampMs: 5 }] })),
      ['samples of a at 5', 'histograms of h at 5'],
    ],
    [
      'exemplars at the rows of their samples',
      requestOf(named('a', { samples: [at(5)] }), named('b', { samples: [at(5)], exemplars: [exemplar, exemplar] })),
      ['samples of a,b at 5', 'exemplars of a,b rows 1,1'],
    ],
    [
      'exemplars in an entry of their own',
      requestOf(named('a', { samples: [at(5)] }), named('b', { samples: [at(5)] }), named('b', { exemplars: [exemplar] })),
      ['samples of a,b at 5', 'exemplars of a,b rows 1'],
    ],
    [
      'exemplars without samples',
      requestOf(named('a', { exemplars: [exemplar] }), named('b', { exemplars: [exemplar] })),
      ['exemplars of a,b rows 0,1'],
    ],
  ]
  for (const [name, request, expected] of cases) it(`takes ${name}`, () => expect(outline(toBatch(request))).toEqual(expected))

  it('flags staleness', () => {
    const batch = toBatch(requestOf(named('a', { samples: [at(5)] }), named('b', { samples: [at(5, 0, true)] })))
    expect([...samplesOf(batch)].map(({ value, stale }) => [value, stale])).toEqual([
      [5, false],
      [Number.NaN, true],
    ])
  })

  it('reduces histograms of finer schemas, and leaves markers and others as they are', () => {
    const fine = { ...histogram, schema: 9 }
    const values = [histogram, fine].flatMap((one) => [false, true].map((stale) => ({ histogram: one, stale, timestampMs: 5 })))
    const batch = toBatch(requestOf(...values.map((value, i) => named(`h${i}`, { histograms: [value] }))))
    const [columns] = batch.columns
    expect(columns!.kind === 'histograms' && columns!.histograms).toEqual(
      [histogram, histogram, histogram, fine].map((one, i) => (i === 2 ? { ...one, schema: 8 } : one)),
    )
  })

  it('gives the same lists for the same series, and renews those whose metadata changed, once', () => {
    const client = new ClientSeries(0)
    const request = requestOf(named('a_total', { samples: [at(5)] }))
    const listOf = (one: WriteRequest): unknown => toBatch(one, client).columns[0]!.series
    const before = listOf(request)
    expect(listOf(request)).toBe(before)
    const described = listOf({ ...request, metadata: [{ name: 'a', type: 'counter', help: 'h', unit: '' }] })
    expect(described).not.toBe(before)
    expect(listOf(request)).toBe(described)
  })

  it('cuts long requests so that one more series renews one list', () => {
    const client = new ClientSeries(0)
    const all = Array.from({ length: 4000 }, (_, i) => named(`m${i}`, { samples: [at(5)] }))
    const before = toBatch(requestOf(...all), client).columns
    const after = toBatch(requestOf(...all.slice(0, 2000), named('new', { samples: [at(5)] }), ...all.slice(2000)), client).columns
    const known = new Set(before.map(({ series }) => series))
    expect(before.length).toBeGreaterThan(5)
    expect(after.filter(({ series }) => !known.has(series)).length).toBeLessThanOrEqual(2)
  })

  it('is undone by writeRequestOf, series by series', () => {
    const series = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      samples: fc.array(fc.record({ value: fc.double({ noNaN: true }), stale: fc.constant(false), timestampMs: fc.nat(3) }), {
        maxLength: 3,
      }),
      exemplars: fc.array(fc.record({ labels: fc.constant(createLabels({ t: '1' })), value: fc.nat(), timestampMs: fc.nat() }), {
        maxLength: 2,
      }),
      histograms: fc.array(fc.record({ histogram: fc.constant(histogram), stale: fc.boolean(), timestampMs: fc.nat(3) }), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(fc.array(series, { maxLength: 8 }), (entries) => {
        const request = requestOf(...entries.map(({ name, ...parts }) => named(name, parts)))
        expect(bySeries(writeRequestOf([toBatch(request)]))).toEqual(bySeries(request))
      }),
    )
  })
})

/** What a request says of each series, whatever the order and number of its entries. */
function bySeries(request: WriteRequest): Record<string, Omit<TimeSeries, 'labels'>> {
  const found: Record<string, Omit<TimeSeries, 'labels'>> = {}
  for (const { labels, samples, exemplars, histograms } of request.series) {
    if (samples.length + exemplars.length + histograms.length === 0) continue
    const name = labels.get('__name__') ?? ''
    const before = found[name] ?? { samples: [], exemplars: [], histograms: [] }
    found[name] = {
      samples: [...before.samples, ...samples],
      exemplars: [...before.exemplars, ...exemplars],
      histograms: [...before.histograms, ...histograms],
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

describe('writeRequestOf()', () => {
  const metadata = { name: 'm', type: 'gauge', help: '', unit: '' } as const

  it('makes one entry of a series of a batch, whichever list and object it comes from', () => {
    const columns = [1, 2].flatMap((timestampMs) => batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs }]).columns)
    const request = writeRequestOf([{ origin, columns }])
    expect(request.series.map(({ samples }) => samples.map(({ timestampMs }) => timestampMs))).toEqual([[1, 2]])
  })

  it('keeps the batches in their order, so that time does not go back, and says the metadata once', () => {
    const batches = [1, 2].map((timestampMs) =>
      batchOf(['m', 'n'].map((name) => ({ labels: { __name__: name }, value: 1, timestampMs, metadata }))),
    )
    const request = writeRequestOf(batches)
    const order = request.series.map(({ labels, samples }) => `${labels.get('__name__')} at ${samples[0]!.timestampMs}`)
    expect(order).toEqual(['m at 1', 'n at 1', 'm at 2', 'n at 2'])
    expect(request.metadata).toEqual([metadata])
  })

  it('says nothing of families of which nothing is known', () => {
    expect(writeRequestOf([batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs: 1 }])]).metadata).toEqual([])
  })

  it('gives exemplars without a time that of their sample', () => {
    const batch = batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs: 7 }])
    const exemplars = {
      kind: 'exemplars',
      series: batch.columns[0]!.series,
      rows: Uint16Array.of(0),
      exemplars: [{ labels: createLabels({}), value: 1 }],
    } as const
    const request = writeRequestOf([{ ...batch, columns: [...batch.columns, exemplars] }])
    expect(request.series[0]!.exemplars[0]!.timestampMs).toBe(7)
    expect(countsOf({ ...batch, columns: [exemplars] }).exemplars).toBe(1)
  })
})

describe('ClientMetadata', () => {
  const known = new ClientMetadata()
  known.learn([
    { name: 'req', type: 'counter', help: '', unit: '' },
    { name: 'lat', type: 'histogram', help: '', unit: '' },
    { name: 'sum', type: 'summary', help: '', unit: '' },
    { name: 'build', type: 'info', help: '', unit: '' },
    { name: 'temp', type: 'gauge', help: '', unit: '' },
    { name: 'temp_count', type: 'gauge', help: 'its own', unit: '' },
  ])
  const cases: readonly [metricName: string, family: string, type: string][] = [
    ['req', 'req', 'counter'],
    ['req_total', 'req', 'counter'],
    ['req_created', 'req', 'counter'],
    ['req_sum', 'req_sum', 'unknown'],
    ['lat_bucket', 'lat', 'histogram'],
    ['lat_count', 'lat', 'histogram'],
    ['lat_total', 'lat_total', 'unknown'],
    ['sum_sum', 'sum', 'summary'],
    ['sum_bucket', 'sum_bucket', 'unknown'],
    ['build_info', 'build', 'info'],
    ['temp_sum', 'temp_sum', 'unknown'],
    ['temp_count', 'temp_count', 'gauge'],
    ['_total', '_total', 'unknown'],
    ['', '', 'unknown'],
  ]
  for (const [metricName, family, type] of cases) {
    it(`finds ${family} (${type}) for ${JSON.stringify(metricName)}`, () => {
      expect(known.find(metricName)).toMatchObject({ name: family, type })
      expect(known.find(metricName)).toBe(known.find(metricName))
    })
  }

  it('forgets the family that was described longest ago', () => {
    const small = new ClientMetadata(2)
    small.learn(['a', 'b', 'a', 'c'].map((name) => ({ name, type: 'gauge', help: '', unit: '' })))
    expect(['a', 'b', 'c'].map((name) => small.find(name).type)).toEqual(['gauge', 'unknown', 'gauge'])
  })
})

describe('ClientTable', () => {
  it('keeps clients apart, and forgets those that are silent', () => {
    const table = new ClientTable()
    const first = table.get('a', 0)
    expect(table.get('b', 0)).not.toBe(first)
    expect(table.get('a', 3_599_999)).toBe(first)
    table.get('b', 3_600_000)
    expect(table.get('a', 7_199_998)).toBe(first)
    table.get('b', 10_800_000)
    expect(table.get('a', 10_800_000)).not.toBe(first)
  })

  it('remembers a bounded number of clients', () => {
    const table = new ClientTable()
    const first = table.get('first', 0)
    for (let i = 0; i < 1024; i++) table.get(`client ${i}`, 0)
    expect(table.get('first', 0)).not.toBe(first)
  })

  it('sweeps series that were not seen for ten minutes', () => {
    const client = new ClientSeries(0)
    const labels = (name: string): Labels => createLabels({ __name__: name })
    client.intern(labels('a'))
    client.sweep(60_000)
    client.intern(labels('b'))
    client.sweep(600_000)
    expect(client.size).toBe(1)
  })
})

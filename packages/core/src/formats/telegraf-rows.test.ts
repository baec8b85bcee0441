import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addCounts, type Batch, type Counts, countsOf, type Origin, zeroCounts } from '../model/batch.js'
import { createLabels } from '../model/labels.js'
import type { MetricType } from '../model/metadata.js'
import { batchOf } from '../model/samples.js'
import { createSeriesList } from '../model/series-list.js'
import { influxLine } from './influx-line.js'
import { type TelegrafRow, type TelegrafRowsOptions, telegrafRows } from './telegraf-rows.js'
import { pageBatch } from './testdata/page-batch.js'

/** A row as `measurement,tag=value field=value ms`, without escapes. */
function show({ measurement, tags, fields, timestampMs }: TelegrafRow): string {
  const key = [measurement, ...tags.map((tag) => tag.join('='))].join()
  return `${key} ${fields.map((field) => field.join('=')).join()} ${timestampMs}`
}

function rowsOf(page: string, options: TelegrafRowsOptions & { origin?: Partial<Origin> }): string[] {
  return telegrafRows(pageBatch(page, { nowMs: 5, ...(options.origin && { origin: options.origin }) }), options).rows.map(show)
}

const sumOf = (counts: Iterable<Counts>): Counts => [...counts].reduce(addCounts, zeroCounts)

/** What rows carry and what was dropped. */
function accounted(batch: Batch, options: TelegrafRowsOptions): Counts {
  const { rows, dropped } = telegrafRows(batch, options)
  return addCounts(sumOf(rows.map(({ counts }) => counts)), sumOf(dropped.map(({ counts }) => counts)))
}

describe('rows of types', () => {
  const rows: readonly (readonly [page: string, version1: readonly string[], version2: readonly string[]])[] = [
    ['# TYPE a counter\na{x="1"} 1\n', ['a,x=1 counter=1 5'], ['prometheus,x=1 a=1 5']],
    ['# TYPE a gauge\na 1\n', ['a gauge=1 5'], ['prometheus a=1 5']],
    ['a 1 7\n', ['a value=1 7'], ['prometheus a=1 7']],
    ['# TYPE a counter\na_total 1\n', ['a_total counter=1 5'], ['prometheus a_total=1 5']],
    [
      '# TYPE h histogram\nh_bucket{le="0.5",x="1"} 1\nh_bucket{le="1e6",x="1"} 2\nh_bucket{le="+Inf",x="1"} 2\nh_sum{x="1"} 3\nh_count{x="1"} 2\nh_count{x="2"} 4\n',
      ['h,x=1 +Inf=2,0.5=1,1e+06=2,count=2,sum=3 5', 'h,x=2 count=4 5'],
      [
        'prometheus,le=0.5,x=1 h_bucket=1 5',
        'prometheus,le=1e+06,x=1 h_bucket=2 5',
        'prometheus,le=+Inf,x=1 h_bucket=2 5',
        'prometheus,x=1 h_count=2,h_sum=3 5',
        'prometheus,x=2 h_count=4 5',
      ],
    ],
    [
      '# TYPE s summary\ns{quantile="0.50",x="1"} 1\ns{quantile="1",x="1"} 2\ns_sum{x="1"} 3\ns_count{x="1"} 2\n',
      ['s,x=1 0.5=1,1=2,count=2,sum=3 5'],
      ['prometheus,quantile=0.5,x=1 s=1 5', 'prometheus,quantile=1,x=1 s=2 5', 'prometheus,x=1 s_count=2,s_sum=3 5'],
    ],
    // Another time is another row.
    ['# TYPE h histogram\nh_sum 3 8\nh_count 2 9\n', ['h sum=3 8', 'h count=2 9'], ['prometheus h_sum=3 8', 'prometheus h_count=2 9']],
    // What does not fit its type stands for itself.
    [
      '# TYPE h histogram\nh_bucket{le="x"} 1\nh_bucket 2\nh 3\n',
      ['h_bucket,le=x value=1 5', 'h_bucket value=2 5', 'h value=3 5'],
      ['prometheus,le=x h_bucket=1 5', 'prometheus h_bucket=2 5', 'prometheus h=3 5'],
    ],
    // `le` and `quantile` are tags where they are no bounds.
    ['# TYPE a gauge\na{le="1",quantile="2"} 1\n', ['a,le=1,quantile=2 gauge=1 5'], ['prometheus,le=1,quantile=2 a=1 5']],
    ['# TYPE h histogram\nh_bucket{le="1",quantile="2"} 1\n', ['h,quantile=2 1=1 5'], ['prometheus,le=1,quantile=2 h_bucket=1 5']],
    [
      '# TYPE h histogram\nh_sum{quantile="1"} 1\nh_sum{quantile="2"} 2\nh_count{quantile="1"} 3\n',
      ['h,quantile=1 count=3,sum=1 5', 'h,quantile=2 sum=2 5'],
      ['prometheus,quantile=1 h_count=3,h_sum=1 5', 'prometheus,quantile=2 h_sum=2 5'],
    ],
    // Tags are sorted as bytes, whatever the names look like.
    ['{"a","10"="x","9"="y","_"="z","A"="w"} 1\n', ['a,10=x,9=y,A=w,_=z value=1 5'], ['prometheus,10=x,9=y,A=w,_=z a=1 5']],
  ]
  test.each(rows)('%j', (page, version1, version2) => {
    expect(rowsOf(page, { metricVersion: 1 })).toEqual(version1)
    expect(rowsOf(page, { metricVersion: 2 })).toEqual(version2)
  })

  test.each<MetricType>(['info', 'stateset', 'gaugehistogram', 'unknown'])('%s has the field value', (type) => {
    const batch = batchOf([{ labels: { __name__: 'a' }, value: 1, timestampMs: 5, metadata: { name: 'a', type, help: '', unit: '' } }])
    expect(telegrafRows(batch, { metricVersion: 1 }).rows.map(show)).toEqual(['a value=1 5'])
  })

  test('a series without a name has one in InfluxDB', () => {
    const batch = batchOf([{ labels: { x: '1' }, value: 1, timestampMs: 5 }])
    expect(telegrafRows(batch, { metricVersion: 1 }).rows.map(show)).toEqual(['prom_metric_not_specified,x=1 value=1 5'])
  })

  test('a value that comes twice is two rows', () => {
    const metadata = { name: 'h', type: 'histogram', help: '', unit: '' } as const
    const sum = { labels: { __name__: 'h_sum' }, timestampMs: 5, metadata }
    const batch = batchOf([
      { ...sum, value: 1 },
      { ...sum, value: 2 },
    ])
    expect(telegrafRows(batch, { metricVersion: 1 }).rows.map(show)).toEqual(['h sum=1 5', 'h sum=2 5'])
  })
})

describe('tags', () => {
  const url = 'http://127.0.0.1:9100/metrics?a=b'
  const target = (labels: Record<string, string>): Partial<Origin> => ({ url, targetLabels: createLabels(labels) })
  const job = { job: 'node', instance: 'i' }

  const rows: readonly (readonly [labels: string, options: Partial<TelegrafRowsOptions> & { origin?: Partial<Origin> }, tags: string])[] = [
    ['x="1"', {}, ',x=1'],
    // Address and host
    ['x="1"', { origin: { url } }, `,url=${url},x=1`],
    ['x="1"', { origin: { url: 'https://user:p%40ss@h:1/m' } }, ',url=https://h:1/m,x=1'],
    ['x="1"', { origin: { url: 'http://h:9100' } }, ',url=http://h:9100,x=1'],
    ['x="1"', { origin: { url: 'http://h/a@b' } }, ',url=http://h/a@b,x=1'],
    ['url="page"', { origin: { url } }, `,url=${url}`],
    ['url="page"', { origin: { url }, urlTag: '' }, ',url=page'],
    ['x="1"', { origin: { url }, urlTag: 'scraped' }, `,scraped=${url},x=1`],
    ['x="1"', { host: 'web-1' }, ',host=web-1,x=1'],
    ['host="page"', { host: 'web-1' }, ',host=page'],
    // Labels of the target
    ['x="1",job="node",instance="i"', { urlTag: '', origin: target(job) }, ',x=1'],
    ['job="other",instance="i"', { urlTag: '', origin: target(job) }, ',job=other'],
    ['job="node",exported_job="page"', { urlTag: '', origin: target(job) }, ',job=page'],
    ['job="node",exported_job="node"', { urlTag: '', origin: target(job) }, ',job=node'],
    ['job="node",exported_job="a",exported_exported_job="b"', { urlTag: '', origin: target(job) }, ',exported_job=a,job=b'],
    ['exported_x="1"', { urlTag: '', origin: target(job) }, ',exported_x=1'],
    ['job="page",exported_job="kept"', { urlTag: '', origin: target(job) }, ',exported_job=kept,job=page'],
    ['job="node",instance="i"', { urlTag: '', origin: {} }, ',instance=i,job=node'],
  ]
  test.each(rows)('{%s} %j', (labels, options, tags) => {
    expect(rowsOf(`a{${labels}} 1\n`, { metricVersion: 1, ...options })).toEqual([`a${tags} value=1 5`])
  })
})

describe('what is dropped', () => {
  const one = (reason: string): unknown => ({ reason, counts: { samples: 1, histograms: 0, exemplars: 0 } })

  const rows: readonly (readonly [page: string, version1: readonly string[], version2: readonly string[], dropped: unknown])[] = [
    ['# TYPE a gauge\na NaN\n', [], [], one('nan')],
    ['# TYPE a gauge\na -Inf\n', ['a  5'], ['prometheus  5'], one('infinite')],
    ['# TYPE s summary\ns{quantile="1"} NaN\ns_sum 1\n', ['s sum=1 5'], ['prometheus,quantile=1  5', 'prometheus s_sum=1 5'], one('nan')],
    ['# TYPE h histogram\nh_sum NaN\nh_count 1\n', ['h count=1 5'], ['prometheus h_count=1 5'], one('nan')],
    ['# TYPE h histogram\nh_sum +Inf\nh_count 1\n', ['h count=1 5'], ['prometheus h_count=1 5'], one('infinite')],
  ]
  test.each(rows)('%j', (page, version1, version2, dropped) => {
    for (const [metricVersion, expected] of [
      [1, version1],
      [2, version2],
    ] as const) {
      const result = telegrafRows(pageBatch(page, { nowMs: 5 }), { metricVersion })
      expect(result.rows.map(show)).toEqual(expected)
      expect(result.dropped).toEqual([dropped])
    }
  })

  test('a row without a field has no line', () => {
    const { rows: made } = telegrafRows(pageBatch('a +Inf\n', { nowMs: 5 }), { metricVersion: 1 })
    expect(made.map(influxLine)).toEqual([''])
    expect(made.map(({ counts }) => counts)).toEqual([zeroCounts])
  })

  test('automatic series, staleness markers, histograms and exemplars', () => {
    const labels = createLabels({ __name__: 'a' })
    const series = createSeriesList([{ labels, metadata: { name: 'a', type: 'gauge', help: '', unit: '' } }])
    const up = createSeriesList(
      [{ labels: createLabels({ __name__: 'up' }), metadata: { name: 'up', type: 'gauge', help: '', unit: '' } }],
      { automatic: true },
    )
    const histogram = {
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 0,
      sum: 0,
      positiveSpans: [],
      negativeSpans: [],
      resetHint: 'unknown',
    } as const
    const batch: Batch = {
      origin: { kind: 'target', id: 't' },
      columns: [
        { kind: 'samples', series, values: Float64Array.of(Number.NaN), stale: Uint8Array.of(1), timestampMs: 5 },
        { kind: 'samples', series, values: Float64Array.of(2), stale: Uint8Array.of(0), timestampMs: Float64Array.of(6) },
        { kind: 'samples', series: up, values: Float64Array.of(1), timestampMs: 5 },
        { kind: 'histograms', series, histograms: [histogram], timestampMs: 5 },
        { kind: 'exemplars', series, rows: Uint16Array.of(0), exemplars: [{ labels, value: 1 }] },
      ],
    }
    const { rows: made, dropped } = telegrafRows(batch, { metricVersion: 1 })
    expect(made.map(show)).toEqual(['a gauge=2 6'])
    expect(dropped).toEqual([
      one('stale'),
      one('automatic'),
      { reason: 'unsupported', counts: { samples: 0, histograms: 1, exemplars: 1 } },
    ])
    expect(accounted(batch, { metricVersion: 1 })).toEqual(countsOf(batch))
  })
})

test('rows and drops add up to the batch', () => {
  const value = fc.oneof(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -0), fc.double())
  const type = fc.constantFrom<MetricType>('histogram', 'summary', 'counter', 'gauge', 'unknown')
  const sample = fc
    .record({
      suffix: fc.constantFrom('', '_bucket', '_sum', '_count'),
      bound: fc.constantFrom('', '1', '+Inf', 'x'),
      type,
      value,
      stale: fc.boolean(),
      timestampMs: fc.nat(2),
    })
    .map(({ suffix, bound, ...rest }) => ({
      ...rest,
      labels: { __name__: `f${suffix}`, le: bound, quantile: bound },
      metadata: { name: 'f', type: rest.type, help: '', unit: '' },
    }))
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 30 }), fc.constantFrom<1 | 2>(1, 2), (samples, metricVersion) => {
      const batch = batchOf(samples)
      expect(accounted(batch, { metricVersion })).toEqual(countsOf(batch))
      for (const { fields, counts } of telegrafRows(batch, { metricVersion }).rows) expect(counts.samples).toBe(fields.length)
    }),
    { seed: 1, numRuns: 1_000 },
  )
})

test('the key is one for a family and its labels, in both versions', () => {
  const page =
    '# TYPE h histogram\nh_bucket{le="1",x="1"} 1\nh_sum{x="1"} 1\nh_count{x="1"} 1\nh_sum{x="2"} 1\nh_sum{y="1"} 1\ng{x="1"} 1\n'
  const keysOf = (metricVersion: 1 | 2): string[][] =>
    telegrafRows(pageBatch(page, { nowMs: 5 }), { metricVersion }).rows.map(({ fields, seriesKey }) => [
      fields[0]?.[0] ?? '',
      Buffer.from(seriesKey).toString('latin1'),
    ])
  const first = '\u0001h\u0001x\u00011'
  const others = ['\u0001h\u0001x\u00012', '\u0001h\u0001y\u00011', '\u0001g\u0001x\u00011']
  expect(keysOf(1).map(([, key]) => key)).toEqual([first, ...others])
  expect(keysOf(2).map(([, key]) => key)).toEqual([first, first, ...others])
})

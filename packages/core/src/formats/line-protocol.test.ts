import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8 } from '../model/bytes.js'
import { addCounts, type Batch, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import { createLabels } from '../model/labels.js'
import { batchOf } from '../model/samples.js'
import { createSeriesList } from '../model/series-list.js'
import { createLineProtocolEncoder, encodeLineProtocol, type LineProtocolSchema } from './line-protocol.js'
import { parseLine } from './testdata/line-protocol-parser.js'
import { pageBatch } from './testdata/page-batch.js'

const linesOf = (page: string, schema: LineProtocolSchema): string => encodeLineProtocol([pageBatch(page, { nowMs: 5 })], { schema }).text

describe('schemas', () => {
  const page = '# TYPE h histogram\nh_bucket{le="1",x="1"} 1\nh_sum{x="1"} 2.5\nh_count{x="1"} 1\nb{y="2"} -0 7\n'
  const rows: readonly (readonly [schema: LineProtocolSchema, lines: readonly string[]])[] = [
    // The scraper's form of a bound stays: it is the label's value.
    [
      'prometheus',
      ['h_bucket,le=1.0,x=1 value=1 5000000', 'h_sum,x=1 value=2.5 5000000', 'h_count,x=1 value=1 5000000', 'b,y=2 value=-0 7000000'],
    ],
    ['telegraf-v1', ['h,x=1 1=1,count=1,sum=2.5 5000000', 'b,y=2 value=-0 7000000']],
    [
      'telegraf-v2',
      ['prometheus,le=1,x=1 h_bucket=1 5000000', 'prometheus,x=1 h_count=1,h_sum=2.5 5000000', 'prometheus,y=2 b=-0 7000000'],
    ],
  ]
  test.each(rows)('%s', (schema, lines) => expect(linesOf(page, schema)).toBe(`${lines.join('\n')}\n`))

  test('no address among the tags, labels of the target in one schema alone', () => {
    const batch = pageBatch('a{job="j"} 1\n', { nowMs: 5, origin: { url: 'http://h/', targetLabels: createLabels({ job: 'j' }) } })
    expect(encodeLineProtocol([batch], { schema: 'prometheus' }).text).toBe('a,job=j value=1 5000000\n')
    expect(encodeLineProtocol([batch], { schema: 'telegraf-v1' }).text).toBe('a value=1 5000000\n')
  })

  test('several batches follow each other; none is no text', () => {
    const batches = [pageBatch('a 1\n', { nowMs: 1 }), pageBatch('a 2\n', { nowMs: 2 })]
    expect(encodeLineProtocol(batches, { schema: 'prometheus' }).text).toBe('a value=1 1000000\na value=2 2000000\n')
    expect(encodeLineProtocol([], { schema: 'prometheus' })).toEqual({ text: '', counts: zeroCounts, dropped: [] })
  })
})

describe('names that InfluxDB would refuse', () => {
  const rows: readonly (readonly [page: string, schema: LineProtocolSchema, line: string])[] = [
    ['a{time="1"} 1\n', 'prometheus', 'a,exported_time=1 value=1 5000000'],
    ['a{_field="1",_measurement="2",b="3"} 1\n', 'telegraf-v1', 'a,b=3,exported__field=1,exported__measurement=2 value=1 5000000'],
    ['a{time="1",exported_time="2"} 1\n', 'prometheus', 'a,exported_exported_time=1,exported_time=2 value=1 5000000'],
    ['time 1\n', 'telegraf-v2', 'prometheus exported_time=1 5000000'],
    ['time 1\n', 'prometheus', 'time value=1 5000000'],
    ['{"a","b\\\\"="1","b"="2"} 1\n', 'prometheus', 'a,b=2,exported_b=1 value=1 5000000'],
    ['{"a","b\\nc"="1"} 1\n', 'prometheus', 'a,b_c=1 value=1 5000000'],
    ['{"a","\\\\"="1"} 1\n', 'prometheus', 'a,_=1 value=1 5000000'],
    ['{"a\\\\ b","c\\\\,d"="1"} 1\n', 'telegraf-v2', 'prometheus,c_\\,d=1 a_\\ b=1 5000000'],
    ['{"#a"} 1\n', 'prometheus', '_a value=1 5000000'],
    ['{"a\\\\=b\\\\ c"} 1\n', 'prometheus', 'a_=b_\\ c value=1 5000000'],
    ['a{x="C:\\\\"} 1\n', 'prometheus', 'a,x=C: value=1 5000000'],
    ['a{x="1\\n2"} 1\n', 'prometheus', 'a,x=1\\n2 value=1 5000000'],
  ]
  test.each(rows)('%j %s', (page, schema, line) => expect(linesOf(page, schema)).toBe(`${line}\n`))
})

describe('tags with the name of a field, where they are to be distinct', () => {
  const rows: readonly (readonly [page: string, schema: LineProtocolSchema, line: string])[] = [
    ['a{value="1"} 1\n', 'prometheus', 'a,exported_value=1 value=1 5000000'],
    ['a{value="1",exported_value="2"} 1\n', 'prometheus', 'a,exported_exported_value=1,exported_value=2 value=1 5000000'],
    ['a{gauge="1",value="2"} 1\n', 'telegraf-v1', 'a,exported_value=2,gauge=1 value=1 5000000'],
    ['a{a="1",b="2"} 1\n', 'telegraf-v2', 'prometheus,b=2,exported_a=1 a=1 5000000'],
    ['time{exported_time="1"} 1\n', 'telegraf-v2', 'prometheus,exported_exported_time=1 exported_time=1 5000000'],
    ['a{b="1"} 1\n', 'prometheus', 'a,b=1 value=1 5000000'],
  ]
  test.each(rows)('%j %s', (page, schema, line) => {
    const batch = pageBatch(page, { nowMs: 5 })
    expect(encodeLineProtocol([batch], { schema, distinctNames: true }).text).toBe(`${line}\n`)
    const encoder = createLineProtocolEncoder({ schema, distinctNames: true })
    for (let i = 0; i < 3; i++) expect(decodeUtf8(encoder.encode([batch]).bytes)).toBe(`${line}\n`)
  })
})

describe('what is dropped', () => {
  const one = (reason: string): unknown => ({ reason, counts: { ...zeroCounts, samples: 1 } })

  test.each<LineProtocolSchema>(['prometheus', 'telegraf-v1', 'telegraf-v2'])('%s', (schema) => {
    const sample = { labels: { __name__: 'a' }, timestampMs: 5 }
    const batch = batchOf([
      { ...sample, value: Number.NaN },
      { ...sample, value: Number.NEGATIVE_INFINITY },
      { ...sample, value: 0, stale: true },
      { ...sample, value: 1 },
      { ...sample, labels: { __name__: '\\' }, value: 1 },
      { ...sample, labels: { x: 'nameless' }, value: 1 },
    ])
    const { counts, dropped } = encodeLineProtocol([batch], { schema })
    // Metric version 2 keeps names in fields, where a name of backslashes can be changed.
    const unwritable = schema === 'telegraf-v2' ? [] : [one('unsupported')]
    expect(new Set(dropped)).toEqual(new Set([one('nan'), one('infinite'), one('stale'), ...unwritable]))
    expect(dropped.reduce((sum, drop) => addCounts(sum, drop.counts), counts)).toEqual(countsOf(batch))
  })

  test('automatic series are samples in the schema prometheus alone; histograms and exemplars have no form', () => {
    const labels = createLabels({ __name__: 'up' })
    const series = createSeriesList([{ labels, metadata: { name: 'up', type: 'gauge', help: '', unit: '' } }], { automatic: true })
    const batch: Batch = {
      origin: { kind: 'target', id: 't' },
      columns: [
        { kind: 'samples', series, values: Float64Array.of(1), timestampMs: 5 },
        { kind: 'exemplars', series, rows: Uint16Array.of(0), exemplars: [{ labels, value: 1 }] },
      ],
    }
    const unsupported = { reason: 'unsupported', counts: { samples: 0, histograms: 0, exemplars: 1 } }
    expect(encodeLineProtocol([batch], { schema: 'prometheus' })).toEqual({
      text: 'up value=1 5000000\n',
      counts: { ...zeroCounts, samples: 1 },
      dropped: [unsupported],
    })
    const { text, dropped } = encodeLineProtocol([batch], { schema: 'telegraf-v1' })
    expect(text).toBe('')
    expect(dropped).toEqual([{ reason: 'automatic', counts: { samples: 1, histograms: 0, exemplars: 1 } }])
  })
})

test('any labels give lines that InfluxDB reads, and none gets lost', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('ab\\\n\t ,="#é\u{1f600}')), minLength: 1, maxLength: 8 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    fc.constantFrom('time', '_field', '__proto__', '10', 'exported_time'),
  )
  const value = fc.oneof(fc.double(), fc.constantFrom(1, Number.NaN))
  const labels = fc.uniqueArray(fc.tuple(text, text), { maxLength: 6, selector: ([name]) => name })
  fc.assert(
    fc.property(
      text,
      labels,
      value,
      fc.constantFrom<LineProtocolSchema>('prometheus', 'telegraf-v1', 'telegraf-v2'),
      (name, pairs, number, schema) => {
        const others = pairs.filter(([label]) => label !== '__name__')
        const batch = batchOf([{ labels: [['__name__', name], ...others], value: number, timestampMs: 5 }])
        const { text: body, counts, dropped } = encodeLineProtocol([batch], { schema })
        const lines = body === '' ? [] : body.slice(0, -1).split('\n')
        expect(lines).toHaveLength(counts.samples)
        expect(counts.samples + dropped.reduce((sum, drop) => sum + totalOf(drop.counts), 0)).toBe(1)
        for (const line of lines) {
          const point = parseLine(line)
          expect(Object.values(point.fields)).toEqual([number])
          expect(point.timestamp).toBe(5_000_000n)
        }
      },
    ),
    { seed: 1, numRuns: 3_000 },
  )
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type InfluxFields, influxLine } from './influx-line.js'
import { parseLine } from './testdata/line-protocol-parser.js'

const point: InfluxFields = { measurement: 'm', tags: [['t', 'v']], fields: [['f', 1]], timestampMs: 1_700_000_000_123 }

describe('influxLine', () => {
  const rows: readonly (readonly [part: Partial<InfluxFields>, line: string])[] = [
    [{}, 'm,t=v f=1 1700000000123000000'],
    [{ tags: [] }, 'm f=1 1700000000123000000'],
    [
      {
        fields: [
          ['a', 1],
          ['b', -0.5],
        ],
      },
      'm,t=v a=1,b=-0.5 1700000000123000000',
    ],
    [{ timestampMs: 0 }, 'm,t=v f=1 0'],
    [{ timestampMs: -5 }, 'm,t=v f=1 -5000000'],
    [{ timestampMs: 1700000000123.25 }, 'm,t=v f=1 1700000000123250000'],
    [{ timestampMs: -1.5 }, 'm,t=v f=1 -1500000'],
    [{ measurement: 'a b,c=d\\e' }, 'a\\ b\\,c=d\\e,t=v f=1 1700000000123000000'],
    [{ measurement: '#m' }, '_m,t=v f=1 1700000000123000000'],
    [{ measurement: 'm\\\\' }, 'm,t=v f=1 1700000000123000000'],
    [{ tags: [['a b,c=d', 'e f,g=h"i']] }, 'm,a\\ b\\,c\\=d=e\\ f\\,g\\=h"i f=1 1700000000123000000'],
    [{ tags: [['t', '1\n2\t3\r4\f5']] }, 'm,t=1\\n2\\t3\\r4\\f5 f=1 1700000000123000000'],
    [{ tags: [['t', 'C:\\dir\\\\']] }, 'm,t=C:\\dir f=1 1700000000123000000'],
    [{ tags: [['t', '\\\\']] }, 'm f=1 1700000000123000000'],
    [{ tags: [['t', '']] }, 'm f=1 1700000000123000000'],
    [
      {
        fields: [
          ['+Inf', 2],
          ['a b', 1],
        ],
      },
      'm,t=v +Inf=2,a\\ b=1 1700000000123000000',
    ],
    [{ fields: [['f', 1e21]] }, 'm,t=v f=1000000000000000000000 1700000000123000000'],
    [{ fields: [['f', -0]] }, 'm,t=v f=-0 1700000000123000000'],
    // No field, no line
    [{ fields: [] }, ''],
    [
      {
        fields: [
          ['f', Number.NaN],
          ['g', Number.POSITIVE_INFINITY],
        ],
      },
      '',
    ],
    [
      {
        fields: [
          ['f', Number.NaN],
          ['g', 1],
        ],
      },
      'm,t=v g=1 1700000000123000000',
    ],
    [{ measurement: '' }, ''],
    [{ measurement: '\\' }, ''],
  ]
  test.each(rows)('%j', (part, line) => expect(influxLine({ ...point, ...part })).toBe(line))

  test('a long run of backslashes costs no more than its length', () => {
    const value = `${'\\'.repeat(1_000_000)}x`
    expect(influxLine({ ...point, tags: [['t', value]] })).toContain(`${value} f=1`)
  })
})

test('every line reads back as what it was written from', () => {
  // What line protocol cannot hold is tested above: control characters, a backslash at the end or before what is escaped.
  const text = fc
    .string({ unit: fc.constantFrom(...Array.from('abzé日"\'#{}:\\ ,=')), minLength: 1, maxLength: 10 })
    .filter((value) => !/\\(?=[ ,=]|$)/.test(value))
  const name = text.filter((value) => !value.startsWith('#'))
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
  const tags = fc.uniqueArray(fc.tuple(text, text), { maxLength: 5, selector: ([key]) => key })
  const fields = fc.uniqueArray(fc.tuple(text, finite), { minLength: 1, maxLength: 4, selector: ([key]) => key })
  fc.assert(
    fc.property(name, tags, fields, fc.maxSafeInteger(), (measurement, tagList, fieldList, timestampMs) => {
      const parsed = parseLine(influxLine({ measurement, tags: tagList, fields: fieldList, timestampMs }))
      expect(parsed.measurement).toBe(measurement)
      expect(new Map(Object.entries(parsed.tags))).toEqual(new Map(tagList))
      expect(parsed.timestamp).toBe(BigInt(timestampMs) * 1_000_000n)
      for (const [key, value] of fieldList) expect(parsed.fields[key]).toBe(value)
      expect(Object.keys(parsed.fields)).toHaveLength(fieldList.length)
    }),
    { seed: 1, numRuns: 2_000 },
  )
})

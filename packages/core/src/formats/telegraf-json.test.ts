import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zeroCounts } from '../model/batch.js'
import { compareCodePoints } from '../model/bytes.js'
import { telegrafJson } from './telegraf-json.js'
import type { TelegrafRow } from './telegraf-rows.js'

const row: TelegrafRow = {
  measurement: 'm',
  tags: [['t', 'v']],
  fields: [['f', 1]],
  timestampMs: 1_700_000_000_123,
  counts: { ...zeroCounts, samples: 1 },
  seriesKey: new Uint8Array(0),
}

describe('telegrafJson', () => {
  const rows: readonly (readonly [part: Partial<TelegrafRow>, json: string])[] = [
    [{}, '{"fields":{"f":1},"name":"m","tags":{"t":"v"},"timestamp":1700000000123}'],
    [{ fields: [], tags: [] }, '{"fields":{},"name":"m","tags":{},"timestamp":1700000000123}'],
    [
      {
        fields: [
          ['+Inf', 8],
          ['0.1', 3],
          ['1', 5],
          ['10', 7],
          ['1e+06', 7],
          ['count', 8],
        ],
      },
      '{"fields":{"+Inf":8,"0.1":3,"1":5,"10":7,"1e+06":7,"count":8},"name":"m","tags":{"t":"v"},"timestamp":1700000000123}',
    ],
    [
      {
        fields: [
          ['a', -0],
          ['b', 1e21],
          ['c', 1e-7],
          ['d', 1e20],
        ],
      },
      '{"fields":{"a":-0,"b":1e+21,"c":1e-7,"d":100000000000000000000},"name":"m","tags":{"t":"v"},"timestamp":1700000000123}',
    ],
    [
      {
        fields: [
          ['a', Number.NaN],
          ['b', 1],
          ['c', Number.NEGATIVE_INFINITY],
        ],
      },
      '{"fields":{"b":1},"name":"m","tags":{"t":"v"},"timestamp":1700000000123}',
    ],
    [
      { tags: [['path', '/a?x=1&y=<2>']] },
      '{"fields":{"f":1},"name":"m","tags":{"path":"/a?x=1\\u0026y=\\u003c2\\u003e"},"timestamp":1700000000123}',
    ],
    [
      { tags: [['t', '"\\\b\f\n\r\t\u0001\u007f\u2028\u2029é']] },
      '{"fields":{"f":1},"name":"m","tags":{"t":"\\"\\\\\\b\\f\\n\\r\\t\\u0001\u007f\\u2028\\u2029é"},"timestamp":1700000000123}',
    ],
  ]
  test.each(rows)('%j', (part, json) => expect(telegrafJson({ ...row, ...part }, { timestampUnitMs: 1 })).toBe(json))

  const seconds: readonly (readonly [timestampMs: number, timestamp: number])[] = [
    [1_700_000_000_000, 1_700_000_000],
    [1_700_000_000_499, 1_700_000_000],
    [1_700_000_000_500, 1_700_000_001],
  ]
  test.each(seconds)('%d ms is second %d', (timestampMs, timestamp) => {
    expect(telegrafJson({ ...row, timestampMs }, { timestampUnitMs: 1000 })).toBe(
      `{"fields":{"f":1},"name":"m","tags":{"t":"v"},"timestamp":${timestamp}}`,
    )
  })
})

test('every row is JSON that reads back as it was, with its keys in order', () => {
  const sorted = <T>(pairs: [string, T][]): [string, T][] => pairs.sort((a, b) => compareCodePoints(a[0], b[0]))
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 10 })
  const pairs = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<[string, T][]> =>
    fc.uniqueArray(fc.tuple(text, value), { maxLength: 6, selector: ([key]) => key }).map(sorted)
  fc.assert(
    fc.property(text, pairs(text), pairs(fc.double({ noNaN: true, noDefaultInfinity: true })), (measurement, tags, fields) => {
      const json = telegrafJson({ ...row, measurement, tags, fields }, { timestampUnitMs: 1 })
      const read: unknown = JSON.parse(json)
      const object = <T>(list: readonly (readonly [string, T])[]): Record<string, T> => Object.fromEntries(list)
      expect(read).toEqual({ fields: object(fields), name: measurement, tags: object(tags), timestamp: row.timestampMs })
      expect(json).not.toMatch(/[<>&\u2028\u2029]/)
      // The order of the keys in the text, which JSON.parse loses for keys that look like integers.
      const keys = [...json.matchAll(/"((?:\\.|[^"\\])*)":(?=["\d-])/g)].map(([, key]) => JSON.parse(`"${key}"`))
      expect(keys).toEqual([...fields.map(([key]) => key), 'name', ...tags.map(([key]) => key), 'timestamp'])
    }),
    { seed: 1, numRuns: 1_000 },
  )
})

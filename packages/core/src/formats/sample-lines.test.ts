import { describe, expect, it } from 'vitest'
import type { Histogram } from '../model/histogram.js'
import { batchOf } from '../model/samples.js'
import { sampleLinesOf } from './sample-lines.js'

describe('sampleLinesOf()', () => {
  it.each([
    [1, '1'],
    [Number.NaN, '"NaN"'],
    [Number.POSITIVE_INFINITY, '"+Inf"'],
    [Number.NEGATIVE_INFINITY, '"-Inf"'],
    [1e300, '1e+300'],
    [-0, '-0.0'],
  ])('writes %d as %s', (value, text) => {
    expect(sampleLinesOf(batchOf([{ labels: { __name__: 'm' }, value, timestampMs: 5 }]))).toEqual([
      `{"labels":{"__name__":"m"},"value":${text},"timestampMs":5}`,
    ])
  })

  it('writes staleness, any label name, and native histograms with counts beyond 2^53', () => {
    const stale = batchOf([{ labels: [['__proto__', 'p']], value: 1, timestampMs: 5, stale: true }])
    expect(sampleLinesOf(stale)).toEqual(['{"labels":{"__proto__":"p"},"value":"NaN","timestampMs":5,"stale":true}'])
    const histogram: Histogram = {
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 9_007_199_254_740_993n,
      sum: 1.5,
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveDeltas: BigInt64Array.of(9_007_199_254_740_993n),
      negativeSpans: [],
      resetHint: 'unknown',
    }
    const { series } = stale.columns[0]!
    expect(
      sampleLinesOf({ origin: stale.origin, columns: [{ kind: 'histograms', series, histograms: [histogram], timestampMs: 5 }] }),
    ).toEqual([
      '{"labels":{"__proto__":"p"},"value":null,"timestampMs":5,"histogram":{"schema":0,"zeroThreshold":0,"zeroCount":0,"count":9007199254740993,' +
        '"sum":1.5,"positiveSpans":[{"offset":0,"length":1}],"positiveDeltas":[9007199254740993],"negativeSpans":[],"resetHint":"unknown","timestampMs":5}}',
    ])
  })

  it('keeps the order of labels, also where an object would not', () => {
    const labels = { __name__: 'm', '10': 'a', '9': 'b', a: 'c' }
    expect(sampleLinesOf(batchOf([{ labels, value: 1, timestampMs: 5 }]))).toEqual([
      '{"labels":{"10":"a","9":"b","__name__":"m","a":"c"},"value":1,"timestampMs":5}',
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { countsOf } from './batch.js'
import { batchOf, samplesOf } from './samples.js'

describe('batchOf() and samplesOf()', () => {
  it('give back what they were given', () => {
    const samples = [
      { labels: { __name__: 'up', job: 'a' }, value: 1, timestampMs: 1_000 },
      { labels: { __name__: 'temperature' }, value: -21.5, timestampMs: 2_000, startTimestampMs: 500 },
      { labels: { __name__: 'gone' }, value: 7, timestampMs: 1_000, stale: true },
    ]
    const batch = batchOf(samples)
    expect(countsOf(batch)).toEqual({ samples: 3, histograms: 0, exemplars: 0 })
    expect(
      [...samplesOf(batch)].map((sample) => ({ ...sample, labels: sample.labels.toObject(), metadata: sample.metadata.name })),
    ).toEqual([
      { labels: { __name__: 'up', job: 'a' }, metadata: 'up', value: 1, stale: false, timestampMs: 1_000 },
      {
        labels: { __name__: 'temperature' },
        metadata: 'temperature',
        value: -21.5,
        stale: false,
        timestampMs: 2_000,
        startTimestampMs: 500,
      },
      { labels: { __name__: 'gone' }, metadata: 'gone', value: Number.NaN, stale: true, timestampMs: 1_000 },
    ])
  })

  it('keep several samples of a series in order', () => {
    const batch = batchOf([1, 2, 3].map((value) => ({ labels: { __name__: 'a' }, value, timestampMs: value * 1_000 })))
    expect([...samplesOf(batch)].map((sample) => [sample.value, sample.timestampMs])).toEqual([
      [1, 1_000],
      [2, 2_000],
      [3, 3_000],
    ])
    expect(new Set(batch.columns.map((columns) => columns.series)).size).toBe(1)
  })

  it('make an empty batch of nothing', () => {
    expect(batchOf([]).columns).toEqual([])
  })
})

import { batchOf, type SampleInput } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { SampleWindow } from './sample-window.js'

const everything = { selector: () => true, fromMs: 0, toMs: Number.POSITIVE_INFINITY, maxSeries: 20 }

function scrape(timestampMs: number, values: Record<string, number>): ReturnType<typeof batchOf> {
  return batchOf(Object.entries(values).map(([name, value]): SampleInput => ({ labels: { __name__: name }, value, timestampMs })))
}

describe('SampleWindow', () => {
  it('gives the points of each series in order, gaps as null', () => {
    const window = new SampleWindow({ durationMs: 60_000, maxBytes: 1e6, now: () => 3_000 })
    window.add('scrape', scrape(1_000, { a: 1, b: 10 }))
    window.add('scrape', batchOf([{ labels: { __name__: 'a' }, value: 0, stale: true, timestampMs: 2_000 }]))
    window.add('scrape', scrape(3_000, { a: 3, b: Number.NaN }))
    expect(window.query(everything)).toEqual({
      matched: 2,
      series: [
        { labels: { __name__: 'a' }, type: 'unknown', pipeline: 'scrape', timestampsMs: [1_000, 2_000, 3_000], values: [1, null, 3] },
        { labels: { __name__: 'b' }, type: 'unknown', pipeline: 'scrape', timestampsMs: [1_000, 3_000], values: [10, null] },
      ],
    })
    expect(window.names(10)).toEqual(['a', 'b'])
    expect(window.names(1)).toEqual(['a'])
  })

  it('counts what it does not show, and keeps to the times asked for', () => {
    const window = new SampleWindow({ durationMs: 60_000, maxBytes: 1e6, now: () => 3_000 })
    for (const ms of [1_000, 2_000, 3_000]) window.add('scrape', scrape(ms, { a: ms, b: ms, c: ms }))
    const answer = window.query({ ...everything, fromMs: 2_000, toMs: 2_500, maxSeries: 1 })
    expect(answer.matched).toBe(3)
    expect(answer.series.map((series) => series.timestampsMs)).toEqual([[2_000]])
  })

  it('lets the oldest go by time', () => {
    let nowMs = 0
    const window = new SampleWindow({ durationMs: 10_000, maxBytes: 1e6, now: () => nowMs })
    for (nowMs = 1_000; nowMs <= 30_000; nowMs += 1_000) window.add('scrape', scrape(nowMs, { a: nowMs }))
    nowMs = 30_000
    expect(window.query(everything).series[0]?.timestampsMs[0]).toBe(20_000)
  })

  it('lets the oldest go by bytes', () => {
    const window = new SampleWindow({ durationMs: 1e9, maxBytes: 2_000, now: () => 0 })
    for (let i = 1; i <= 100; i++) window.add('scrape', scrape(i, { a: i }))
    expect(window.bytes).toBeLessThanOrEqual(2_000)
    expect(window.query(everything).series[0]?.timestampsMs.at(-1)).toBe(100)
  })

  it('gives what each pipeline saw; a label set counts once', () => {
    const window = new SampleWindow({ durationMs: 60_000, maxBytes: 1e6, now: () => 1_000 })
    window.add('scrape', scrape(1_000, { a: 1, b: 1 }))
    window.add('receive', scrape(1_000, { a: 1, b: 1 }))
    const answer = window.query({ ...everything, maxSeries: 1 })
    expect(answer.matched).toBe(2)
    expect(answer.series.map(({ labels, pipeline }) => [labels['__name__'], pipeline])).toEqual([
      ['a', 'scrape'],
      ['a', 'receive'],
    ])
  })

  it('shows names before others where they sort first, whatever their labels are', () => {
    const window = new SampleWindow({ durationMs: 60_000, maxBytes: 1e6, now: () => 1_000 })
    const of = (labels: Record<string, string>): SampleInput => ({ labels, value: 1, timestampMs: 1_000 })
    window.add('scrape', batchOf([of({ __name__: 'b', a: 'x' }), of({ __name__: 'a', z: 'x' }), of({ __name__: 'a', a: 'x' })]))
    expect(window.query(everything).series.map(({ labels }) => labels)).toEqual([
      { __name__: 'a', a: 'x' },
      { __name__: 'a', z: 'x' },
      { __name__: 'b', a: 'x' },
    ])
  })
})

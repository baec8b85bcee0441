import { describe, expect, it } from 'vitest'
import type { SeriesPoints } from '../window/sample-window.js'
import { type LineMode, toLines } from './lines.js'

interface Given extends Partial<SeriesPoints> {
  readonly points: readonly (readonly [atMs: number, value: number | null])[]
}

function series({ points, ...rest }: Given): SeriesPoints {
  return {
    labels: { __name__: 'm' },
    type: 'gauge',
    pipeline: 'scrape',
    timestampsMs: points.map(([atMs]) => atMs),
    values: points.map(([, value]) => value),
    ...rest,
  }
}

function draw(given: readonly Given[], mode: LineMode = 'auto'): unknown[] {
  return toLines(given.map(series), mode).map(({ name, unit, points }) => [name, unit, [...points]])
}

describe('toLines()', () => {
  it('draws a gauge as it is, gaps as null', () => {
    const points = [
      [1_000, 5],
      [2_000, null],
      [3_000, 4],
    ] as const
    expect(draw([{ points }])).toEqual([['m (scrape)', '', points]])
  })

  it.each<[string, Partial<SeriesPoints>, LineMode, boolean]>([
    ['a counter', { type: 'counter' }, 'auto', true],
    ['a counter as it is', { type: 'counter' }, 'raw', false],
    ['a gauge', { type: 'gauge' }, 'auto', false],
    ['a gauge on demand', { type: 'gauge' }, 'rate', true],
    ['a bucket', { type: 'histogram', labels: { __name__: 'h_bucket', le: '1' } }, 'auto', true],
    ['a sum', { type: 'histogram', labels: { __name__: 'h_sum' } }, 'auto', true],
    ['a quantile', { type: 'summary', labels: { __name__: 's', quantile: '0.5' } }, 'auto', false],
  ])('takes rates or values of %s', (_, given, mode, asRate) => {
    const [line] = toLines(
      [
        series({
          ...given,
          points: [
            [0, 1],
            [2_000, 5],
          ],
        }),
      ],
      mode,
    )
    expect([line?.unit, [...(line?.points.values() ?? [])]]).toEqual(asRate ? ['/s', [null, 2]] : ['', [1, 5]])
    expect(line?.name.startsWith('rate of ')).toBe(asRate)
  })

  it('takes rates over a reset and beside a gap', () => {
    const points = [
      [0, 10],
      [1_000, 30],
      [2_000, 4],
      [3_000, null],
      [4_000, 9],
      [6_000, 10],
    ] as const
    expect(draw([{ points }], 'rate')).toEqual([
      [
        'rate of m (scrape)',
        '/s',
        [
          [0, null],
          [1_000, 20],
          [2_000, 4],
          [3_000, null],
          [4_000, null],
          [6_000, 0.5],
        ],
      ],
    ])
  })

  it('makes one line of what several pipelines saw, in order, each time once', () => {
    const given: Given[] = [
      {
        points: [
          [1_000, 1],
          [3_000, 3],
        ],
      },
      {
        pipeline: 'receive',
        points: [
          [3_000, 99],
          [2_000, 2],
          [1_000, 1],
          [1_000, 1],
        ],
      },
      { labels: { __name__: 'n' }, points: [[1_000, 7]] },
    ]
    expect(draw(given)).toEqual([
      [
        'm (scrape, receive)',
        '',
        [
          [1_000, 1],
          [2_000, 2],
          [3_000, 3],
        ],
      ],
      ['n (scrape)', '', [[1_000, 7]]],
    ])
  })

  it('draws nothing of nothing', () => {
    expect(draw([])).toEqual([])
  })
})

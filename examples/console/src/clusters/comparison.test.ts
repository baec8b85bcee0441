import { type Batch, batchOf, type SampleInput } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { SampleWindow } from '../window/sample-window.js'
import { keyOf } from './cluster-book.js'
import { assertFigure, Comparison } from './comparison.js'

const nowMs = 1_000_000

function world(...compare: readonly string[]) {
  let clockMs = nowMs
  const window = new SampleWindow({ durationMs: 600_000, maxBytes: 1e6, now: () => clockMs })
  const comparison = new Comparison({ label: 'cluster', compare, window })
  const add = (
    samples: readonly (readonly [name: string, cluster: string, value: number, more?: Partial<SampleInput>])[],
    agoMs = 0,
  ): void => {
    clockMs = nowMs - agoMs
    window.add('receive', batchAt(clockMs, samples))
    clockMs = nowMs
  }
  const figures = (atMs = nowMs): Record<string, unknown> => {
    const found = comparison.compare(atMs).figures
    return Object.fromEntries(
      ['a', 'b', ''].flatMap((cluster) => (found.has(keyOf('receive', cluster)) ? [[cluster, found.get(keyOf('receive', cluster))]] : [])),
    )
  }
  return { add, figures, comparison }
}

function batchAt(
  timestampMs: number,
  samples: readonly (readonly [name: string, cluster: string, value: number, more?: Partial<SampleInput>])[],
): Batch {
  return batchOf(
    samples.map(([name, cluster, value, more], i) => ({ labels: { __name__: name, cluster, i: `${i}` }, value, timestampMs, ...more })),
  )
}

describe('Comparison', () => {
  it('adds up the last values of each cluster', () => {
    const { add, figures } = world('x', 'none')
    add(
      [
        ['x', 'a', 1],
        ['x', 'a', 2],
        ['x', 'b', 5],
        ['xy', 'a', 100],
      ],
      20_000,
    )
    add([
      ['x', 'a', 3],
      ['x', 'a', 4],
      ['x', 'b', 6],
    ])
    expect(figures()).toEqual({ a: [7, null], b: [6, null] })
  })

  it('gives rates per second, over falls of counters', () => {
    const { add, figures } = world('rate(x)', 'x')
    add([['x', 'a', 100]], 30_000)
    expect(figures()).toEqual({ a: [null, 100] })
    add([['x', 'a', 160]], 20_000)
    add([['x', 'a', 30]], 0)
    expect(figures()).toEqual({ a: [3, 30] })
  })

  it('takes a batch that comes twice, or late, for what it is', () => {
    const { add, figures } = world('rate(x)')
    for (const agoMs of [20_000, 10_000, 10_000, 20_000, 0]) add([['x', 'a', 100 - agoMs / 1_000]], agoMs)
    expect(figures()).toEqual({ a: [1] })
  })

  it('leaves out series that ended, values that are none, and what is long ago', () => {
    const { add, figures } = world('x')
    add(
      [
        ['x', 'a', 1],
        ['x', 'a', 2],
        ['x', 'b', 5],
      ],
      200_000,
    )
    expect(figures()).toEqual({})
    add(
      [
        ['x', 'a', 1],
        ['x', 'a', 2],
        ['x', 'b', Number.NaN],
      ],
      20_000,
    )
    add([['x', 'a', 0, { stale: true }]], 10_000)
    expect(figures()).toEqual({ a: [2] })
    expect(figures(nowMs + 140_000)).toEqual({})
  })

  it('takes selectors', () => {
    const { add, figures } = world('{__name__=~"x|y", i!="0"}', 'rate(y{cluster="b"})')
    add(
      [
        ['x', 'a', 1],
        ['x', 'a', 2],
        ['y', 'b', 5],
      ],
      10_000,
    )
    add([
      ['x', 'a', 1],
      ['x', 'a', 3],
      ['y', 'b', 15],
    ])
    expect(figures()).toEqual({ a: [3, null], b: [15, 1] })
  })

  it('says when there are more series than it adds up', () => {
    const { add, comparison } = world('x')
    add(Array.from({ length: 10_000 }, () => ['x', 'a', 1] as const))
    expect(comparison.compare(nowMs).isCut).toBe(false)
    add(Array.from({ length: 10_001 }, () => ['x', 'a', 1] as const))
    expect(comparison.compare(nowMs).isCut).toBe(true)
  })

  it('says how each is looked at in Explore', () => {
    const { comparison } = world('x', 'rate(y)', ' {job="z"} ')
    expect(comparison.queries).toEqual([
      { text: 'x', match: 'x{}', isRate: false },
      { text: 'rate(y)', match: 'y{}', isRate: true },
      { text: '{job="z"}', match: '{job="z"}', isRate: false },
    ])
  })
})

describe('assertFigure()', () => {
  it.each(['x', 'rate(x)', ' rate( x{a="b"} ) ', '{a="b"}'])('takes %s', (text) => {
    expect(() => assertFigure(text)).not.toThrow()
  })

  it.each([
    ['', 'figure to compare "": a selector is missing: the name of a metric, a part of one, or {label="value"}'],
    ['rate()', 'figure to compare "rate()": a selector is missing: the name of a metric, a part of one, or {label="value"}'],
    ['x{', 'figure to compare "x{": selector "x{" has no closing brace'],
  ])('refuses %j', (text, message) => {
    expect(() => assertFigure(text)).toThrow(expect.objectContaining({ code: 'parse', message }))
  })
})

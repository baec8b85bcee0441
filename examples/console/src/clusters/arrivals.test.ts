import { describe, expect, it } from 'vitest'
import { Arrivals } from './arrivals.js'

const seconds = (count: number, step = 1): number[] => Array.from({ length: count }, (_, i) => i * step * 1_000)

describe('Arrivals', () => {
  it.each([
    ['nothing', [], 0, 0],
    ['one burst says nothing of a rate', [0], 100, 0],
    ['a burst every 15 s', seconds(10, 15), 300, 20],
    ['a burst every 15 s, in two parts', seconds(10, 15).flatMap((ms) => [ms, ms + 50]), 150, 20],
    ['every second', seconds(200), 7, 7],
    ['every minute', seconds(4, 60), 60, 1],
  ])('%s', (_, arrivals, samples, perSecond) => {
    const all = new Arrivals()
    for (const atMs of arrivals) all.add(samples, atMs)
    const lastMs = arrivals.at(-1) ?? 0
    expect(all.lastMs).toBe(lastMs)
    for (const laterMs of [0, 7_000, 14_000]) expect(all.perSecond(lastMs + laterMs)).toBeCloseTo(perSecond)
    expect(all.perSecond(lastMs + 60_001)).toBe(0)
  })

  it('forgets what was more than a minute ago', () => {
    const all = new Arrivals()
    for (const atMs of seconds(100)) all.add(1_000, atMs)
    for (const atMs of seconds(100)) all.add(1, 100_000 + atMs)
    expect(all.perSecond(200_000)).toBeCloseTo(1)
  })
})

import { describe, expect, test } from 'vitest'
import { createRandom, createRandomAt, poisson } from './random.js'

describe('createRandom()', () => {
  test('gives the numbers of mulberry32 on every machine', () => {
    const random = createRandom(1)
    expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522])
  })

  test.each([0.1, 1, 10, 31, 10_000])('poisson() with mean %s has that mean and variance', (mean) => {
    const random = createRandom(3)
    const draws = Array.from({ length: 20_000 }, () => poisson(random, mean))
    const average = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
    const variance = draws.reduce((sum, draw) => sum + (draw - average) ** 2, 0) / draws.length
    expect(Math.abs(average / mean - 1)).toBeLessThan(0.05)
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.05)
  })
})

describe('createRandomAt()', () => {
  test('gives the same numbers for a seed and a place, and others for another of them', () => {
    const draws = (seed: number, place: string): number[] => Array.from({ length: 3 }, createRandomAt(seed, place))
    expect(draws(1, 'a')).toEqual(draws(1, 'a'))
    expect(draws(1, 'a')).not.toEqual(draws(1, 'b'))
    expect(draws(1, 'a')).not.toEqual(draws(2, 'a'))
    expect(draws(2 ** 40 + 1, 'a')).not.toEqual(draws(1, 'a'))
  })
})

import { expect, it } from 'vitest'
import { BodySlab } from './body-slab.js'

it('gives bytes that no other body has', () => {
  const slab = new BodySlab()
  const lengths = Array.from({ length: 300 }, (_, i) => [1, 7, 60_000, 524_288, 524_289, 2_000_000][i % 6]!)
  const bodies = lengths.map((length, i) => slab.take(Math.ceil(length / 8)).fill(i))
  bodies.forEach((body, i) => {
    expect(body.every((byte) => byte === (i & 0xff))).toBe(true)
  })
  expect([slab.take(524_288).length, slab.take(524_289).length, slab.take(0).length]).toEqual([524_288, 524_289, 0])
})

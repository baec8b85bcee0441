import { expect, it } from 'vitest'
import { BodyStream } from './body-stream.js'

it('gives bytes that no other body has, also where a body is begun anew or outgrows its memory', () => {
  const stream = new BodyStream()
  const sizes = Array.from({ length: 300 }, (_, i) => [1, 7, 60_000, 262_144, 262_145, 700_000][i % 6]!)
  const bodies = sizes.map((size, i) => {
    stream.begin()
    if (i % 5 === 0) stream.append(100)
    if (i % 5 === 0) stream.begin()
    for (let left = size; left > 0; left -= 50_000) {
      const length = Math.min(left, 50_000)
      const at = stream.append(length)
      stream.bytes.fill(i, at, at + length)
    }
    return stream.finish(0)
  })
  expect(bodies.map(({ length }) => length)).toEqual(sizes)
  bodies.forEach((body, i) => {
    expect(body.every((byte) => byte === (i & 0xff))).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { BodyStream } from './body-stream.js'

function bodyOf(stream: BodyStream, size: number, byte: number): Uint8Array {
  stream.begin()
  for (let left = size; left > 0; left -= 50_000) {
    const length = Math.min(left, 50_000)
    const at = stream.append(length)
    stream.bytes.fill(byte, at, at + length)
  }
  return stream.finish(0)
}

/** Some are small, some larger than any before. */
function sizeOf(i: number): number {
  return [1, 7, 60_000, 262_144, 262_145, 700_000 + i][i % 6]!
}

function assertFilled(body: Uint8Array, byte: number): void {
  expect(Buffer.from(body).equals(Buffer.alloc(body.length, byte))).toBe(true)
}

describe('BodyStream', () => {
  it('gives bytes that no other body has, also where a body is begun anew or outgrows its memory', () => {
    const stream = new BodyStream()
    const bodies = Array.from({ length: 100 }, (_, i) => {
      stream.begin()
      stream.append(i % 5 === 0 ? 100 : 0)
      return bodyOf(stream, sizeOf(i), i)
    })
    bodies.forEach((body, i) => {
      expect(body.length).toBe(sizeOf(i))
      assertFilled(body, i)
    })
  })

  it('leaves bodies alone that were not given back, whatever else is given back and written', () => {
    const stream = new BodyStream()
    const held: [body: Uint8Array, byte: number][] = []
    for (let i = 0; i < 400; i++) {
      const body = bodyOf(stream, sizeOf(Math.imul(i, 7) + (i >> 3)), i & 0xff)
      if (i % 10 === 0) held.push([body, i & 0xff])
      else stream.giveBack(body)
    }
    for (const [body, byte] of held) assertFilled(body, byte)
  })

  it('uses memory again that was given back, once', () => {
    const stream = new BodyStream()
    const first = bodyOf(stream, 1000, 1)
    stream.giveBack(first)
    stream.giveBack(first)
    const second = bodyOf(stream, 1010, 2)
    const third = bodyOf(stream, 1010, 3)
    expect(second.buffer).toBe(first.buffer)
    expect(third.buffer).not.toBe(second.buffer)
    assertFilled(second, 2)
    stream.giveBack(first)
    stream.giveBack(new Uint8Array(10))
    assertFilled(bodyOf(stream, 1000, 4), 4)
    assertFilled(second, 2)
  })

  it('keeps no more memory than 4 MiB for bodies to come', () => {
    const stream = new BodyStream()
    const bodies = Array.from({ length: 15 }, (_, i) => bodyOf(stream, 400_000, i))
    for (const body of bodies) stream.giveBack(body)
    const known = new Set(bodies.map(({ buffer }) => buffer))
    const again = Array.from({ length: 15 }, (_, i) => bodyOf(stream, 400_000, i))
    // The first body outgrew its memory twice, and has twice what it needs.
    const kept = again.filter(({ buffer }) => known.has(buffer))
    expect(kept).toHaveLength(8)
    expect(kept.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)).toBeLessThanOrEqual(4 * 1024 * 1024)
  })

  it('makes memory of the size that is needed, but for an eighth', () => {
    const stream = new BodyStream()
    bodyOf(stream, 400_000, 1)
    expect(bodyOf(stream, 400_000, 2).buffer.byteLength).toBe(450_000)
    bodyOf(stream, 40_000, 3)
    expect(bodyOf(stream, 40_000, 4).buffer.byteLength).toBe(45_000)
    bodyOf(stream, 1, 5)
    expect(bodyOf(stream, 1, 6).buffer.byteLength).toBe(8192)
  })
})

import fc from 'fast-check'
import { compress as compressWithSnappyjs, uncompress } from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { assertBlock } from './assert-block.js'
import { compress } from './compress.js'

function assertRoundTrip(content: Uint8Array): void {
  const block = compress(content)
  expect(assertBlock(block, content.length).length).toBe(content.length)
  expect(Buffer.from(uncompress(block)).equals(content)).toBe(true)
}

/** Text as messages have it: parts that come back. */
const repetitive = fc
  .array(fc.constantFrom('http_requests_total', 'instance', '10.0.0.1:9100', '\0\0\0\0\0\0', '{job="x"}', '€', 'a'), { maxLength: 500 })
  .map((parts) => new TextEncoder().encode(parts.join('')))

/** A repeatable source of bytes that cannot be compressed. */
function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 16
  })
}

describe('compress()', () => {
  it('is undone by snappyjs', () => {
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), repetitive), assertRoundTrip))
  })

  const sizes = [0, 1, 14, 15, 16, 17, 59, 60, 61, 62, 255, 256, 257, 258, 65_535, 65_536, 65_537, 65_551, 131_072, 200_000]
  for (const size of sizes) {
    it(`takes ${size} bytes of noise, and as many zeros`, () => {
      assertRoundTrip(noise(size))
      assertRoundTrip(new Uint8Array(size))
    })
  }

  it('takes a view in the middle of its buffer', () => {
    const content = new TextEncoder().encode('abcdefgh'.repeat(100))
    const buffer = new Uint8Array(content.length + 7).fill(0x61)
    buffer.set(content, 3)
    const view = buffer.subarray(3, 3 + content.length)
    expect(compress(view)).toEqual(compress(content))
  })

  it('compresses as well as snappyjs', () => {
    const message = Array.from(noise(20_000), (byte, i) => `up{instance="host-${byte % 40}",job="node",i="${i}"} ${byte}\n`).join('')
    const content = new TextEncoder().encode(message)
    expect(compress(content).length).toBeLessThan(1.01 * compressWithSnappyjs(content).length)
  })

  it('gives blocks that stay as they are', () => {
    const first = compress(noise(1000))
    const copy = first.slice()
    compress(new Uint8Array(100_000))
    expect(first).toEqual(copy)
  })
})

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertBlock } from './assert-block.js'
import { snappyCodec } from './snappy-codec.js'

const limit = 32 * 1024 * 1024

function vector(name: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`testdata/${name}.snappy`, import.meta.url)))
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function bytesOf(...parts: readonly (number | string)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part, 'latin1'))))
}

/** The decompressor of the format's description, byte by byte: the plain twin of what is tested. */
function decompressPlainly(block: Uint8Array): Uint8Array | undefined {
  let length = 0
  let at = 0
  for (let shift = 0; ; shift += 7) {
    const byte = block[at++]
    if (byte === undefined || shift > 28) return undefined
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  if (length > limit) return undefined
  const output: number[] = []
  const integer = (bytes: number): number => {
    let value = 0
    for (let i = 0; i < bytes; i++) value += (block[at + i] ?? Number.NaN) * 2 ** (8 * i)
    at += bytes
    return value
  }
  while (at < block.length) {
    const tag = block[at++]!
    if ((tag & 3) === 0) {
      const size = (tag >>> 2 < 60 ? tag >>> 2 : integer((tag >>> 2) - 59)) + 1
      if (!(at + size <= block.length)) return undefined
      for (let i = 0; i < size; i++) output.push(block[at++]!)
    } else {
      const size = (tag & 3) === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const offset = (tag & 3) === 1 ? (tag >>> 5) * 256 + integer(1) : integer((tag & 3) === 2 ? 2 : 4)
      if (!(offset >= 1 && offset <= output.length)) return undefined
      for (let i = 0; i < size; i++) output.push(output[output.length - offset]!)
    }
    if (output.length > length) return undefined
  }
  return output.length === length ? Uint8Array.from(output) : undefined
}

describe('snappyCodec.decompress()', () => {
  const valid: readonly [name: string, block: Uint8Array, content: string][] = [
    ['nothing', vector('empty'), ''],
    ['a copy that overlaps itself', vector('overlap_copy'), 'aaaaaaaaaa'],
    ['a literal', bytesOf(3, 0x08, 'abc'), 'abc'],
    ['a declared length in more bytes than it needs', bytesOf(0x83, 0x00, 0x08, 'abc'), 'abc'],
    ['a literal whose length has one byte', bytesOf(61, 60 << 2, 60, 'x'.repeat(61)), 'x'.repeat(61)],
    ['a literal whose length has four bytes', bytesOf(3, 63 << 2, 2, 0, 0, 0, 'abc'), 'abc'],
    ['a short literal at the end whose length has a byte that it does not need', bytesOf(1, 60 << 2, 0, 'a'), 'a'],
    ['two bytes with a needless length at the end', bytesOf(2, 60 << 2, 1, 'ab'), 'ab'],
    ['one byte with a needless length of two bytes', bytesOf(1, 61 << 2, 0, 0, 'a'), 'a'],
    ['a copy with an offset of four bytes', bytesOf(6, 0x08, 'abc', (2 << 2) | 3, 3, 0, 0, 0), 'abcabc'],
    ['a copy with an offset of two bytes', bytesOf(4, 0x00, 'a', (2 << 2) | 2, 1, 0), 'aaaa'],
  ]
  for (const [name, block, content] of valid) {
    it(`takes ${name}`, () => expect(text(snappyCodec.decompress(block, limit))).toBe(content))
  }

  const invalid: readonly [name: string, block: Uint8Array, message: string][] = [
    ['no bytes', bytesOf(), 'snappy: offset 0: the block ends in its declared length'],
    ['a declared length that ends early', vector('truncated_varint'), 'snappy: offset 1: the block ends in its declared length'],
    ['a copy from before the beginning', vector('bad_offset'), 'snappy: offset 3: copy with offset 5 after 1 bytes'],
    ['a copy with offset 0', bytesOf(5, 0x00, 'a', 1, 0), 'snappy: offset 3: copy with offset 0 after 1 bytes'],
    [
      'a declared length of six bytes',
      bytesOf(0x80, 0x80, 0x80, 0x80, 0x80, 0x00),
      'snappy: offset 0: the declared length is not a varint of 32 bits',
    ],
    [
      'a declared length of 2^32',
      bytesOf(0x80, 0x80, 0x80, 0x80, 0x10),
      'snappy: offset 0: the declared length is not a varint of 32 bits',
    ],
    [
      'a declared length of 1 GiB',
      bytesOf(0x80, 0x80, 0x80, 0x80, 0x04, 0x00, 'a'),
      'snappy: declared length 1073741824 is above the limit of 33554432 bytes',
    ],
    ['less content than declared', bytesOf(10, 0x00, 'a'), 'snappy: offset 3: 1 bytes of content where 10 were declared'],
    ['more content than declared', bytesOf(1, 59 << 2, 'x'.repeat(60)), 'snappy: offset 1: more content than the declared 1 bytes'],
    ['content where none is declared', bytesOf(0, 0x00, 'a'), 'snappy: offset 1: more content than the declared 0 bytes'],
    ['bytes after the content', bytesOf(1, 0x00, 'a', 0x00), 'snappy: offset 3: the block ends in the middle of an element'],
    ['a literal that ends early', bytesOf(3, 0x08, 'ab'), 'snappy: offset 1: the block ends in the middle of an element'],
    ['a literal whose length ends early', bytesOf(3, 61 << 2, 2), 'snappy: offset 1: the block ends in the middle of an element'],
    ['a copy that ends early', bytesOf(5, 0x00, 'a', 1), 'snappy: offset 3: the block ends in the middle of an element'],
    ['the framed format', bytesOf(0xff, 0x06, 0x00, 0x00, 'sNaPpY'), 'snappy: offset 4: copy with offset 1884315982 after 1 bytes'],
  ]
  for (const [name, block, message] of invalid) {
    it(`refuses ${name}`, () => expect(() => snappyCodec.decompress(block, limit)).toThrow(message))
  }

  it('allocates nothing for a length above the limit', () => {
    expect(() => assertBlock(bytesOf(0x81, 0x80, 0x80, 0x10), limit)).toThrow(
      'declared length 33554433 is above the limit of 33554432 bytes',
    )
    expect(assertBlock(bytesOf(0x03, 0x08, 'abc'), 3).length).toBe(3)
  })

  it('gives back what was compressed', () => {
    const repetitive = fc.array(fc.constantFrom('http_requests_total', 'a', '\0\0\0\0', '{job="x"}', '€'), { maxLength: 400 })
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 5000 }),
      repetitive.map((parts) => new TextEncoder().encode(parts.join(''))),
    )
    fc.assert(
      fc.property(contents, (content) => {
        const block = snappyCodec.compress(content)
        expect(Buffer.from(snappyCodec.decompress(block, limit)).equals(content)).toBe(true)
      }),
    )
  })

  it('agrees with the plain decompressor on damaged blocks', () => {
    const damaged = fc
      .tuple(
        fc.array(fc.constantFrom('abcabcabc', 'xyz', '\0', 'http_requests_total'), { maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.nat(),
      )
      .map(([parts, edits, cut]) => {
        const block = Uint8Array.from(snappyCodec.compress(new TextEncoder().encode(parts.join(''))))
        for (const [at, byte] of edits) block[at % block.length] = byte
        return cut % 3 === 0 ? block.subarray(0, cut % (block.length + 1)) : block
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 20 })), (block) => {
        const expected = decompressPlainly(block)
        if (expected === undefined) expect(() => snappyCodec.decompress(block, limit)).toThrow(/^snappy: /)
        else expect(text(snappyCodec.decompress(block, limit))).toBe(text(expected))
      }),
      { numRuns: 2000 },
    )
  })
})

import fc from 'fast-check'
import { uncompress } from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { assertBlock } from '../../snappy/assert-block.js'
import { HoleCompressor } from './hole-compressor.js'
import type { HoledMessage } from './holed-message.js'

/** What a place needs: 8 bytes of a value, a tag, 6 bytes of a timestamp. */
const holeBytes = 15

/** Bytes around holes: from a small alphabet, so that much comes back, also next to holes and with their bytes. */
const gap = fc.oneof(
  fc.array(fc.constantFrom(0, 1, 9, 16, 97), { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
  fc.constantFrom('instance', 'host-1', 'host-2', '__name__').map((text) => new TextEncoder().encode(text)),
)

function messageOf(gaps: readonly Uint8Array[]): HoledMessage {
  const valuePlaces: number[] = []
  let length = 0
  for (const bytes of gaps) {
    valuePlaces.push(length + bytes.length)
    length += bytes.length + holeBytes
  }
  const bytes = new Uint8Array(length).fill(16)
  gaps.forEach((one, i) => {
    bytes.set(one, valuePlaces[i]! - one.length)
  })
  return { bytes, valuePlaces: Int32Array.from(valuePlaces) }
}

/** Fills holes of a message, or of its elements. */
function fill(
  bytes: Uint8Array,
  places: { readonly values: Int32Array; readonly timestamps: readonly (readonly [place: number, byte: number])[] },
  numbers: { readonly values: readonly Uint8Array[]; readonly timestamp: Uint8Array },
): void {
  places.values.forEach((place, i) => {
    bytes.set(numbers.values[i]!, place)
  })
  for (const [place, byte] of places.timestamps) bytes[place] = numbers.timestamp[byte]!
}

/** The message with these numbers, by way of the elements. */
function decompressed(message: HoledMessage, numbers: Parameters<typeof fill>[2]): Buffer {
  const holed = new HoleCompressor().compress(message)
  const timestamps = Array.from(holed.timestampPlaces, (place, i) => [place, holed.timestampBytes[i]!] as const)
  const elements = holed.elements.slice()
  fill(elements, { values: holed.valuePlaces, timestamps }, numbers)
  const block = Buffer.concat([varint(message.bytes.length), elements])
  assertBlock(block, message.bytes.length)
  return Buffer.from(uncompress(block))
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.from([...bytes, left])
    bytes.push((left % 128) | 128)
  }
}

function expected(message: HoledMessage, numbers: Parameters<typeof fill>[2]): Buffer {
  const bytes = Buffer.from(message.bytes)
  const timestamps = Array.from(message.valuePlaces, (place) => [0, 1, 2, 3, 4, 5].map((k) => [place + 9 + k, k] as const)).flat()
  fill(bytes, { values: message.valuePlaces, timestamps }, numbers)
  return bytes
}

describe('HoleCompressor', () => {
  it('gives elements that are the message whatever is filled in', () => {
    const value = fc.uint8Array({ minLength: 8, maxLength: 8 })
    const timestamp = fc.uint8Array({ minLength: 6, maxLength: 6 })
    const cases = fc
      .array(gap, { maxLength: 60 })
      .chain((gaps) =>
        fc.tuple(fc.constant(messageOf(gaps)), fc.array(value, { minLength: gaps.length, maxLength: gaps.length }), timestamp),
      )
    fc.assert(
      fc.property(cases, ([message, values, time]) => {
        const numbers = { values, timestamp: time }
        expect(decompressed(message, numbers).equals(expected(message, numbers))).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  const large: readonly [name: string, gaps: readonly Uint8Array[]][] = [
    ['nothing but holes, more than value symbols', Array.from({ length: 20_000 }, () => new Uint8Array(0))],
    ['gaps larger than the window', [1, 2, 3].map((byte) => new Uint8Array(70_000).fill(byte))],
    ['a gap of noise larger than a literal', [Uint8Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24)]],
    ['the same gap at distances around the window', Array.from({ length: 9 }, (_, i) => new Uint8Array(16_370 + i).fill(65 + (i % 3)))],
  ]
  for (const [name, gaps] of large) {
    it(`takes ${name}`, () => {
      const message = messageOf(gaps)
      const numbers = { values: gaps.map((_, i) => new Uint8Array(8).fill(i)), timestamp: Uint8Array.of(1, 2, 3, 4, 5, 6) }
      expect(decompressed(message, numbers).equals(expected(message, numbers))).toBe(true)
    })
  }

  it('keeps nothing of one message for the next', () => {
    const compressor = new HoleCompressor()
    const messages = [['a', 'b'], ['instance'], []].map((texts) =>
      messageOf(texts.map((text) => new TextEncoder().encode(text.repeat(50)))),
    )
    for (const message of messages) expect(compressor.compress(message)).toEqual(new HoleCompressor().compress(message))
  })
})

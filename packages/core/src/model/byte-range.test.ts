import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteRange, compareRanges, copyRange, equalRanges, hashRange, rangeIsAt, rangeOf } from './byte-range.js'
import { viewOf } from './bytes.js'

/** The bytes with others around them, so that what is beside a range must not count. */
function embed(bytes: Uint8Array, before: Uint8Array, after: Uint8Array): ByteRange {
  const all = new Uint8Array([...before, ...bytes, ...after])
  return { bytes: all, view: viewOf(all), start: before.length, end: before.length + bytes.length }
}

const around = fc.uint8Array({ maxLength: 9 })
/** Few different bytes, so that ranges are often equal or differ only late. */
const content = fc.array(fc.constantFrom(0, 1, 0x61, 0x80, 0xff), { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes))
const embedded = fc.tuple(content, around, around).map(([bytes, before, after]) => ({ bytes, range: embed(bytes, before, after) }))

describe('a range of bytes', () => {
  it('is compared by its bytes alone', () => {
    fc.assert(
      fc.property(embedded, embedded, (a, b) => {
        expect(Math.sign(compareRanges(a.range, b.range))).toBe(Buffer.compare(a.bytes, b.bytes))
        expect(equalRanges(a.range, b.range)).toBe(Buffer.compare(a.bytes, b.bytes) === 0)
      }),
    )
  })

  it('equals and hashes as the same bytes elsewhere', () => {
    fc.assert(
      fc.property(content, around, around, (bytes, before, after) => {
        const a = embed(bytes, before, after)
        const b = embed(bytes, after, before)
        expect(equalRanges(a, b)).toBe(true)
        expect(rangeIsAt(b.view, b.start, a)).toBe(true)
        expect(hashRange(a.view, a.start, a.end)).toBe(hashRange(b.view, b.start, b.end))
      }),
    )
  })

  it('is copied, and nothing beside it', () => {
    fc.assert(
      fc.property(embedded, around, around, ({ bytes, range }, before, after) => {
        const copy = embed(new Uint8Array(bytes.length).fill(0x7f), before, after)
        expect(copyRange(range, copy.view, copy.start)).toBe(copy.end)
        expect(copy.bytes).toEqual(embed(bytes, before, after).bytes)
      }),
    )
  })

  it('differs, and hashes otherwise, where any one of its bytes does', () => {
    for (let length = 1; length <= 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i)
      const range = embed(bytes, new Uint8Array(3), new Uint8Array(3))
      const hashes = new Set([hashRange(range.view, range.start, range.end)])
      for (let i = 0; i < length; i++) {
        const other = embed(bytes.with(i, 0x80 | i), new Uint8Array(5), new Uint8Array(1))
        expect(equalRanges(range, other), `byte ${i} of ${length}`).toBe(false)
        hashes.add(hashRange(other.view, other.start, other.end))
      }
      expect(hashes.size, `${length} bytes`).toBe(length + 1)
    }
  })

  it('spreads what counts up over the low bits of its hash, which choose the slot of a table', () => {
    const slots = new Set<number>()
    for (let i = 0; i < 4096; i++) {
      const { view, start, end } = rangeOf(`container_cpu_usage_seconds_total{pod="web-${i}"}`)
      slots.add(hashRange(view, start, end) & 4095)
    }
    // Of 4,096 at random places, 63 % of the places are taken.
    expect(slots.size).toBeGreaterThan(0.6 * 4096)
  })

  it('is of a text in UTF-8', () => {
    expect(rangeOf('aé')).toEqual({ bytes: Uint8Array.of(0x61, 0xc3, 0xa9), view: expect.any(DataView), start: 0, end: 3 })
  })
})

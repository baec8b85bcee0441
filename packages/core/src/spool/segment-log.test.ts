import { describe, expect, it } from 'vitest'
import { Segment } from './segment.js'
import { decodeSegmentHeader, encodeSegmentHeader, firstSeqOf, segmentName } from './segment-format.js'
import { SegmentLog } from './segment-log.js'

/** A segment of batches of 10 bytes after a header of 32. */
function segmentOf(firstSeq: number, seqs: readonly number[]): Segment {
  const segment = new Segment(firstSeq, 32)
  for (const seq of seqs) segment.add(seq, { start: segment.size, end: segment.size + 10 })
  return segment
}

describe('names and headers', () => {
  it.each([
    [1, '0000000000000001.seg'],
    [0xabc, '0000000000000abc.seg'],
    [Number.MAX_SAFE_INTEGER, '001fffffffffffff.seg'],
  ])('%d is %s', (seq, name) => {
    expect(segmentName(seq)).toBe(name)
    expect(firstSeqOf(name)).toBe(seq)
    expect(decodeSegmentHeader(encodeSegmentHeader({ firstSeq: seq, createdMs: 5 }))).toEqual({ version: 1, firstSeq: seq, createdMs: 5 })
  })

  it.each(['1.seg', '0000000000000001.seg.new', '0000000000000001.seg.bad', '000000000000000G.seg', '0020000000000000.seg', 'lock'])(
    '%s is no segment',
    (name) => {
      expect(firstSeqOf(name)).toBeUndefined()
    },
  )
})

describe('a segment', () => {
  it('knows where its batches are, and which are missing', () => {
    const segment = segmentOf(5, [5, 6, 9])
    expect([4, 5, 6, 7, 8, 9, 10].map((seq) => segment.holds(seq))).toEqual([false, true, true, false, false, true, false])
    expect([5, 6, 7, 8, 9, 10].map((seq) => segment.startOf(seq))).toEqual([32, 42, 52, 52, 52, 62])
    expect([segment.lastSeq, segment.size]).toEqual([9, 62])
    segment.truncate(7)
    expect([segment.lastSeq, segment.size]).toEqual([6, 52])
    segment.truncate(5)
    expect([segment.lastSeq, segment.size]).toEqual([4, 32])
  })

  it('grows', () => {
    const segment = segmentOf(
      1,
      Array.from({ length: 1000 }, (_, i) => i + 1),
    )
    expect(segment.startOf(1000)).toBe(32 + 999 * 10)
  })
})

describe('the log', () => {
  const log = new SegmentLog([segmentOf(1, [1, 2, 3]), segmentOf(4, []), segmentOf(6, [6, 7])], 7)

  it.each([
    [0, 1],
    [1, 1],
    [3, 3],
    [4, 6],
    [5, 6],
    [7, 7],
    [8, undefined],
  ])('nextHeld(%d) is %s', (seq, held) => {
    expect(log.nextHeld(seq)).toBe(held)
  })

  it.each([
    [0, 50],
    [1, 40],
    [3, 20],
    [5, 20],
    [6, 10],
    [7, 0],
    [100, 0],
  ])('bytesAfter(%d) is %d', (seq, bytes) => {
    expect(log.bytesAfter(seq)).toBe(bytes)
  })

  it('shows nothing beyond its head', () => {
    const growing = new SegmentLog([segmentOf(1, [1, 2])], 1)
    expect(growing.nextHeld(2)).toBeUndefined()
    growing.advance(2)
    expect(growing.nextHeld(2)).toBe(2)
  })

  it('gives a replacement precedence over what it replaces', () => {
    const replaced = new SegmentLog([segmentOf(1, [1, 2, 3, 4]), segmentOf(5, [5])], 5)
    const replacement = segmentOf(3, [3, 4])
    replaced.insert(replacement)
    expect(replaced.segments.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [1, 2],
      [3, 4],
      [5, 5],
    ])
    expect(replaced.segmentOf(3)).toBe(replacement)
    const same = segmentOf(3, [3, 4])
    replaced.insert(same)
    expect(replaced.segmentOf(4)).toBe(same)
    replaced.remove(same)
    expect(replaced.nextHeld(3)).toBe(5)
  })

  it('begins after its head where it holds nothing', () => {
    expect(new SegmentLog([], 41).firstSeq).toBe(42)
  })
})

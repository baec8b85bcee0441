import { describe, expect, it } from 'vitest'
import { SkippedBatches } from './skipped-batches.js'

function skipped(...numbers: readonly number[]): SkippedBatches {
  const batches = new SkippedBatches()
  for (const seq of numbers) batches.push({ seq, bytes: seq * 10, appendedMs: seq * 100 })
  return batches
}

function seqsOf(batches: SkippedBatches): number[] {
  const seqs: number[] = []
  for (let { first } = batches; first !== undefined; { first } = batches) {
    seqs.push(first.seq)
    batches.strikeUpTo(first.seq)
  }
  return seqs
}

describe('SkippedBatches', () => {
  it('gives the first, with what is known of it', () => {
    expect(skipped().first).toBeUndefined()
    expect(skipped(3, 5).first).toEqual({ seq: 3, bytes: 30, appendedMs: 300 })
  })

  it.each([
    ['the first', 3, true, [5, 9]],
    ['one in the middle', 5, true, [3, 9]],
    ['the last', 9, true, [3, 5]],
    ['none before them', 1, false, [3, 5, 9]],
    ['none between them', 4, false, [3, 5, 9]],
    ['none behind them', 10, false, [3, 5, 9]],
  ] as const)('strikes %s', (_, seq, struck, left) => {
    const batches = skipped(3, 5, 9)
    expect(batches.strike(seq)).toBe(struck)
    expect(seqsOf(batches)).toEqual(left)
  })

  it('keeps the rest in order where many are struck', () => {
    const batches = skipped(...Array.from({ length: 5_000 }, (_, i) => i + 1))
    batches.strikeUpTo(3_000)
    expect(batches.strike(3_000)).toBe(false)
    expect(seqsOf(batches)).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 3_001))
  })
})

import { describe, expect, it } from 'vitest'
import { type Columns, zeroCounts } from '../model/batch.js'
import { LiveTail } from './live-tail.js'
import { MemoryLog } from './memory-log.js'
import type { SpooledBatch } from './spool.js'
import { batchNumber, listOf, samplesOfList, someOrigin } from './testdata/batches.js'
import { goldenBatches } from './testdata/golden-batches.js'

function spooled(seq: number, bytes = 10): SpooledBatch {
  return { seq, batch: batchNumber(seq), counts: zeroCounts, bytes, appendedMs: 0 }
}

/** What a batch of three samples takes in memory. */
const smallBytes = 512 + 256 + 24

/** The numbers of what a tail holds. */
function heldBy(tail: LiveTail, upTo: number): number[] {
  return Array.from({ length: upTo }, (_, i) => i + 1).filter((seq) => tail.get(seq) !== undefined)
}

describe('the live tail', () => {
  it('holds the last ones, up to its bytes, and the last one in any case', () => {
    const tail = new LiveTail({ maxBytes: 3.5 * smallBytes, readSeq: () => 0 })
    expect(tail.get(1)).toBeUndefined()
    for (let seq = 5; seq <= 100; seq++) tail.push(spooled(seq))
    expect([96, 97, 98, 99, 100, 101].map((seq) => tail.get(seq)?.seq)).toEqual([undefined, undefined, 98, 99, 100, undefined])
    expect(tail.bytes).toBe(3 * smallBytes)
    const large = batchNumber(101, { columns: [samplesOfList(listOf('large', 1000), 1)] })
    tail.push({ ...spooled(101), batch: large })
    expect(heldBy(tail, 101)).toEqual([101])
    tail.push(spooled(102))
    expect(heldBy(tail, 102)).toEqual([102])
    expect(tail.bytes).toBe(smallBytes)
  })

  it('lets go of what all have read but a mebibyte', () => {
    let readSeq = 0
    const tail = new LiveTail({ maxBytes: 16 * 1024 * 1024, readSeq: () => readSeq })
    const series = listOf('one', 1)
    // Two of them fit into a mebibyte.
    const large = (seq: number): SpooledBatch => ({
      ...spooled(seq),
      batch: { origin: someOrigin, columns: [{ kind: 'samples', series, values: new Float64Array(60_000), timestampMs: 1 }] },
    })
    for (let seq = 1; seq <= 8; seq++) tail.push(large(seq))
    expect(heldBy(tail, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    readSeq = 7
    tail.push(large(9))
    expect(heldBy(tail, 9)).toEqual([8, 9])
    readSeq = 9
    tail.push(large(10))
    expect(heldBy(tail, 10)).toEqual([9, 10])
  })

  it('counts all of a buffer, once, as long as somebody looks at a part of it', () => {
    const tail = new LiveTail({ maxBytes: 3000, readSeq: () => 0 })
    const shared = new Float64Array(100)
    const list = listOf('one', 1)
    const viewing = (seq: number): SpooledBatch => {
      const columns = { kind: 'samples' as const, series: list, values: shared.subarray(seq, seq + 1), timestampMs: 1 }
      return { ...spooled(seq), batch: { origin: someOrigin, columns: [columns, columns] } }
    }
    tail.push(viewing(1))
    tail.push(viewing(2))
    expect(tail.bytes).toBe(2 * (512 + 2 * 256) + 800)
    tail.push(viewing(3))
    expect(heldBy(tail, 3)).toEqual([2, 3])
    tail.push(spooled(4))
    tail.push(spooled(5))
    tail.push(spooled(6))
    expect(tail.bytes).toBe(3 * smallBytes)
  })

  it('counts what histograms and exemplars take', () => {
    const bytesOf = (columns: Columns): number => {
      const tail = new LiveTail({ maxBytes: 0, readSeq: () => 0 })
      tail.push({ ...spooled(1), batch: { origin: someOrigin, columns: [columns] } })
      return tail.bytes
    }
    for (const columns of goldenBatches.flatMap((batch) => batch.columns)) {
      if (columns.kind === 'histograms') expect(bytesOf(columns)).toBeGreaterThan(1000 * columns.histograms.length)
      if (columns.kind === 'exemplars') expect(bytesOf(columns)).toBe(512 + 256 + 256 * columns.exemplars.length)
    }
  })
})

describe('the log in memory', () => {
  it('holds what is not released', () => {
    const log = new MemoryLog()
    expect([log.head, log.firstSeq, log.bytes]).toEqual([0, 1, 0])
    for (let seq = 1; seq <= 100; seq++) log.push(spooled(seq, seq))
    log.release(0)
    log.release(90)
    log.release(80)
    expect([log.head, log.firstSeq]).toEqual([100, 91])
    expect([90, 91, 100, 101].map((seq) => log.get(seq)?.seq)).toEqual([undefined, 91, 100, undefined])
    expect([0, 90, 98, 100, 101].map((seq) => log.bytesAfter(seq))).toEqual([955, 955, 199, 0, 0])
    log.release(200)
    expect([log.head, log.firstSeq, log.bytes]).toEqual([100, 101, 0])
    log.push(spooled(101))
    expect(log.get(101)?.seq).toBe(101)
  })
})

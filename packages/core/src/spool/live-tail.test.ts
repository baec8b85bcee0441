import { describe, expect, it } from 'vitest'
import { zeroCounts } from '../model/batch.js'
import { LiveTail } from './live-tail.js'
import { MemoryLog } from './memory-log.js'
import type { SpooledBatch } from './spool.js'
import { batchNumber } from './testdata/batches.js'

function spooled(seq: number, bytes = 10): SpooledBatch {
  return { seq, batch: batchNumber(seq), counts: zeroCounts, bytes, appendedMs: 0 }
}

describe('the live tail', () => {
  it('holds the last ones, up to its bytes, and the last one in any case', () => {
    const tail = new LiveTail(35)
    expect(tail.get(1)).toBeUndefined()
    for (let seq = 5; seq <= 100; seq++) tail.push(spooled(seq))
    expect([96, 97, 98, 99, 100, 101].map((seq) => tail.get(seq)?.seq)).toEqual([undefined, undefined, 98, 99, 100, undefined])
    tail.push(spooled(101, 1000))
    expect([100, 101].map((seq) => tail.get(seq)?.seq)).toEqual([undefined, 101])
    tail.push(spooled(102))
    expect([101, 102].map((seq) => tail.get(seq)?.seq)).toEqual([undefined, 102])
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

import { describe, expect, it } from 'vitest'
import type { Batch } from '../model/batch.js'
import { createSeriesList } from '../model/series-list.js'
import type { Spool } from './spool.js'
import { batchNumber, describeBatch, listOf, readToHead, samplesOfList, seriesOf, someOrigin } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { ManualClock } from './testdata/manual-clock.js'
import { openCursor, openSpool, range, readNumbers, settle, stateOf } from './testdata/spools.js'

const segment = '0000000000000001.seg'

/** A batch that takes some thirty records of 1 KiB, and says which one it is. */
function largeNumber(id: number, options: { rows?: number } = {}): Batch {
  const { rows = 20 } = options
  return batchNumber(id, { columns: range(1, 20).map((i) => samplesOfList(listOf(`family_${i}_of_${id}`, rows), id)) })
}

async function reopen(disk: FakeDisk): Promise<{ numbers: number[]; tornBytes: number }> {
  const spool = await openSpool(disk)
  const numbers = await readNumbers(spool, await openCursor(spool))
  const { tornBytes } = spool.status()
  await spool.close()
  return { numbers, tornBytes }
}

/** How many writes a large batch takes after a small one. */
async function countWrites(disk: FakeDisk, spool: Spool): Promise<number> {
  await spool.append(batchNumber(1))
  let writes = 0
  disk.options = {
    fail: (operation) => {
      if (operation === 'write') writes++
      return undefined
    },
  }
  await spool.append(largeNumber(2))
  return writes
}

describe('a batch of many records', () => {
  it.each([true, false])('comes out as it went in, between others, in the order of the calls (writes at once: %s)', async (atOnce) => {
    const disk = new FakeDisk()
    disk.writesAtOnce = atOnce
    const spool = await openSpool(disk, { maxRecordBytes: 1024, tailBytes: 0 })
    const batches = [batchNumber(1), largeNumber(2), batchNumber(3), largeNumber(4), largeNumber(2), batchNumber(5)]
    const results = await Promise.all(batches.map((batch) => spool.append(batch)))
    expect(results.map(({ seq }) => seq)).toEqual(range(1, 6))
    const read = await readToHead(spool, await openCursor(spool))
    expect(read.map(({ batch }) => describeBatch(batch))).toEqual(batches.map(describeBatch))
    expect(read.reduce((sum, { bytes }) => sum + bytes, 32)).toBe(disk.contentOf(segment).length)
    await spool.close()
    expect(await reopen(disk)).toEqual({ numbers: [1, 2, 3, 4, 2, 5], tornBytes: 0 })
  })

  it('is written in pieces, and in the file nothing counts before its last record', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxRecordBytes: 1024 })
    await spool.append(batchNumber(1))
    const { length } = disk.contentOf(segment)
    let writes = 0
    disk.options = {
      fail: (operation) => {
        if (operation === 'write' && ++writes === 12) expect(disk.contentOf(segment).length).toBeGreaterThan(length + 10_000)
        return undefined
      },
    }
    disk.dieAfter(12)
    const append = spool.append(largeNumber(2)).catch(() => {})
    await settle()
    await append
    disk.kill()
    disk.options = {}
    const { numbers, tornBytes } = await reopen(disk)
    expect(numbers).toEqual([1])
    expect(tornBytes).toBeGreaterThan(10_000)
  })

  it.each([0, 0.1, 0.5, 1])('leaves nothing where the disk refuses a write of it (after %d of them)', async (share) => {
    const trial = new FakeDisk()
    const all = await countWrites(trial, await openSpool(trial, { maxRecordBytes: 1024 }))
    expect(all).toBeGreaterThan(15)

    const disk = new FakeDisk()
    const clock = new ManualClock()
    const spool = await openSpool(disk, { maxRecordBytes: 1024, clock })
    await spool.append(batchNumber(1))
    const before = disk.contentOf(segment)
    let left = Math.floor(share * (all - 1))
    disk.options = { fail: (operation) => (operation === 'write' && left-- === 0 ? 'EIO' : undefined) }
    const large = largeNumber(2)
    await expect(spool.append(large)).rejects.toMatchObject({ code: 'spool-io', message: 'spool /spool: EIO: write' })
    expect(disk.contentOf(segment).equals(before)).toBe(true)
    expect(spool.status().head).toBe(1)
    clock.advance(1000)
    expect(await spool.append(large)).toEqual({ seq: 2, status: 'spooled' })
    await spool.close()
    expect((await reopen(disk)).numbers).toEqual([1, 2])
  })

  it('leaves nothing where its last columns cannot be encoded', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxRecordBytes: 1024 })
    await spool.append(batchNumber(1))
    const before = disk.contentOf(segment)
    const large = largeNumber(2)
    const broken = { ...large, columns: [...large.columns, { ...samplesOfList(listOf('broken', 3), 1), values: new Float64Array(2) }] }
    const results = await Promise.allSettled([spool.append(broken), spool.append(batchNumber(3))])
    expect(results[0]).toMatchObject({ reason: { code: 'encode', message: 'columns with 2 values where 3 belong' } })
    expect(disk.contentOf(segment).length).toBeLessThan(2 * before.length)
    await spool.append(large)
    await spool.close()
    expect((await reopen(disk)).numbers).toEqual([1, 3, 2])
  })

  it('is not taken where it is given up while it is written', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxRecordBytes: 1024 })
    await spool.append(batchNumber(1))
    const before = disk.contentOf(segment)
    const stop = new AbortController()
    let writes = 0
    disk.options = {
      fail: (operation) => {
        if (operation === 'write' && ++writes === 5) stop.abort(new Error('enough'))
        return undefined
      },
    }
    await expect(spool.append(largeNumber(2), { signal: stop.signal })).rejects.toThrow('enough')
    await settle()
    expect(disk.contentOf(segment).equals(before)).toBe(true)
    expect(await spool.append(batchNumber(3))).toEqual({ seq: 2, status: 'spooled' })
    await spool.close()
    expect((await reopen(disk)).numbers).toEqual([1, 3])
  })

  it('waits at the cap until there is room, and those after it with it', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxRecordBytes: 1024, maxBytes: 30_000 })
    const cursor = await openCursor(spool)
    await spool.append(largeNumber(1))
    const waiting = [largeNumber(2), batchNumber(3)].map((batch) => spool.append(batch))
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['pending', 'pending'])
    expect(disk.contentOf(segment).length).toBe(32 + cursor.backlogBytes)
    cursor.acknowledge(0, 1)
    expect((await Promise.all(waiting)).map(({ seq }) => seq)).toEqual([2, 3])
    await expect(spool.append(largeNumber(4, { rows: 200 }))).rejects.toMatchObject({ code: 'spool-full' })
    await spool.append(batchNumber(5))
    expect(await readNumbers(spool, cursor)).toEqual([2, 3, 5])
    await spool.close()
    expect(await reopen(disk)).toEqual({ numbers: [2, 3, 5], tornBytes: 0 })
  })
})

it('writes series again whose list never came to the disk', async () => {
  const disk = new FakeDisk()
  const clock = new ManualClock()
  const spool = await openSpool(disk, { clock })
  const rows = range(1, 9).map((i) => seriesOf('rehomed', { i: String(i) }))
  const first = { origin: someOrigin, columns: [samplesOfList(createSeriesList(rows), 1)] }
  const second = { origin: someOrigin, columns: [samplesOfList(createSeriesList(rows.slice(2)), 2)] }
  await spool.append(first)
  let failures = 1
  disk.options = { fail: (operation) => (operation === 'write' && failures-- > 0 ? 'EIO' : undefined) }
  await expect(spool.append(second)).rejects.toMatchObject({ code: 'spool-io' })
  clock.advance(1000)
  await spool.append(second)
  await spool.append(first)
  await spool.close()
  const again = await openSpool(disk)
  const read = await readToHead(again, await openCursor(again))
  expect(read.map(({ batch }) => describeBatch(batch))).toEqual([first, second, first].map(describeBatch))
  await again.close()
})

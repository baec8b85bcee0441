import { describe, expect, it } from 'vitest'
import { batchNumber } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { appendNumbers, openCursor, openSpool, range, readNumbers } from './testdata/spools.js'

const first = '0000000000000001.seg'

async function writeLog(count: number): Promise<FakeDisk> {
  const disk = new FakeDisk()
  const spool = await openSpool(disk)
  await openCursor(spool)
  await appendNumbers(spool, 1, count)
  await spool.close()
  return disk
}

async function open(disk: FakeDisk): Promise<{ ids: number[]; damaged: number; torn: number }> {
  const spool = await openSpool(disk)
  const ids = await readNumbers(spool, await openCursor(spool))
  const { damagedRecords: damaged, tornBytes: torn } = spool.status()
  await spool.close()
  return { ids, damaged, torn }
}

describe('the end of the log', () => {
  it('that was written whole and is damaged is kept as a copy, and counted as damage', async () => {
    const disk = await writeLog(6)
    const whole = disk.contentOf(first)
    const damaged = Buffer.from(whole)
    damaged[whole.length - 3]! ^= 1
    disk.put(first, damaged)
    expect(await open(disk)).toEqual({ ids: range(1, 5), damaged: 1, torn: 0 })
    const copy = disk.contentOf('0000000000000006.seg.bad')
    expect(copy).toEqual(damaged.subarray(damaged.length - copy.length))
    expect(disk.contentOf(first)).toEqual(whole.subarray(0, whole.length - copy.length))
    // The next start has nothing to tell of.
    expect(await open(disk)).toEqual({ ids: range(1, 5), damaged: 0, torn: 0 })
    const spool = await openSpool(disk)
    expect(await spool.append(batchNumber(7))).toEqual({ seq: 6, status: 'spooled' })
    await spool.close()
  })

  it('that is all of a segment is put aside with it', async () => {
    const disk = await writeLog(1)
    const damaged = disk.contentOf(first)
    damaged[damaged.length - 3]! ^= 1
    disk.put(first, damaged)
    expect(await open(disk)).toMatchObject({ ids: [], torn: 0 })
    expect(disk.contentOf(`${first}.bad`)).toEqual(damaged)
  })

  it('that cannot be copied stays where it is', async () => {
    const disk = await writeLog(6)
    const damaged = disk.contentOf(first)
    damaged[damaged.length - 3]! ^= 1
    disk.put(first, damaged)
    disk.options = { fail: (operation, name) => (operation === 'write' && name.endsWith('.bad') ? 'ENOSPC' : undefined) }
    expect(await open(disk)).toMatchObject({ ids: range(1, 5), damaged: 1, torn: 0 })
    expect(disk.contentOf(first)).toEqual(damaged)
    disk.options = {}
    const spool = await openSpool(disk)
    await spool.append(batchNumber(7))
    await spool.close()
    expect((await open(disk)).ids).toEqual([...range(1, 5), 7])
  })

  it('that is the beginning of something is cut off, and counted in bytes', async () => {
    const disk = await writeLog(6)
    const whole = disk.contentOf(first)
    disk.put(first, whole.subarray(0, whole.length - 3))
    const { ids, damaged, torn } = await open(disk)
    expect({ ids, damaged }).toEqual({ ids: range(1, 5), damaged: 0 })
    expect(torn).toBeGreaterThan(20)
    expect(disk.names.filter((name) => name.endsWith('.bad'))).toEqual([])
  })
})

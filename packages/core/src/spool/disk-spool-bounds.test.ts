import { describe, expect, it } from 'vitest'
import type { Batch } from '../model/batch.js'
import { createDiskSpool } from './disk-spool.js'
import type { SpoolFile } from './file-system.js'
import { createMemorySpool } from './memory-spool.js'
import type { Spool } from './spool.js'
import { batchNumber, listOf, readToHead, samplesOfList, someOrigin } from './testdata/batches.js'
import { FakeDisk, type Operation } from './testdata/fake-disk.js'
import { openCursor, openSpool, range, readNumbers, settle, stateOf } from './testdata/spools.js'

/** Counts what is done with segments. */
function countCalls(disk: FakeDisk, operation: Operation): () => number {
  let calls = 0
  disk.options = {
    ...disk.options,
    fail: (called, name) => {
      if (called === operation && name.includes('.seg')) calls++
      return undefined
    },
  }
  return () => calls
}

class WatchedDisk extends FakeDisk {
  longestRead = 0

  override async open(...place: Parameters<FakeDisk['open']>): Promise<SpoolFile> {
    const file = await super.open(...place)
    const read: SpoolFile['read'] = (target, position) => {
      this.longestRead = Math.max(this.longestRead, target.length)
      return file.read(target, position)
    }
    return { ...file, read }
  }
}

/** A batch of so many samples of one list. */
const wide = (name: string, samples: number): Batch => ({ origin: someOrigin, columns: [samplesOfList(listOf(name, samples), 1)] })

describe('appends that wait', () => {
  it.each([
    [
      'disk',
      (): Spool => createDiskSpool({ dir: '/spool', fileSystem: new FakeDisk(), minFreeBytes: 0, maxBytes: 4096, maxPendingBytes: 2048 }),
    ],
    ['memory', (): Spool => createMemorySpool({ maxBytes: 4096, maxPendingBytes: 2048 })],
  ])('are refused where they hold more than maxPendingBytes, one by one, and taken again (%s)', async (kind, create) => {
    const spool = create()
    await spool.open()
    const cursor = await openCursor(spool)
    const appends: Promise<unknown>[] = []
    const refused: string[] = []
    for (const id of range(1, 60)) {
      appends.push(spool.append(batchNumber(id)).catch((error: unknown) => refused.push(String(error))))
      await settle()
    }
    expect(new Set(refused)).toEqual(
      new Set([
        `PromlineError: ${kind === 'disk' ? 'spool /spool' : 'memory spool'}: 2048 bytes wait to be appended already (maxPendingBytes)`,
      ]),
    )
    const taken = 60 - refused.length
    const { head } = spool.status()
    // Each of them counts with some 300 bytes.
    expect(taken - head).toBeGreaterThan(3)
    expect(taken - head).toBeLessThan(10)
    for (let read = await readNumbers(spool, cursor); read.length > 0; read = await readNumbers(spool, cursor)) {
      cursor.acknowledge(0, cursor.position)
      await settle()
    }
    expect(spool.status().head).toBe(taken)
    expect(await stateOf(Promise.all(appends))).toBe('resolved')
    await spool.close()
  })

  it('may be one that is larger, where nothing else waits', async () => {
    const spool = await openSpool(new FakeDisk(), { maxPendingBytes: 1024 })
    expect(await spool.append(wide('wide', 1000))).toEqual({ seq: 1, status: 'spooled' })
    await spool.close()
  })

  it('are written in groups of about maxGroupBytes', async () => {
    const appendAll = async (maxGroupBytes: number): Promise<number> => {
      const disk = new FakeDisk()
      const spool = await openSpool(disk, { maxGroupBytes })
      await spool.append(batchNumber(1))
      const writes = countCalls(disk, 'write')
      await Promise.all(range(2, 101).map((id) => spool.append(batchNumber(id))))
      await spool.close()
      return writes()
    }
    expect(await appendAll(1024 * 1024)).toBe(1)
    expect(await appendAll(1024)).toBeGreaterThan(5)
  })
})

describe('what is held to be written again', () => {
  it('is no more than maxUnsyncedBytes: the disk is asked before the interval', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxUnsyncedBytes: 10_000 })
    const syncs = countCalls(disk, 'datasync')
    for (const id of range(1, 100)) await spool.append({ ...batchNumber(id), columns: [samplesOfList(listOf('wide', 100), id)] })
    expect(syncs()).toBeGreaterThan(6)
    expect(syncs()).toBeLessThan(12)
    await spool.close()
  })
})

describe('a sink that lags', () => {
  it('reads a batch above maxReadBytes record by record, and 256 KiB ahead', async () => {
    const lists = range(1, 40).map((i) => listOf(`list_${i}`, 1000))
    const batch: Batch = { origin: someOrigin, columns: lists.map((list) => samplesOfList(list, 1)) }
    const disk = new WatchedDisk()
    const spool = await openSpool(disk, { maxRecordBytes: 10_000 })
    await spool.append(batch)
    await spool.append(batch)
    await spool.close()
    const longestRead = async (maxReadBytes: number): Promise<number> => {
      const again = await openSpool(disk, { maxReadBytes })
      disk.longestRead = 0
      const cursor = await openCursor(again)
      cursor.seek(2)
      expect(await readToHead(again, cursor)).toHaveLength(1)
      await again.close()
      return disk.longestRead
    }
    expect(await longestRead(8 * 1024 * 1024)).toBeGreaterThan(320_000)
    expect(await longestRead(16_384)).toBe(256 * 1024)
  })

  it('holds the dictionary of one segment, which ends at maxDictionaryBytes', async () => {
    const spool = await openSpool(new FakeDisk(), { maxDictionaryBytes: 20_000 })
    await openCursor(spool)
    for (const i of range(1, 40)) await spool.append(wide(`family_${i}`, 50))
    // Some 1,700 bytes each: at the 12th, the 24th and the 36th.
    expect(spool.status().segments).toBeGreaterThan(2)
    expect(spool.status().segments).toBeLessThan(6)
    await spool.close()
  })
})

describe('options of bounds', () => {
  it.each(['maxPendingBytes', 'maxGroupBytes', 'maxUnsyncedBytes', 'maxReadBytes', 'maxDictionaryBytes'] as const)(
    '%s is checked',
    (name) => {
      expect(() => createDiskSpool({ dir: 'd', [name]: 1023 })).toThrow(
        `spool d: ${name} must be an integer from 1024 to ${Number.MAX_SAFE_INTEGER}, not 1023`,
      )
    },
  )

  it('of a memory spool are checked', () => {
    expect(() => createMemorySpool({ maxPendingBytes: 1023 })).toThrow(
      `memory spool: maxPendingBytes must be an integer from 1024 to ${Number.MAX_SAFE_INTEGER}, not 1023`,
    )
  })
})

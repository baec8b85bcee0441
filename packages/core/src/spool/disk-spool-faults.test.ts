import { describe, expect, it } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import type { FsyncPolicy } from './spool.js'
import { batchNumber } from './testdata/batches.js'
import { FakeDisk, type FakeDiskOptions, type Operation } from './testdata/fake-disk.js'
import { ManualClock } from './testdata/manual-clock.js'
import { appendNumbers, openCursor, openSpool, range, readNumbers, settle } from './testdata/spools.js'

const policies: readonly FsyncPolicy[] = ['interval', 'always', 'os']

/** Fails an operation on files whose name ends so, at its n-th time and so many times. */
function failing(
  operation: Operation,
  options: { ending?: string; code?: string; at?: number; times?: number } = {},
): NonNullable<FakeDiskOptions['fail']> {
  const { ending = '.seg', code = 'EIO', at = 1, times = 1 } = options
  let count = 0
  return (called, name) => {
    if (called !== operation || !name.endsWith(ending)) return undefined
    count++
    return count >= at && count < at + times ? code : undefined
  }
}

function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = []
  const log =
    (level: string) =>
    (_: object, message: string): void => {
      lines.push(`${level} ${message}`)
    }
  return { lines, logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') } }
}

describe('a full disk', () => {
  it.each(policies)('refuses appends, keeps what it took, and goes on by itself when there is room (%s)', async (fsync) => {
    const disk = new FakeDisk({ capacity: 5000 })
    const clock = new ManualClock()
    const { logger, lines } = recordingLogger()
    const spool = await openSpool(disk, { fsync, clock, logger, segmentBytes: 1024 })
    const cursor = await openCursor(spool)
    const taken: number[] = []
    const refused: string[] = []
    for (let id = 1; id <= 100; id++) {
      await spool.append(batchNumber(id)).then(
        () => taken.push(id),
        (error: Error) => refused.push(error.message),
      )
    }
    expect(taken.length).toBeGreaterThan(10)
    expect(refused.length).toBeGreaterThan(10)
    for (const message of refused) expect(message).toMatch(/^spool \/spool: no space left \(ENOSPC, \d+ bytes free\)$/)
    expect(spool.status().blocked).toBe(refused.at(-1))
    expect(await readNumbers(spool, cursor)).toEqual(taken)

    // Sinks settle what they have, which frees segments; the next append may try at once.
    cursor.acknowledge(0, spool.status().head)
    await settle()
    await spool.append(batchNumber(1000))
    expect(spool.status().blocked).toBeUndefined()
    expect(lines.at(-1)).toBe('info spool /spool: appends are accepted again')

    // Or somebody makes room.
    disk.options = { capacity: 0 }
    await expect(spool.append(batchNumber(1001))).rejects.toMatchObject({ code: 'spool-full' })
    disk.options = {}
    await expect(spool.append(batchNumber(1001))).rejects.toMatchObject({ code: 'spool-full' })
    clock.advance(1000)
    await spool.append(batchNumber(1001))
    expect(await readNumbers(spool, cursor)).toEqual([1000, 1001])
    await spool.close()

    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual([1000, 1001])
    expect(again.status()).toMatchObject({ damagedRecords: 0, tornBytes: 0 })
    await again.close()
  })

  it('opens and drains where not a byte can be written', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    await appendNumbers(spool, 1, 10)
    await spool.close()
    disk.options = { capacity: 0 }
    const { logger } = recordingLogger()
    const again = await openSpool(disk, { logger })
    const cursor = await openCursor(again)
    expect(await readNumbers(again, cursor)).toEqual(range(1, 10))
    cursor.acknowledge(0, 10)
    await settle()
    await again.close()
  })

  it('keeps the free space that it is told to keep', async () => {
    let freeBytes = 10_000
    const clock = new ManualClock()
    const disk = new FakeDisk({ freeBytes: () => freeBytes })
    const spool = await openSpool(disk, { clock, minFreeBytes: 5000 })
    await spool.append(batchNumber(1))
    freeBytes = 4999
    await spool.append(batchNumber(2))
    clock.advance(1000)
    await expect(spool.append(batchNumber(3))).rejects.toMatchObject({
      code: 'spool-full',
      message: 'spool /spool: 4999 bytes free, fewer than minFreeBytes 5000',
      facts: { folder: '/spool', freeBytes: 4999, minFreeBytes: 5000 },
    })
    freeBytes = 5000
    clock.advance(1000)
    expect(await spool.append(batchNumber(3))).toEqual({ seq: 3, status: 'spooled' })
    await spool.close()
  })
})

describe('short writes', () => {
  it.each([1, 7, 100])('are gone on with (%i bytes at a time)', async (count) => {
    const disk = new FakeDisk({ shorten: (bytes) => Math.min(bytes, count) })
    const spool = await openSpool(disk)
    await appendNumbers(spool, 1, 5)
    await spool.close()
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual(range(1, 5))
    await again.close()
  })
})

describe('a disk that refuses to write', () => {
  const refusals: readonly [string, Operation, string][] = [
    ['the write of a batch', 'write', '.seg.new'],
    ['the making of a segment', 'open', '.seg.new'],
    ['the naming of a segment', 'rename', '.seg.new'],
    ['the sync of the folder', 'fsyncDir', '/spool'],
  ]
  it.each(refusals)('makes an append fail at %s, and the next one may go through', async (_, operation, ending) => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { clock, fsync: 'always' })
    disk.options = { fail: failing(operation, { ending, times: 1 }) }
    await expect(spool.append(batchNumber(1))).rejects.toMatchObject({ code: 'spool-io', message: `spool /spool: EIO: ${operation}` })
    clock.advance(1000)
    expect(await spool.append(batchNumber(2))).toEqual({ seq: 1, status: 'spooled' })
    await spool.close()
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual([2])
    await again.close()
  })

  it('begins another segment where what was half written cannot be cut off', async () => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { clock })
    await appendNumbers(spool, 1, 3)
    const size = disk.contentOf('0000000000000001.seg').length
    disk.options = {
      shorten: (bytes) => (bytes > 50 ? bytes - 5 : bytes),
      fail: (operation, name) => {
        const grown = name.endsWith('.seg.new') && disk.contentOf('0000000000000001.seg').length > size
        return operation === 'truncate' || (operation === 'write' && grown) ? 'EIO' : undefined
      },
    }
    await expect(spool.append(batchNumber(4))).rejects.toMatchObject({ code: 'spool-io' })
    disk.options = {}
    clock.advance(1000)
    await spool.append(batchNumber(5))
    const cursor = await openCursor(spool)
    expect(await readNumbers(spool, cursor)).toEqual([1, 2, 3, 5])
    disk.kill()
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual([1, 2, 3, 5])
    await again.close()
  })
})

describe('a refused sync', () => {
  it('writes what was not synced again, into a new segment, and asks the old file no more (interval)', async () => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { clock })
    await appendNumbers(spool, 1, 3)
    clock.advance(500)
    await settle()
    await appendNumbers(spool, 4, 6)
    const syncs: string[] = []
    const fail = failing('datasync', { ending: '.new' })
    disk.options = {
      fail: (...call) => {
        if (call[0] === 'datasync') syncs.push(call[1])
        return fail(...call)
      },
    }
    clock.advance(500)
    await settle()
    expect(syncs).toEqual(['0000000000000001.seg.new', '0000000000000004.seg.new'])
    await spool.append(batchNumber(7))
    clock.advance(500)
    await settle()
    expect(syncs.slice(2)).toEqual(['0000000000000004.seg.new'])
    expect(await readNumbers(spool, await openCursor(spool))).toEqual(range(1, 7))
    disk.losePower(() => 0)
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual(range(1, 7))
    await again.close()
  })

  it('answers an append only when it is on the disk after all (always)', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { fsync: 'always' })
    await appendNumbers(spool, 1, 3)
    disk.options = { fail: failing('datasync', { ending: '.new' }) }
    expect(await spool.append(batchNumber(4))).toEqual({ seq: 4, status: 'spooled' })
    disk.losePower(() => 0)
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual(range(1, 4))
    await again.close()
  })

  it('takes nothing where the disk refuses for good, and loses nothing that was taken (always)', async () => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { fsync: 'always', clock })
    await appendNumbers(spool, 1, 3)
    disk.options = { fail: failing('datasync', { ending: '.new', times: 100 }) }
    const error: unknown = await spool.append(batchNumber(4)).catch((thrown: unknown) => thrown)
    expect(isPromlineError(error, 'spool-io')).toBe(true)
    expect(spool.status()).toMatchObject({ head: 3, blocked: 'spool /spool: EIO: datasync' })
    disk.options = {}
    clock.advance(1000)
    expect(await spool.append(batchNumber(5))).toEqual({ seq: 4, status: 'spooled' })
    expect(await readNumbers(spool, await openCursor(spool))).toEqual([1, 2, 3, 5])
    disk.losePower(() => 0)
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual([1, 2, 3, 5])
    await again.close()
  })

  it('refuses appends while nothing can be written again, and then goes on (interval)', async () => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { clock })
    await appendNumbers(spool, 1, 3)
    disk.options = { fail: (operation, name) => (operation === 'datasync' && name.includes('.seg') ? 'EIO' : undefined) }
    clock.advance(500)
    await settle()
    expect(spool.status().blocked).toBe('spool /spool: EIO: datasync')
    await expect(spool.append(batchNumber(4))).rejects.toMatchObject({ code: 'spool-io' })
    disk.options = {}
    clock.advance(1000)
    await settle()
    await spool.append(batchNumber(5))
    disk.losePower(() => 0)
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual([1, 2, 3])
    await again.close()
  })
})

describe('acknowledgements that cannot be written', () => {
  it.each(policies)('of a new sink: nothing is taken that a crash would keep from it (%s)', async (fsync) => {
    const clock = new ManualClock()
    const disk = new FakeDisk({ fail: failing('write', { ending: '.ack.new', times: 100 }) })
    const spool = await openSpool(disk, { clock, fsync })
    await openCursor(spool)
    await expect(spool.append(batchNumber(1))).rejects.toMatchObject({ code: 'spool-io', message: 'spool /spool: EIO: write' })
    disk.options = {}
    clock.advance(1000)
    await appendNumbers(spool, 2, 2)
    disk.kill()
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual([2])
    await again.close()
  })

  it.each(policies)('are written again soon, also where nothing more is acknowledged (%s)', async (fsync) => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { clock, fsync })
    const cursor = await openCursor(spool)
    await appendNumbers(spool, 1, 3)
    disk.options = { fail: failing('write', { ending: '.ack.new' }) }
    cursor.acknowledge(0, 2)
    await settle()
    disk.options = {}
    clock.advance(500)
    await settle()
    disk.kill()
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual([3])
    await again.close()
  })

  it.each(['write', 'datasync'] as const)('hold segments back until they can be (%s)', async (operation) => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { clock, segmentBytes: 1024 })
    const cursor = await openCursor(spool)
    await appendNumbers(spool, 1, 60)
    const { segments } = spool.status()
    disk.options = { fail: (called, name) => (called === operation && name.includes('.ack') ? 'EIO' : undefined) }
    cursor.acknowledge(0, 60)
    await settle()
    expect(spool.status().segments).toBe(segments)
    disk.options = {}
    clock.advance(500)
    cursor.acknowledge(0, 61)
    await appendNumbers(spool, 61, 61)
    cursor.acknowledge(0, 61)
    await settle()
    expect(spool.status().segments).toBe(1)
    await spool.close()
  })
})

describe('a disk that refuses to read', () => {
  it('makes next fail with spool-io, and gives the batch when it is asked again', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { tailBytes: 0 })
    await appendNumbers(spool, 1, 3)
    const cursor = await openCursor(spool)
    disk.options = { fail: failing('read', { ending: '.seg' }) }
    await expect(cursor.next({ signal: new AbortController().signal })).rejects.toMatchObject({ code: 'spool-io' })
    expect(await readNumbers(spool, cursor)).toEqual([1, 2, 3])
    await spool.close()
  })
})

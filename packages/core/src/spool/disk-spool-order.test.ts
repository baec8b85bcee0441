import { describe, expect, it } from 'vitest'
import type { Logger } from '../model/logger.js'
import { batchNumber } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { ManualClock } from './testdata/manual-clock.js'
import { appendNumbers, openCursor, openSpool, range, settle } from './testdata/spools.js'

/** Writes down what is done with the disk, in order. */
function record(disk: FakeDisk): string[] {
  const calls: string[] = []
  disk.options = {
    fail: (operation, name) => {
      calls.push(`${operation} ${name}`)
      return undefined
    },
  }
  return calls
}

describe('the order of what is written', () => {
  it('an acknowledgement is on the disk before what it frees is deleted', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { segmentBytes: 1024, fsync: 'os' })
    const cursor = await openCursor(spool)
    await appendNumbers(spool, 1, 60)
    const calls = record(disk)
    cursor.acknowledge(0, 60)
    await settle()
    // The handle is the one that was opened: the name is the one of the opening.
    const [written, synced] = ['write sink.ack.new', 'datasync sink.ack.new'].map((call) => calls.indexOf(call))
    expect(written).toBeGreaterThanOrEqual(0)
    expect(synced).toBeGreaterThan(written!)
    expect(calls.findIndex((call) => call.startsWith('unlink'))).toBeGreaterThan(synced!)
    await spool.close()
  })

  it('the name of a new segment is on the disk before a record of it counts', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { fsync: 'always' })
    const calls = record(disk)
    await spool.append(batchNumber(1))
    const name = '0000000000000001.seg.new'
    expect(calls).toEqual([`open ${name}`, `write ${name}`, `rename ${name}`, 'fsyncDir /spool', `write ${name}`, `datasync ${name}`])
    await spool.close()
  })
})

describe('a group', () => {
  it.each([
    ['always', 1, 1],
    ['interval', 0, 1],
    ['os', 0, 0],
  ] as const)(
    'of a hundred appends is one write, and under %s %i syncs before the answer and %i by the interval',
    async (fsync, atOnce, later) => {
      const disk = new FakeDisk()
      const clock = new ManualClock()
      const spool = await openSpool(disk, { fsync, clock })
      await spool.append(batchNumber(0))
      clock.advance(500)
      await settle()
      const calls = record(disk)
      const count = (what: string): number => calls.filter((call) => call.startsWith(`${what} 0`)).length
      await Promise.all(range(1, 100).map((id) => spool.append(batchNumber(id))))
      expect([count('write'), count('datasync')]).toEqual([1, atOnce])
      clock.advance(500)
      await settle()
      expect(count('datasync')).toBe(later)
      await spool.close()
    },
  )
})

describe('a sync that the disk refuses', () => {
  it('is counted in the status and logged, with the file', async () => {
    const disk = new FakeDisk()
    const clock = new ManualClock()
    const errors: string[] = []
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_, message) => errors.push(message) }
    const spool = await openSpool(disk, { clock, logger })
    await spool.append(batchNumber(1))
    let left = 1
    disk.options = { fail: (operation) => (operation === 'datasync' && left-- > 0 ? 'EIO' : undefined) }
    clock.advance(500)
    await settle()
    expect(spool.status().syncFailures).toBe(1)
    expect(errors).toEqual([
      'spool /spool: the disk refused to keep what was written: EIO: datasync. It is written again, to another file.',
    ])
    await spool.close()
  })
})

import { describe, expect, it } from 'vitest'
import type { Logger } from '../model/logger.js'
import type { DiskSpoolOptions } from './disk-spool-options.js'
import { createDiskSpool } from './disk-spool.js'
import type { GivenUp, Spool } from './spool.js'
import { batchNumber, listOf, samplesOfList } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { ManualClock } from './testdata/manual-clock.js'
import { appendNumbers, openCursor, openSpool, range, readNumbers, settle } from './testdata/spools.js'

const second = 1000
const day = 24 * 60 * 60 * second

/** Batches of three samples. */
const samples = (batches: number): object => ({ samples: 3 * batches, histograms: 0, exemplars: 0 })

const iso = (ms: number): string => new Date(ms).toISOString()

interface Watched {
  readonly spool: Spool
  readonly given: GivenUp[]
  readonly said: string[]
}

async function openWatched(disk: FakeDisk, clock: ManualClock, options: Partial<DiskSpoolOptions> = {}): Promise<Watched> {
  const given: GivenUp[] = []
  const said: string[] = []
  const say = (_: object, message: string): number => said.push(message)
  const logger: Logger = { debug() {}, info: say, warn: say, error: say }
  const spool = createDiskSpool({ dir: '/spool', minFreeBytes: 0, fileSystem: disk, clock, logger, segmentBytes: 1024, ...options })
  await spool.open({ onGivenUp: (one) => given.push(one) })
  return { spool, given, said }
}

/** Lets so much time pass, tick by tick. */
async function pass(clock: ManualClock, ms: number, step = 500): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left))
    await settle()
  }
}

describe('a sink that is new', () => {
  it('begins at the end, or at the beginning where it says so', async () => {
    const disk = new FakeDisk()
    const { spool, said } = await openWatched(disk, new ManualClock())
    await openCursor(spool, { name: 'old' })
    await appendNumbers(spool, 1, 10)
    const late = await openCursor(spool, { name: 'late' })
    const early = await openCursor(spool, { name: 'early', start: 'beginning' })
    await appendNumbers(spool, 11, 12)
    expect(await readNumbers(spool, late)).toEqual([11, 12])
    expect(await readNumbers(spool, early)).toEqual(range(1, 12))
    expect(said[0]).toMatch(/^spool \/spool: sink late is new, and begins behind the \d+ bytes that are there$/)
    expect(said[1]).toMatch(/^spool \/spool: sink early is new, and begins with the \d+ bytes that are there$/)
    await spool.close()
  })

  it('begins at the end after a restart as well', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    await openCursor(spool, { name: 'old' })
    await appendNumbers(spool, 1, 10)
    await spool.close()
    const again = await openSpool(disk)
    const [late, old] = [await openCursor(again, { name: 'late' }), await openCursor(again, { name: 'old' })]
    await appendNumbers(again, 11, 11)
    expect(await readNumbers(again, late)).toEqual([11])
    expect(await readNumbers(again, old)).toEqual(range(1, 11))
    await again.close()
  })

  it('begins at the beginning in a log in which nobody has a place, and so do those who come with it', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    await appendNumbers(spool, 1, 5)
    await spool.close()
    const again = await openSpool(disk)
    const [a, b] = [await openCursor(again, { name: 'a' }), await openCursor(again, { name: 'b' })]
    await appendNumbers(again, 6, 6)
    const c = await openCursor(again, { name: 'c' })
    expect(await readNumbers(again, a)).toEqual(range(1, 6))
    expect(await readNumbers(again, b)).toEqual(range(1, 6))
    expect(await readNumbers(again, c)).toEqual([])
    await again.close()
  })

  it('loses nothing where the files of all places are gone', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    await openCursor(spool)
    await appendNumbers(spool, 1, 5)
    await spool.close()
    disk.delete('sink.ack')
    const again = await openSpool(disk)
    expect(await readNumbers(again, await openCursor(again))).toEqual(range(1, 5))
    await again.close()
  })

  it('says where it would begin in one of two words', async () => {
    const spool = await openSpool(new FakeDisk())
    // @ts-expect-error: what a program without types may give.
    await expect(openCursor(spool, { start: 'middle' })).rejects.toThrow('cursor sink: start must be end or beginning, not "middle"')
    await spool.close()
  })
})

describe('a place that nobody uses', () => {
  it('is told of, kept for the time of grace, then given up, counted, and its segments go', async () => {
    const clock = new ManualClock()
    const disk = new FakeDisk()
    const { spool, given, said } = await openWatched(disk, clock, { unusedGraceMs: 60 * second })
    const [gone, stays] = [await openCursor(spool, { name: 'gone' }), await openCursor(spool, { name: 'stays' })]
    await appendNumbers(spool, 1, 60)
    stays.acknowledge(0, 60)
    gone.acknowledge(0, 20)
    await gone.close()
    await pass(clock, 11 * second)
    const [unused] = spool.status().unused
    expect(unused).toEqual({ name: 'gone', sinceMs: clock.nowMs() - 500, bytes: expect.any(Number) })
    expect(said).toEqual([
      `spool /spool: nobody has used the place of sink gone since ${iso(unused!.sinceMs)}: its ${unused!.bytes} bytes are kept for 1m from then (unusedGraceMs)`,
    ])
    await pass(clock, 59 * second)
    expect(given).toEqual([])
    await pass(clock, 2 * second)
    expect(given).toEqual([{ sink: 'gone', reason: 'removed', batches: 40, counts: samples(40) }])
    expect(said.slice(1)).toEqual(['spool /spool: 120 samples of sink gone, which is not there, were given up after 1m (unusedGraceMs)'])
    expect(disk.names.filter((name) => name.endsWith('.ack'))).toEqual(['stays.ack'])
    expect(spool.status()).toMatchObject({ segments: 1, unused: [] })
    await spool.close()
  })

  it('is one that nobody came for after a start, and its time goes on over restarts', async () => {
    const disk = new FakeDisk()
    const first = new ManualClock()
    const before = await openSpool(disk, { clock: first })
    await openCursor(before, { name: 'gone' })
    await appendNumbers(before, 1, 10)
    await before.close()

    const second1 = new ManualClock(first.nowMs() + 30 * day)
    const running = await openWatched(disk, second1)
    await openCursor(running.spool, { name: 'stays' })
    await pass(second1, 20 * second)
    expect(running.spool.status().unused).toMatchObject([{ name: 'gone' }])
    await running.spool.close()

    const third = new ManualClock(second1.nowMs() + 3 * day)
    const after = await openWatched(disk, third)
    await openCursor(after.spool, { name: 'stays' })
    expect(after.given).toEqual([])
    await pass(third, 20 * second)
    expect(after.given).toEqual([{ sink: 'gone', reason: 'removed', batches: 10, counts: samples(10) }])
    await after.spool.close()
  })

  it('begins anew when its sink comes back, which loses nothing', async () => {
    const clock = new ManualClock()
    const { spool, given } = await openWatched(new FakeDisk(), clock, { unusedGraceMs: 60 * second })
    await (await openCursor(spool)).close()
    await appendNumbers(spool, 1, 10)
    await pass(clock, 50 * second)
    const back = await openCursor(spool)
    expect(spool.status().unused).toEqual([])
    expect(await readNumbers(spool, back)).toEqual(range(1, 10))
    await back.close()
    await pass(clock, 60 * second)
    expect(given).toEqual([])
    expect(spool.status().unused).toMatchObject([{ name: 'sink' }])
    await pass(clock, 20 * second)
    expect(given).toMatchObject([{ sink: 'sink', batches: 10 }])
    await spool.close()
  })

  it('may be that of a sink that is called otherwise now: both names are said', async () => {
    const disk = new FakeDisk()
    const before = await openSpool(disk)
    await openCursor(before, { name: 'kafka' })
    await appendNumbers(before, 1, 10)
    await before.close()
    const clock = new ManualClock()
    const { spool, said } = await openWatched(disk, clock)
    await openCursor(spool, { name: 'kafka-eu' })
    await pass(clock, 11 * second)
    const [{ bytes, sinceMs } = { bytes: 0, sinceMs: 0 }] = spool.status().unused
    expect(said).toEqual([
      `spool /spool: sink kafka-eu is new, and begins behind the ${bytes} bytes that are there`,
      `spool /spool: nobody has used the place of sink kafka since ${iso(sinceMs)}: its ${bytes} bytes are kept for 3d from then (unusedGraceMs); if it is now called kafka-eu, which is new, it gets them under its old name`,
    ])
    await spool.close()
  })

  it('may be renamed while the spool is open', async () => {
    const clock = new ManualClock()
    const { spool, said } = await openWatched(new FakeDisk(), clock)
    const [a] = [await openCursor(spool, { name: 'a' }), await openCursor(spool, { name: 'b' })]
    await appendNumbers(spool, 1, 1)
    await a.close()
    await openCursor(spool, { name: 'c' })
    await pass(clock, 11 * second)
    expect(said.at(-1)).toContain('; if it is now called c, which is new, it gets them under its old name')
    await spool.close()
  })

  it('whose time lies ahead, for a clock was wrong, begins its time of grace now', async () => {
    const disk = new FakeDisk()
    const wrong = new ManualClock(Date.UTC(2099, 0))
    const before = await openWatched(disk, wrong)
    await (await openCursor(before.spool)).close()
    await pass(wrong, 11 * second)
    await before.spool.close()
    const clock = new ManualClock()
    const { spool } = await openWatched(disk, clock)
    await pass(clock, 11 * second)
    expect(spool.status().unused).toMatchObject([{ name: 'sink', sinceMs: clock.nowMs() - 500 }])
    await spool.close()
  })

  it('loses what is over the cap, and what is too old, counted with its reason', async () => {
    const clock = new ManualClock()
    const { spool, given } = await openWatched(new FakeDisk(), clock, { maxBytes: 4096, maxAgeMs: 60 * second })
    await (await openCursor(spool)).close()
    await appendNumbers(spool, 1, 100)
    expect(given.length).toBeGreaterThan(1)
    expect(given.every(({ sink, reason }) => sink === 'sink' && reason === 'overflow')).toBe(true)
    const overflow = given.reduce((sum, { batches }) => sum + batches, 0)
    given.length = 0
    await pass(clock, 61 * second)
    expect(given).toEqual([{ sink: 'sink', reason: 'age', batches: 100 - overflow, counts: samples(100 - overflow) }])
    await spool.close()
  })

  it('where no sink ever had one: the log stays up to the cap, and what goes is counted', async () => {
    const { spool, given, said } = await openWatched(new FakeDisk(), new ManualClock(), { maxBytes: 4096 })
    await appendNumbers(spool, 1, 100)
    await settle()
    const batches = given.reduce((sum, one) => sum + one.batches, 0)
    expect(given[0]).toEqual({ reason: 'overflow', batches: expect.any(Number), counts: expect.any(Object) })
    expect(said[0]).toMatch(/^spool \/spool: \d+ samples that no sink came for were given up at the cap of 4096 bytes \(maxBytes\)$/)
    expect(await readNumbers(spool, await openCursor(spool))).toEqual(range(batches + 1, 100))
    await spool.close()
  })

  it('keeps everything where its cursor is opened while it is being given up', async () => {
    const clock = new ManualClock()
    const { spool, given } = await openWatched(new FakeDisk(), clock, { unusedGraceMs: 20 * second, tailBytes: 0 })
    await (await openCursor(spool)).close()
    await appendNumbers(spool, 1, 10)
    await pass(clock, 30 * second)
    clock.advance(500)
    const cursor = await openCursor(spool)
    await settle()
    expect(given).toEqual([])
    expect(await readNumbers(spool, cursor)).toEqual(range(1, 10))
    await spool.close()
  })
})

describe('segments that cannot be deleted', () => {
  it('are told of once, and one that somebody else deleted is gone', async () => {
    const disk = new FakeDisk()
    const { spool, said } = await openWatched(disk, new ManualClock())
    const cursor = await openCursor(spool)
    await appendNumbers(spool, 1, 60)
    disk.options = { fail: (operation) => (operation === 'unlink' ? 'EACCES' : undefined) }
    for (const seq of range(50, 60)) {
      cursor.acknowledge(0, seq)
      await settle()
    }
    expect(said).toEqual(['spool /spool: settled segments cannot be deleted yet: EACCES: unlink'])
    disk.options = {}
    disk.delete(disk.names.find((name) => name.endsWith('.seg'))!)
    await spool.append(batchNumber(61, { columns: [samplesOfList(listOf('more', 2), 1)] }))
    cursor.acknowledge(0, 61)
    await settle()
    expect(spool.status().segments).toBe(1)
    await spool.close()
  })
})

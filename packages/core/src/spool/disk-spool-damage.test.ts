import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodeSegmentHeader } from './segment-format.js'
import type { LostBatch } from './spool.js'
import { batchNumber, listOf, numberOf, readToHead, samplesOfList, someOrigin } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { createRandom } from './testdata/random.js'
import { appendNumbers, openCursor, openSpool, range } from './testdata/spools.js'

/** Single flips and bursts in a segment, and as many in acknowledgements; 10,000 by `pnpm verify`. */
const flips = Number(process.env['PROMLINE_SPOOL_FLIPS'] ?? 600)
/** Batches in the segment that is cut at every byte. */
const cutBatches = process.env['PROMLINE_VERIFY'] === '1' ? 20 : 6

/** In full these take minutes of a machine of their own. */
const longMs = 3_600_000

/** A folder with one segment of numbered batches, some of them with a family of their own. */
async function writeLog(count: number): Promise<FakeDisk> {
  const disk = new FakeDisk()
  const spool = await openSpool(disk)
  const cursor = await openCursor(spool)
  for (let id = 1; id <= count; id++) {
    const columns = id % 5 === 0 ? [samplesOfList(listOf(`own_${id}`, 4), id)] : []
    await spool.append(batchNumber(id, { columns }))
  }
  cursor.acknowledge(0, 1)
  await spool.close()
  return disk
}

async function readAll(disk: FakeDisk): Promise<{ ids: number[]; lost: LostBatch[]; damaged: number; torn: number; restarted: boolean }> {
  const spool = await openSpool(disk)
  const lost: LostBatch[] = []
  const cursor = await openCursor(spool, { onLost: (one) => lost.push(one) })
  const batches = await readToHead(spool, cursor)
  const { damagedRecords, tornBytes } = spool.status()
  await spool.close()
  return { ids: batches.map(({ batch }) => numberOf(batch)), lost, damaged: damagedRecords, torn: tornBytes, restarted: cursor.restarted }
}

const first = '0000000000000001.seg'

describe('a torn end', () => {
  it(
    'costs what was not complete, at every byte, and the log goes on',
    async () => {
      const whole = await writeLog(cutBatches)
      const content = whole.contentOf(first)
      let complete = 1
      for (let size = 0; size <= content.length; size++) {
        const disk = whole.copy()
        disk.put(first, content.subarray(0, size))
        const { ids, lost, damaged } = await readAll(disk)
        expect(ids).toEqual(range(2, Math.max(1, ids.at(-1) ?? 1)))
        expect(ids.length + 1).toBeGreaterThanOrEqual(complete)
        complete = ids.length + 1
        expect(lost).toEqual([])
        expect(damaged).toBe(0)
        const spool = await openSpool(disk)
        const { seq } = await spool.append(batchNumber(99))
        // The acknowledged batch counts as given out, whether or not it is still there.
        expect(seq).toBe(Math.max(complete, 1) + 1)
        await spool.close()
        expect((await readAll(disk)).ids).toEqual([...ids, 99])
      }
      expect(complete).toBe(cutBatches)
    },
    longMs,
  )

  it('is counted', async () => {
    const disk = await writeLog(12)
    const content = disk.contentOf(first)
    disk.put(first, content.subarray(0, content.length - 5))
    const { ids, torn } = await readAll(disk)
    expect(ids).toEqual(range(2, 11))
    expect(torn).toBeGreaterThan(50)
    expect((await readAll(disk)).torn).toBe(0)
  })
})

describe('damage', () => {
  it(
    `costs what it touches and no more, and never gives anything wrong (${flips} runs)`,
    async () => {
      const random = createRandom(20_260_101)
      const whole = await writeLog(40)
      const content = whole.contentOf(first)
      for (let run = 0; run < flips; run++) {
        const bytes = Buffer.from(content)
        const from = random(bytes.length)
        const length = run % 3 === 0 ? 1 + random(60) : 1
        for (let at = from; at < Math.min(from + length, bytes.length); at++) bytes[at]! ^= 1 << random(8)
        const disk = whole.copy()
        disk.put(first, bytes)
        const { ids, lost, damaged, torn } = await readAll(disk)
        // In order, each once: numberOf has compared what every batch says.
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
        expect(damaged + torn).toBeGreaterThan(0)
        // A burst of 60 bytes touches two batches at most; the first one holds what all refer to.
        const missing = range(2, 40).filter((id) => !ids.includes(id))
        if (from >= 600) expect(missing.length, `flip at ${from}`).toBeLessThanOrEqual(2)
        // What is missing before the end is reported, by number.
        const inside = missing.filter((id) => id < (ids.at(-1) ?? 0))
        for (const id of inside) expect(lost.map(({ seq }) => seq)).toContain(id)
        for (const one of lost) expect(one.reason).toBe('damage')
      }
    },
    longMs,
  )

  it('of a dictionary entry costs what refers to it until it comes again', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    const list = listOf('repeated', 50)
    for (let id = 1; id <= 2000; id++) await spool.append({ origin: someOrigin, columns: [samplesOfList(list, id)] })
    await spool.close()
    const content = disk.contentOf(first)
    content[content.indexOf('Help of repeated')]! ^= 1
    disk.put(first, content)
    const again = await openSpool(disk)
    const lost: LostBatch[] = []
    const read = await readToHead(again, await openCursor(again, { onLost: (one) => lost.push(one) }))
    expect(read.length).toBeGreaterThan(1000)
    expect(lost.length + read.length).toBe(2000)
    // Their heads are whole: what they held is known.
    expect(lost[1]).toEqual({ seq: 2, origin: someOrigin, counts: { samples: 50, histograms: 0, exemplars: 0 }, reason: 'damage' })
    await again.close()
  })

  it(
    `of both slots and of bits of an acknowledgement never skips a batch (${flips} runs)`,
    async () => {
      const random = createRandom(7)
      const whole = await writeLog(10)
      const content = whole.contentOf('sink.ack')
      for (let run = 0; run < flips; run++) {
        const bytes = Buffer.from(content)
        for (let left = 1 + random(3); left > 0; left--) bytes[random(bytes.length)]! ^= 1 << random(8)
        const disk = whole.copy()
        disk.put('sink.ack', bytes)
        const { ids, restarted } = await readAll(disk)
        expect(ids).toEqual(range(restarted ? 1 : ids[0]!, 10))
        expect(ids[0]).toBeLessThanOrEqual(2)
      }
    },
    longMs,
  )

  it('of a header is passed over', async () => {
    const disk = await writeLog(5)
    const content = disk.contentOf(first)
    content[9]! ^= 1
    disk.put(first, content)
    const { ids, damaged } = await readAll(disk)
    expect(ids).toEqual(range(2, 5))
    expect(damaged).toBe(1)
  })

  it.each([
    ['of which nothing can be read', Buffer.from('not a segment at all, but long enough to be one')],
    ['of a later version', laterVersion()],
  ])('puts a segment aside %s, and keeps eight of those', async (_, content) => {
    const disk = await writeLog(5)
    disk.put('000000000000ffff.seg', content)
    for (const i of range(1, 9)) disk.put(`${String(i).padStart(16, '0')}.seg.bad`, Buffer.from('bad'))
    disk.put('README.txt', Buffer.from('not ours'))
    disk.put('0000000000000009.seg.new', Buffer.from('never finished'))
    const { ids } = await readAll(disk)
    expect(ids).toEqual(range(2, 5))
    expect(disk.contentOf('000000000000ffff.seg.bad')).toEqual(content)
    expect(disk.names).toEqual([
      first,
      ...range(3, 9).map((i) => `${String(i).padStart(16, '0')}.seg.bad`),
      '000000000000ffff.seg.bad',
      'README.txt',
      'sink.ack',
    ])
    const spool = await openSpool(disk)
    expect(await spool.append(batchNumber(1))).toMatchObject({ status: 'spooled' })
    await spool.close()
  })

  it('reports batches that are missing between segments', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { segmentBytes: 1024 })
    await openCursor(spool)
    await appendNumbers(spool, 1, 100)
    await spool.close()
    const segments = disk.names.filter((name) => name.endsWith('.seg'))
    disk.delete(segments[1]!)
    const { ids, lost } = await readAll(disk)
    expect([...ids, ...lost.map(({ seq }) => seq)].sort((a, b) => a - b)).toEqual(range(1, 100))
    expect(lost.length).toBeGreaterThan(3)
    expect(lost[0]).toMatchObject({ counts: { samples: 0, histograms: 0, exemplars: 0 }, reason: 'damage' })
  })
})

/** A good header of version 2. */
function laterVersion(): Buffer {
  const bytes = encodeSegmentHeader({ firstSeq: 0xffff, createdMs: 0 })
  bytes.writeUInt16LE(2, 4)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28)
  return Buffer.concat([bytes, Buffer.from('what only version 2 understands')])
}

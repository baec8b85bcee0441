import { describe, expect, it } from 'vitest'
import type { Batch } from '../model/batch.js'
import { createSeriesList } from '../model/series-list.js'
import { createDiskSpool } from './disk-spool.js'
import type { LostBatch } from './spool.js'
import { batchNumber, describeBatch, listOf, readToHead, samplesOfList, seriesOf, someOrigin } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { ManualClock } from './testdata/manual-clock.js'
import { appendNumbers, openCursor, openSpool, range, readNumbers, settle, stateOf } from './testdata/spools.js'

const never = new AbortController().signal

describe('append and next', () => {
  it('gives batches their numbers in the order of the calls, and gives the appended objects back', async () => {
    const spool = await openSpool(new FakeDisk())
    const cursor = await openCursor(spool)
    const batches = range(1, 5).map((id) => batchNumber(id))
    const results = await Promise.all(batches.map((batch) => spool.append(batch)))
    expect(results).toEqual(range(1, 5).map((seq) => ({ seq, status: 'spooled' })))
    const read = await readToHead(spool, cursor)
    expect(read.map(({ seq }) => seq)).toEqual(range(1, 5))
    for (const [i, { batch }] of read.entries()) expect(batch).toBe(batches[i])
    await spool.close()
  })

  it('wakes a waiting cursor, and lets it go at an abort and at the close', async () => {
    const spool = await openSpool(new FakeDisk())
    const cursor = await openCursor(spool)
    const first = cursor.next({ signal: never })
    await spool.append(batchNumber(1))
    expect((await first)?.seq).toBe(1)
    const stop = new AbortController()
    const second = cursor.next({ signal: stop.signal })
    stop.abort()
    expect(await second).toBeUndefined()
    const third = cursor.next({ signal: never })
    await spool.close()
    expect(await third).toBeUndefined()
  })

  it('decodes what is not in memory any more, and gives equal lists one identity, that of the appended ones', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { tailBytes: 0, segmentBytes: 1024 })
    const list = listOf('kept', 5)
    for (let i = 0; i < 50; i++) await spool.append({ origin: someOrigin, columns: [samplesOfList(list, i)] })
    expect(spool.status().segments).toBeGreaterThan(2)
    const cursor = await openCursor(spool)
    const read = await readToHead(spool, cursor)
    expect(read).toHaveLength(50)
    for (const { batch } of read) expect(batch.columns[0]?.series).toBe(list)
    await spool.close()
    const again = await openSpool(disk)
    const decoded = await readToHead(again, await openCursor(again))
    const lists = new Set(decoded.map(({ batch }) => batch.columns[0]?.series))
    expect(lists.size).toBe(1)
    await again.close()
  })

  it('goes back and forth', async () => {
    const spool = await openSpool(new FakeDisk(), { tailBytes: 3000, segmentBytes: 1024 })
    const cursor = await openCursor(spool)
    await appendNumbers(spool, 1, 40)
    expect(await readNumbers(spool, cursor)).toEqual(range(1, 40))
    for (const from of [1, 33, 2, 17, 40]) {
      cursor.seek(from)
      expect(await readNumbers(spool, cursor)).toEqual(range(from, 40))
    }
    await spool.close()
  })

  it('cuts a large batch into records and gives it back whole', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxRecordBytes: 1024 })
    const columns = range(1, 40).map((i) => samplesOfList(listOf(`family_${i}`, 20), i))
    const batch = { origin: someOrigin, columns }
    await spool.append(batch)
    await spool.close()
    const again = await openSpool(disk)
    const [read] = await readToHead(again, await openCursor(again))
    expect(describeBatch(read!.batch)).toEqual(describeBatch(batch))
    expect(read!.counts).toEqual({ samples: 800, histograms: 0, exemplars: 0 })
    await again.close()
  })

  it('takes a batch without columns', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    await spool.append({ origin: someOrigin, columns: [] })
    await spool.close()
    const again = await openSpool(disk)
    const read = await readToHead(again, await openCursor(again))
    expect(read.map(({ batch }) => batch)).toEqual([{ origin: someOrigin, columns: [] }])
    await again.close()
  })

  it('refuses a batch that cannot be encoded, and takes those beside it', async () => {
    const spool = await openSpool(new FakeDisk())
    const broken: Batch = { origin: someOrigin, columns: [{ ...samplesOfList(listOf('broken', 3), 1), values: new Float64Array(2) }] }
    const results = await Promise.allSettled([spool.append(batchNumber(1)), spool.append(broken), spool.append(batchNumber(2))])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'encode', message: 'columns with 2 values where 3 belong' } })
    expect(await readNumbers(spool, await openCursor(spool))).toEqual([1, 2])
    await spool.close()
  })

  it('takes nothing that it could not read again', async () => {
    const spool = await openSpool(new FakeDisk())
    // @ts-expect-error: what a program without types may give.
    await expect(spool.append(batchNumber(1, { origin: { kind: 'targets', id: 'a' } }))).rejects.toMatchObject({
      code: 'encode',
      message: 'an origin of kind "targets", which is none of: target, client, registry, topic',
    })
    // @ts-expect-error: as above.
    const series = createSeriesList([seriesOf('odd', {}, { type: 'odd' })])
    await expect(spool.append({ origin: someOrigin, columns: [samplesOfList(series, 1)] })).rejects.toMatchObject({
      code: 'encode',
      message: expect.stringMatching(/^metadata of type "odd", which is none of: unknown, /),
    })
    expect(await spool.append(batchNumber(1))).toEqual({ seq: 1, status: 'spooled' })
    await spool.close()
  })
})

describe('acknowledgements', () => {
  it('are found again, lane by lane', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    const cursor = await openCursor(spool, { lanes: 3 })
    expect(cursor.restarted).toBe(true)
    await appendNumbers(spool, 1, 10)
    cursor.acknowledge(0, 4)
    cursor.acknowledge(1, 7)
    cursor.acknowledge(1, 5)
    cursor.acknowledge(2, 999)
    expect(cursor.acknowledged).toEqual([4, 7, 10])
    await spool.close()
    const again = await openSpool(disk)
    const found = await openCursor(again, { lanes: 3 })
    expect(found.acknowledged).toEqual([4, 7, 10])
    expect(found.restarted).toBe(false)
    expect(found.position).toBe(4)
    expect(await readNumbers(again, found)).toEqual(range(5, 10))
    await again.close()
  })

  it('begin at the lowest where the number of lanes changed', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    const cursor = await openCursor(spool, { lanes: 2 })
    await appendNumbers(spool, 1, 10)
    cursor.acknowledge(0, 4)
    cursor.acknowledge(1, 7)
    await spool.close()
    const again = await openSpool(disk)
    const found = await openCursor(again, { lanes: 3 })
    expect(found.restarted).toBe(true)
    expect(found.acknowledged).toEqual([4, 4, 4])
    await again.close()
  })

  it.each([
    ['the newer slot is damaged', (bytes: Buffer) => bytes.fill(0xff, newerSlot(bytes) + 20, newerSlot(bytes) + 24), false],
    ['both slots are damaged', (bytes: Buffer) => bytes.fill(0xff, 16, 24).fill(0xff, 80, 88), true],
    ['the file is empty', () => Buffer.alloc(0), true],
    ['the file is cut', (bytes: Buffer) => bytes.subarray(0, 70), true],
  ])('never lose anything where %s', async (_, damage, restarted) => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    const cursor = await openCursor(spool)
    await appendNumbers(spool, 1, 10)
    for (const seq of [3, 4, 5]) {
      cursor.acknowledge(0, seq)
      await settle()
    }
    await spool.close()
    disk.put('sink.ack', damage(disk.contentOf('sink.ack')))
    const again = await openSpool(disk)
    const found = await openCursor(again)
    expect(found.restarted).toBe(restarted)
    expect(await readNumbers(again, found)).toEqual(range(restarted ? 1 : 5, 10))
    await again.close()
  })

  it('delete segments that every sink has settled, and never give a number out again', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { segmentBytes: 1024 })
    const [a, b] = [await openCursor(spool, { name: 'a' }), await openCursor(spool, { name: 'b' })]
    await appendNumbers(spool, 1, 60)
    const { segments } = spool.status()
    a.acknowledge(0, 60)
    await settle()
    expect(spool.status().segments).toBe(segments)
    b.acknowledge(0, 60)
    await settle()
    expect(spool.status().segments).toBe(1)
    await spool.close()
    const again = await openSpool(disk)
    await settle()
    expect(disk.names).toEqual(['a.ack', 'b.ack'])
    expect(await again.append(batchNumber(61))).toEqual({ seq: 61, status: 'spooled' })
    await again.close()
  })

  it('hold nothing back any more once a sink is removed', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { segmentBytes: 1024 })
    const [a, b] = [await openCursor(spool, { name: 'a' }), await openCursor(spool, { name: 'b' })]
    await appendNumbers(spool, 1, 60)
    a.acknowledge(0, 60)
    await expect(spool.removeCursor('b')).rejects.toThrow('cursor b is open: close it first')
    await b.close()
    await spool.removeCursor('b')
    await spool.removeCursor('nobody')
    await settle()
    expect(spool.status().segments).toBe(1)
    expect(disk.names.filter((name) => name.endsWith('.ack'))).toEqual(['a.ack'])
    await spool.close()
  })
})

function newerSlot(bytes: Buffer): number {
  return bytes.readUInt32LE(8) > bytes.readUInt32LE(72) ? 0 : 64
}

describe('skim', () => {
  it.each([
    ['from memory', 1 << 20],
    ['from disk', 0],
  ])('says what lies ahead, %s', async (_, tailBytes) => {
    const spool = await openSpool(new FakeDisk(), { tailBytes, segmentBytes: 1024 })
    const cursor = await openCursor(spool)
    await appendNumbers(spool, 1, 40)
    cursor.acknowledge(0, 10)
    const skimmed: number[] = []
    let bytes = 0
    for await (const one of cursor.skim()) {
      skimmed.push(one.seq)
      bytes += one.bytes
      expect(one.counts).toEqual({ samples: 3, histograms: 0, exemplars: 0 })
      expect(one.origin).toEqual(someOrigin)
    }
    expect(skimmed).toEqual(range(11, 40))
    expect(bytes).toBe(cursor.backlogBytes)
    await spool.close()
  })
})

describe('the cap', () => {
  const maxBytes = 4096

  it('holds for appends that come at once', async () => {
    const spool = await openSpool(new FakeDisk(), { maxBytes })
    const cursor = await openCursor(spool)
    const appends = range(1, 400).map((id) => spool.append(batchNumber(id)))
    await settle()
    expect(cursor.backlogBytes).toBeGreaterThan(maxBytes - 200)
    expect(cursor.backlogBytes).toBeLessThanOrEqual(maxBytes)
    const closed = Promise.allSettled(appends)
    await spool.close()
    await closed
  })

  it('makes appends wait for a sink that must lose nothing, until it acknowledges', async () => {
    const spool = await openSpool(new FakeDisk(), { maxBytes })
    const cursor = await openCursor(spool)
    let appended = 0
    while ((await stateOf(spool.append(batchNumber(appended + 1)))) === 'resolved') appended++
    expect(cursor.backlogBytes).toBeLessThanOrEqual(maxBytes)
    expect(cursor.backlogBytes).toBeGreaterThan(maxBytes - 200)
    const waiting = [spool.append(batchNumber(appended + 2)), spool.append(batchNumber(appended + 3))]
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['pending', 'pending'])
    cursor.acknowledge(0, 10)
    expect((await Promise.all(waiting)).map(({ seq }) => seq)).toEqual([appended + 2, appended + 3])
    expect(await readNumbers(spool, cursor)).toEqual(range(11, appended + 3))
    await spool.close()
  })

  it('lets a waiting append go at its signal, and at the close, without taking the batch', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxBytes })
    await openCursor(spool)
    let appended = 0
    const stop = new AbortController()
    let last: Promise<unknown>
    for (;;) {
      last = spool.append(batchNumber(appended + 1), { signal: stop.signal })
      if ((await stateOf(last)) !== 'resolved') break
      appended++
    }
    stop.abort(new Error('enough'))
    await expect(last).rejects.toThrow('enough')
    const closed = expect(spool.append(batchNumber(0))).rejects.toMatchObject({ code: 'closed', message: 'spool /spool is closed' })
    await settle()
    await spool.close()
    await closed
    const again = await openSpool(disk)
    expect(again.status().head).toBe(appended)
    await again.close()
  })

  it('refuses at once a batch that can never fit', async () => {
    const spool = await openSpool(new FakeDisk(), { maxBytes })
    await openCursor(spool)
    const large = { origin: someOrigin, columns: [samplesOfList(listOf('large', 1000), 1)] }
    await expect(spool.append(large)).rejects.toThrow(/^spool \/spool: a batch of \d+ bytes is larger than the cap of 4096 \(maxBytes\)$/)
    expect(await spool.append(batchNumber(1))).toEqual({ seq: 1, status: 'spooled' })
    await spool.close()
  })

  it('moves a sink on that chose to lose the oldest, counts each batch, and touches nobody else', async () => {
    const spool = await openSpool(new FakeDisk(), { maxBytes, segmentBytes: 1024, tailBytes: 500 })
    const lost: LostBatch[] = []
    const loser = await openCursor(spool, { name: 'loser', overflow: 'drop-oldest', onLost: (one) => lost.push(one) })
    const keeper = await openCursor(spool, { name: 'keeper' })
    for (let id = 1; id <= 200; id++) {
      await spool.append(batchNumber(id))
      keeper.acknowledge(0, id - 1)
      expect(loser.backlogBytes).toBeLessThanOrEqual(maxBytes)
    }
    const read = await readNumbers(spool, loser)
    expect(lost.length).toBeGreaterThan(100)
    expect([...lost.map(({ seq }) => seq), ...read]).toEqual(range(1, 200))
    expect(lost[0]).toEqual({ seq: 1, origin: someOrigin, counts: { samples: 3, histograms: 0, exemplars: 0 }, reason: 'overflow' })
    expect(keeper.acknowledged).toEqual([199])
    expect(spool.status().bytes).toBeLessThan(2 * maxBytes)
    await spool.close()
  })

  it('does not report what a lane has settled', async () => {
    const spool = await openSpool(new FakeDisk(), { maxBytes })
    const lost: number[] = []
    const origins = ['a', 'b'].map((id) => ({ kind: 'target' as const, id }))
    const cursor = await openCursor(spool, {
      lanes: 2,
      overflow: 'drop-oldest',
      laneOf: ({ id }) => (id === 'a' ? 0 : 1),
      onLost: ({ seq }) => lost.push(seq),
    })
    for (let id = 1; id <= 100; id++) {
      await spool.append(batchNumber(id, { origin: origins[id % 2]! }))
      cursor.acknowledge(1, id)
    }
    expect(lost.length).toBeGreaterThan(10)
    expect(lost.every((seq) => seq % 2 === 0)).toBe(true)
    await spool.close()
  })

  it('holds for a sink that does not come back', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk, { maxBytes, segmentBytes: 1024 })
    await (await openCursor(spool, { name: 'gone' })).close()
    const cursor = await openCursor(spool)
    for (let id = 1; id <= 200; id++) {
      await spool.append(batchNumber(id))
      cursor.acknowledge(0, id)
    }
    await settle()
    expect(spool.status().bytes).toBeLessThan(2 * maxBytes)
    await spool.close()
  })

  it('holds for a sink that does not come back and whose place is damaged', async () => {
    const disk = new FakeDisk()
    disk.put('gone.ack', Buffer.from('damaged'))
    const spool = await openSpool(disk, { maxBytes, segmentBytes: 1024 })
    const cursor = await openCursor(spool)
    for (let id = 1; id <= 200; id++) {
      await spool.append(batchNumber(id))
      cursor.acknowledge(0, id)
    }
    await settle()
    expect(spool.status().bytes).toBeLessThan(2 * maxBytes)
    await spool.close()
  })
})

describe('age', () => {
  it('gives up what is older than the limit, with its counts', async () => {
    const clock = new ManualClock()
    const spool = await openSpool(new FakeDisk(), { clock, maxAgeMs: 60_000 })
    const lost: LostBatch[] = []
    const cursor = await openCursor(spool, { onLost: (one) => lost.push(one) })
    await appendNumbers(spool, 1, 3)
    clock.advance(59_000)
    await appendNumbers(spool, 4, 5)
    await settle()
    expect(lost).toEqual([])
    clock.advance(2_000)
    await settle()
    expect(lost.map(({ seq, reason }) => [seq, reason])).toEqual([
      [1, 'age'],
      [2, 'age'],
      [3, 'age'],
    ])
    expect(await readNumbers(spool, cursor)).toEqual([4, 5])
    await spool.close()
  })
})

describe('use', () => {
  it.each([
    [{ dir: '' }, 'spool: dir must name a folder'],
    [{ maxBytes: 10 }, 'spool /spool: maxBytes must be an integer from 1024 to 9007199254740991, not 10'],
    [{ segmentBytes: 2 ** 30 }, 'spool /spool: segmentBytes must be an integer from 1024 to 134217728, not 1073741824'],
    [{ maxRecordBytes: Number.NaN }, 'spool /spool: maxRecordBytes must be an integer from 1024 to 1073741824, not NaN'],
    [{ minFreeBytes: -1 }, 'spool /spool: minFreeBytes must be an integer from 0 to 9007199254740991, not -1'],
    [{ tailBytes: 0.5 }, 'spool /spool: tailBytes must be an integer from 0 to 9007199254740991, not 0.5'],
    [{ maxAgeMs: 0 }, 'spool /spool: maxAgeMs must be an integer from 1 to 9007199254740991, not 0'],
  ])('refuses options %j', (options, message) => {
    expect(() => createDiskSpool({ dir: '/spool', ...options })).toThrow(message)
  })

  it.each([
    [{ name: 'a/b' }, 'cursor "a/b": a name has 1 to 64 letters, digits, _ and -'],
    [{ name: '' }, 'cursor "": a name has 1 to 64 letters, digits, _ and -'],
    [{ lanes: 0 }, 'cursor sink: lanes must be an integer from 1 to 1024, not 0'],
    [{ lanes: 1.5 }, 'cursor sink: lanes must be an integer from 1 to 1024, not 1.5'],
  ])('refuses a cursor %j', async (options, message) => {
    const spool = await openSpool(new FakeDisk())
    await expect(openCursor(spool, options)).rejects.toThrow(message)
    await spool.close()
  })

  it('keeps the place of a cursor that is about to be opened again from what is given up, and appends from going over it', async () => {
    const given: unknown[] = []
    const spool = createDiskSpool({ dir: '/spool', fileSystem: new FakeDisk(), minFreeBytes: 0, maxBytes: 4096, segmentBytes: 1024 })
    await spool.open({ onGivenUp: (one) => given.push(one) })
    const cursor = await openCursor(spool)
    let last = spool.append(batchNumber(1))
    while ((await stateOf(last)) === 'resolved') last = spool.append(batchNumber(1))
    const { head } = spool.status()
    await cursor.close({ reopens: true })
    await settle()
    expect([await stateOf(last), spool.status().head, given]).toEqual(['pending', head, []])
    const again = await openCursor(spool)
    await expect(openCursor(spool)).rejects.toThrow('cursor sink is open already')
    expect((await readNumbers(spool, again)).length).toBe(head)
    again.acknowledge(0, head)
    await last
    await again.close({ reopens: true })
    await again.close()
    while (given.length === 0) await spool.append(batchNumber(1))
    await spool.close()
  })

  it('refuses a cursor that is open, and a lane that is not there', async () => {
    const spool = await openSpool(new FakeDisk())
    const cursor = await openCursor(spool, { lanes: 2 })
    await expect(openCursor(spool)).rejects.toThrow('cursor sink is open already')
    expect(() => cursor.acknowledge(2, 1)).toThrow('cursor sink: there is no lane 2, only 0 to 1')
    await cursor.close()
    await openCursor(spool)
    await spool.close()
  })

  it('says so before the open and after the close, which may come twice', async () => {
    const spool = createDiskSpool({ dir: '/spool', fileSystem: new FakeDisk() })
    await expect(spool.append(batchNumber(1))).rejects.toThrow('spool /spool is not open yet')
    await spool.open()
    await expect(spool.open()).rejects.toThrow('spool /spool was opened before')
    await spool.close()
    await spool.close()
    await expect(spool.append(batchNumber(1))).rejects.toThrow('spool /spool is closed')
    await expect(openCursor(spool)).rejects.toThrow('spool /spool is closed')
  })

  it('is one at a time', async () => {
    const disk = new FakeDisk()
    const spool = await openSpool(disk)
    await expect(openSpool(disk)).rejects.toMatchObject({ code: 'spool-locked' })
    await spool.close()
    await (await openSpool(disk)).close()
  })

  it('rejects with spool-io where the folder cannot be used, and gives the lock back', async () => {
    const disk = new FakeDisk({ fail: (operation) => (operation === 'readdir' ? 'EACCES' : undefined) })
    await expect(openSpool(disk)).rejects.toMatchObject({ code: 'spool-io', message: 'spool /spool: EACCES: readdir' })
    disk.options = {}
    await (await openSpool(disk)).close()
  })
})

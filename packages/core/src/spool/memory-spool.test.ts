import { describe, expect, it } from 'vitest'
import { createMemorySpool } from './memory-spool.js'
import type { LostBatch, Spool } from './spool.js'
import { batchNumber, listOf, readToHead, samplesOfList, someOrigin } from './testdata/batches.js'
import { openCursor, range, readNumbers, settle, stateOf } from './testdata/spools.js'

async function open(options: { maxBytes?: number } = {}): Promise<Spool> {
  const spool = createMemorySpool(options)
  await spool.open()
  return spool
}

describe('the spool in memory', () => {
  it('answers an append when every required sink has settled its batch, and not before', async () => {
    const spool = await open()
    const [a, b] = [await openCursor(spool, { name: 'a' }), await openCursor(spool, { name: 'b' })]
    await openCursor(spool, { name: 'optional', required: false })
    const appends = [spool.append(batchNumber(1)), spool.append(batchNumber(2))]
    a.acknowledge(0, 2)
    expect(await Promise.all(appends.map(stateOf))).toEqual(['pending', 'pending'])
    b.acknowledge(0, 1)
    expect(await Promise.all(appends.map(stateOf))).toEqual(['resolved', 'pending'])
    b.acknowledge(0, 2)
    expect(await Promise.all(appends)).toEqual([
      { seq: 1, status: 'delivered' },
      { seq: 2, status: 'delivered' },
    ])
    await spool.close()
  })

  it('waits for the own lane of a batch only, where it is told which that is', async () => {
    const spool = await open()
    const cursor = await openCursor(spool, { lanes: 2, laneOf: ({ id }) => (id === 'slow' ? 0 : 1) })
    const slow = spool.append(batchNumber(1, { origin: { kind: 'client', id: 'slow' } }))
    const fast = spool.append(batchNumber(2, { origin: { kind: 'client', id: 'fast' } }))
    cursor.acknowledge(1, 2)
    expect(await stateOf(slow)).toBe('pending')
    expect(await fast).toEqual({ seq: 2, status: 'delivered' })
    cursor.acknowledge(0, 1)
    expect(await slow).toEqual({ seq: 1, status: 'delivered' })
    await spool.close()
  })

  it('gives the same objects, goes back, skims, and holds what is not settled', async () => {
    const spool = await open()
    const cursor = await openCursor(spool)
    const batches = range(1, 5).map((id) => batchNumber(id))
    const appends = Promise.allSettled(batches.map((batch) => spool.append(batch)))
    const read = await readToHead(spool, cursor)
    expect(read.map(({ batch }) => batch)).toEqual(batches)
    for (const [i, { batch }] of read.entries()) expect(batch).toBe(batches[i])
    cursor.acknowledge(0, 2)
    cursor.seek(1)
    expect(await readNumbers(spool, cursor)).toEqual([3, 4, 5])
    const skimmed = []
    for await (const { seq, counts, origin } of cursor.skim()) skimmed.push({ seq, counts, origin })
    expect(skimmed).toEqual([3, 4, 5].map((seq) => ({ seq, origin: someOrigin, counts: { samples: 3, histograms: 0, exemplars: 0 } })))
    expect(spool.status()).toMatchObject({ kind: 'memory', head: 5, bytes: cursor.backlogBytes, segments: 0 })
    await spool.close()
    expect((await appends).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'])
  })

  it('waits at the cap, in the order of the calls, and lets go at the signal', async () => {
    const spool = await open({ maxBytes: 1024 })
    const cursor = await openCursor(spool)
    const stop = new AbortController()
    const appends = range(1, 6).map((id) => spool.append(batchNumber(id), id === 5 ? { signal: stop.signal } : {}))
    await settle()
    expect(spool.status().head).toBe(3)
    expect(cursor.backlogBytes).toBeLessThanOrEqual(1024)
    stop.abort(new Error('enough'))
    await expect(appends[4]).rejects.toThrow('enough')
    cursor.acknowledge(0, 3)
    expect(await readNumbers(spool, cursor)).toEqual([4, 6])
    cursor.acknowledge(0, 5)
    expect(await appends[5]).toEqual({ seq: 5, status: 'delivered' })
    await expect(spool.append({ origin: someOrigin, columns: [samplesOfList(listOf('large', 200), 1)] })).rejects.toThrow(
      'memory spool: a batch of 1876 bytes is larger than the cap of 1024 (maxBytes)',
    )
    await spool.close()
  })

  it('moves a sink on that chose to lose the oldest, and does not say that those were delivered', async () => {
    const spool = await open({ maxBytes: 1024 })
    const lost: LostBatch[] = []
    const cursor = await openCursor(spool, { overflow: 'drop-oldest', onLost: (one) => lost.push(one) })
    const appends = range(1, 5).map((id) => spool.append(batchNumber(id)))
    expect(await Promise.all(appends.map(stateOf))).toEqual([
      ...[1, 2].map(() => 'PromlineError: memory spool: a batch was given up for sink at the cap of 1024 bytes'),
      'pending',
      'pending',
      'pending',
    ])
    expect(lost).toEqual(
      [1, 2].map((seq) => ({ seq, origin: someOrigin, counts: { samples: 3, histograms: 0, exemplars: 0 }, reason: 'overflow' })),
    )
    expect(await readNumbers(spool, cursor)).toEqual([3, 4, 5])
    cursor.acknowledge(0, 5)
    await Promise.all(appends.slice(2))
    await spool.close()
  })

  it('keeps the place of a cursor that is closed, until it is removed', async () => {
    const spool = await open()
    const cursor = await openCursor(spool)
    const append = spool.append(batchNumber(1))
    await cursor.close()
    const again = await openCursor(spool)
    expect(again.restarted).toBe(false)
    expect(await readNumbers(spool, again)).toEqual([1])
    await expect(spool.removeCursor('sink')).rejects.toThrow('cursor sink is open: close it first')
    expect(await stateOf(append)).toBe('pending')
    await again.close()
    await spool.removeCursor('sink')
    expect(await append).toEqual({ seq: 1, status: 'delivered' })
    await spool.close()
  })

  it('answers at once where no sink is required', async () => {
    const spool = await open()
    expect(await spool.append(batchNumber(1))).toEqual({ seq: 1, status: 'delivered' })
    expect(spool.status().bytes).toBe(0)
    await spool.close()
  })

  it.each([0, 1, 1023, 1024.5, Number.NaN])('refuses a cap of %d bytes', (maxBytes) => {
    const range = `from 1024 to ${Number.MAX_SAFE_INTEGER}`
    expect(() => createMemorySpool({ maxBytes })).toThrow(`memory spool: maxBytes must be an integer ${range}, not ${maxBytes}`)
  })

  it('says so before the open and after the close', async () => {
    const spool = createMemorySpool()
    await expect(spool.append(batchNumber(1))).rejects.toThrow('memory spool is not open yet')
    await spool.open()
    await expect(spool.open()).rejects.toThrow('memory spool: it was opened before')
    const cursor = await openCursor(spool)
    const append = spool.append(batchNumber(1))
    const next = cursor.next({ signal: new AbortController().signal })
    expect((await next)?.seq).toBe(1)
    const waiting = cursor.next({ signal: new AbortController().signal })
    await Promise.all([expect(append).rejects.toThrow('memory spool is closed'), spool.close()])
    expect(await waiting).toBeUndefined()
    await spool.close()
  })
})

import { describe, expect, it } from 'vitest'
import { laneOf } from '../delivery/lane-of.js'
import type { SendOutcome } from '../delivery/sink.js'
import { samplesOf } from '../model/samples.js'
import type { Cursor, Spool } from '../spool/spool.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createMemorySink, type MemorySink } from '../testing/memory-sink.js'
import { batch, range, startRig, valuesOf } from './testdata/rig.js'

const down: SendOutcome = { status: 'retryable', error: new Error('down') }

/** Origins in two different lanes of two. */
const [left, right] = [0, 1]
  .map((lane) => range(0, 20).find((i) => laneOf({ kind: 'target', id: `t${i}` }, 2) === lane)!)
  .map((i) => `t${i}`)

describe('lanes', () => {
  it.each([
    ['a tenant has one, whatever the origin', { tenant: 'x' }, 1],
    ['without a tenant they are spread by origin', {}, 8],
  ])('%s', (_, origin, expected) => {
    const lanes = new Set(range(0, 200).map((i) => laneOf({ kind: 'target', id: `job/10.0.0.${i}:9100`, ...origin }, 8)))
    expect(lanes.size).toBe(expected)
  })

  it('goes on for the others while one is parked, holds a bounded amount for it, and reads the rest again', async () => {
    let ill = true
    const sink = createMemorySink({
      otherwise: ({ batches }) => (ill && batches[0]?.origin.id === left ? down : { status: 'delivered' }),
    })
    const { write, clock, accounts, spool } = startRig({
      sink,
      // Three batches of 16 bytes for each lane.
      delivery: { lanes: 2, maxHeldBytes: 2 * 48, batchSendDeadlineMs: 0 },
    })
    const reads = countReads(spool)
    await write(batch(left!, [0]))
    await clock.advance(10)
    for (const i of range(1, 20)) {
      await write(batch(left!, [i], { timestampMs: i }))
      await write(batch(right!, [100 + i], { timestampMs: i }))
      await clock.advance(0)
    }
    expect(accounts()).toEqual({ in: 39, delivered: 19, spooled: 19, inFlight: 1 })
    expect(reads()).toBe(39)
    ill = false
    await clock.advance(60_000)
    expect(accounts()).toEqual({ in: 39, delivered: 39 })
    expect(valuesOf(sink.delivered.filter((one) => one.origin.id === left))).toEqual(range(0, 20))
    expect(spool.disk.marks.get('memory')).toEqual([39, 39])
  })

  it('forgets nothing that was left in the spool where others of it are gone', async () => {
    let ill = true
    const sink = createMemorySink({
      otherwise: ({ batches }) => (ill && batches[0]?.origin.id === left ? down : { status: 'delivered' }),
    })
    // One batch of 16 bytes for each lane.
    const { write, clock, accounts, spool } = startRig({ sink, delivery: { lanes: 2, maxHeldBytes: 32, batchSendDeadlineMs: 0 } })
    replaceNext(spool, (next) => async (waiting) => {
      const got = await next(waiting)
      return got?.seq === 4 ? next(waiting) : got
    })
    for (const i of range(0, 3)) {
      await write(batch(left!, [i], { timestampMs: i }))
      await clock.advance(20)
    }
    for (const i of [3, 4]) await write(batch(right!, [i], { timestampMs: i }))
    await clock.advance(20)
    expect(accounts()).toEqual({ in: 5, delivered: 1, inFlight: 1, spooled: 3 })
    ill = false
    await clock.advance(10_000)
    expect(valuesOf(sink.delivered.filter((one) => one.origin.id === left))).toEqual([0, 1, 2])
    expect(accounts()).toEqual({ in: 5, delivered: 4, 'dropped damage': 1 })
  })

  it('acknowledges each lane by itself, and an idle one with the reader', async () => {
    const sink = createMemorySink({ otherwise: ({ batches }) => (batches[0]?.origin.id === left ? down : { status: 'delivered' }) })
    const { write, clock, spool } = startRig({ sink, delivery: { lanes: 2, batchSendDeadlineMs: 0 } })
    await write(batch(right!, [1]))
    await write(batch(left!, [2]))
    await write(batch(right!, [3]))
    await clock.advance(1_000)
    expect(spool.disk.marks.get('memory')).toEqual([1, 3])
  })

  it('waits, and reads nothing twice, where a lane is only slow', async () => {
    const { write, clock, accounts, spool } = startSlow(30)
    const reads = countReads(spool)
    for (const i of range(0, 30)) await write(batch(left!, [i], { timestampMs: i }))
    await clock.advance(50)
    expect(reads()).toBeLessThan(6)
    await clock.advance(60_000)
    expect(accounts()).toEqual({ in: 30, delivered: 30 })
    expect(reads()).toBe(30)
  })

  it.each([
    ['slow', 900],
    ['hanging', 25_000],
  ])('goes on for the others within a second in all where one is %s', async (_, delayMs) => {
    const { write, clock, accounts, spool, sink } = startSlow(delayMs)
    const reads = countReads(spool)
    for (const i of range(0, 20)) {
      await write(batch(left!, [i], { timestampMs: i }))
      await write(batch(right!, [100 + i], { timestampMs: i }))
    }
    await clock.advance(1_100)
    const others = sink.delivered.filter((one) => one.origin.id === right)
    expect(valuesOf(others)).toEqual(range(100, 120))
    await clock.advance(20 * delayMs)
    expect(accounts()).toEqual({ in: 40, delivered: 40 })
    expect(valuesOf(sink.delivered.filter((one) => one.origin.id === left))).toEqual(range(0, 20))
    // What was left in the spool, a second time, and what lies between it.
    expect(reads()).toBeLessThan(4 * 40)
  })

  it('takes a batch that is larger than a share of what may be held', async () => {
    const sink = createMemorySink()
    const { write, clock, accounts } = startRig({ sink, delivery: { lanes: 2, maxHeldBytes: 2, batchSendDeadlineMs: 0 } })
    for (const i of range(0, 3)) await write(batch(left!, range(0, 5), { timestampMs: i }))
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 15, delivered: 15 })
  })

  it('keeps the batches of an origin in order, one after the other', async () => {
    const sink = createMemorySink({
      script: [down, down],
      otherwise: () => new Promise((resolve) => clock.schedule(10, () => resolve({ status: 'delivered' }))),
    })
    const { write, clock } = startRig({ sink, delivery: { maxSamplesPerSend: 1, batchSendDeadlineMs: 0 } })
    for (const i of range(0, 5)) await write(batch('a', [i], { timestampMs: i }))
    await clock.advance(1_000)
    expect(valuesOf(sink.delivered)).toEqual(range(0, 5))
    expect(sink.maxSeenInFlight).toBe(1)
  })
})

describe('overflow', () => {
  it('drops the oldest of what was not met, counted; what is in memory is sent all the same', async () => {
    const sink = createMemorySink({ script: [down, down, down] })
    const { write, clock, accounts } = startRig(
      { sink, overflow: 'drop-oldest', delivery: { lanes: 1, maxHeldBytes: 32, batchSendDeadlineMs: 0 } },
      { spoolOptions: { maxBytes: 5 * 16 } },
    )
    for (const i of range(0, 12)) {
      await write(batch('a', [i], { timestampMs: i }))
      await clock.advance(0)
    }
    await clock.advance(10_000)
    expect(accounts()).toEqual({ in: 12, delivered: 7, 'dropped overflow': 5 })
    expect(valuesOf(sink.delivered)).toEqual([0, 1, 7, 8, 9, 10, 11])
  })

  it('sends nothing that was dropped while the reader came by it', async () => {
    const pending: (() => void)[] = []
    const hang = (): Promise<SendOutcome> => new Promise((resolve) => pending.push(() => resolve({ status: 'delivered' })))
    const sink = createMemorySink({ script: [hang, hang] })
    const { write, clock, accounts } = startRig(
      { sink, overflow: 'drop-oldest', delivery: { lanes: 1, maxHeldBytes: 16, batchSendDeadlineMs: 0 } },
      { spoolOptions: { maxBytes: 4 * 16 } },
    )
    const writeAll = async (from: number, to: number): Promise<void> => {
      for (const i of range(from, to)) await write(batch('a', [i], { timestampMs: i }))
      await clock.advance(0)
    }
    await writeAll(0, 4)
    await clock.advance(2_000)
    // The first is delivered, the second fetched; on its way back to the front the reader comes by the third.
    pending[0]!()
    await clock.advance(0)
    await writeAll(4, 7)
    expect(accounts()).toEqual({ in: 7, delivered: 1, inFlight: 1, spooled: 4, 'dropped overflow': 1 })
    pending[1]!()
    await clock.advance(2_000)
    expect(valuesOf(sink.delivered)).toEqual([0, 1, 3, 4, 5, 6])
    expect(accounts()).toEqual({ in: 7, delivered: 6, 'dropped overflow': 1 })
  })

  it('counts what was only in memory as dropped, where it ends there', async () => {
    const sink = createMemorySink({ otherwise: down })
    const { write, clock, accounts, during, pipeline } = startRig(
      { sink, overflow: 'drop-oldest', delivery: { lanes: 1, batchSendDeadlineMs: 0 } },
      { spoolOptions: { maxBytes: 3 * 16 } },
    )
    for (const i of range(0, 5)) {
      await write(batch('a', [i], { timestampMs: i }))
      await clock.advance(0)
    }
    await during(pipeline.close())
    expect(accounts()).toEqual({ in: 5, spooled: 3, 'dropped overflow': 2 })
  })

  it('makes writers wait where it must not', async () => {
    const sink = createMemorySink({ script: [down] })
    const { write, clock, accounts, pipeline } = startRig({ sink }, { spoolOptions: { maxBytes: 32 } })
    await write(batch('a', [1, 2]))
    const waiting = write(batch('a', [3]))
    await clock.advance(0)
    expect(pipeline.accounts().intake).toMatchObject({ in: { samples: 3 }, pending: { samples: 1 }, balanced: true })
    await clock.advance(2_000)
    expect(await waiting).toEqual({ status: 'spooled' })
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 3, delivered: 3 })
  })
})

describe("a sink's own view", () => {
  it('counts what its transforms leave out, and acknowledges it', async () => {
    const sink = createMemorySink()
    const { write, clock, accounts, spool } = startRig({
      sink,
      delivery: { lanes: 1 },
      transforms: [
        (one, drop) => {
          const rest = valuesOf([one]).filter((value) => value < 10)
          drop('relabel', { samples: valuesOf([one]).length - rest.length, histograms: 0, exemplars: 0 })
          return batch(one.origin.id, rest)
        },
      ],
    })
    await write(batch('a', [1, 20, 2]))
    await write(batch('b', [30]))
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 4, delivered: 2, 'dropped relabel': 2 })
    expect(sink.sends.map((send) => valuesOf(send.batches))).toEqual([[1, 2]])
    expect(spool.disk.marks.get('memory')).toEqual([2])
  })

  it('puts a batch that a transform throws on into the dead letter', async () => {
    const sink = createMemorySink()
    const { write, clock, accounts } = startRig({
      sink,
      transforms: [
        (one) => {
          if (valuesOf([one]).includes(13)) throw new Error('thirteen')
          return one
        },
      ],
    })
    for (const value of [12, 13, 14]) await write(batch('a', [value]))
    await clock.advance(3_000)
    expect(accounts()).toEqual({ in: 3, delivered: 2, 'rejected transform': 1 })
  })

  it('drops samples that are too old when a request is formed', async () => {
    const sink = createMemorySink()
    const { write, clock, accounts } = startRig({ sink, delivery: { sampleAgeLimitMs: 60_000 } })
    await write(batch('a', [1], { timestampMs: clock.nowMs() - 59_001 }))
    await write(batch('a', [2], { timestampMs: clock.nowMs() - 58_000 }))
    await clock.advance(1_001)
    expect(accounts()).toEqual({ in: 2, delivered: 1, 'dropped age': 1 })
    expect(sink.delivered.flatMap((one) => [...samplesOf(one)].map((sample) => sample.value))).toEqual([2])
  })
})

describe('lag', () => {
  it('is the age of the oldest batch that is not settled, also of one that was left in the spool', async () => {
    let mend = (): void => {}
    const mended = new Promise<SendOutcome>((resolve) => {
      mend = () => resolve({ status: 'delivered' })
    })
    const sink = createMemorySink({
      otherwise: ({ batches, attempt }) => {
        if (batches[0]?.origin.id === right) return new Promise(() => {})
        return attempt === 0 ? down : mended
      },
    })
    // One batch of 16 bytes for each lane.
    const { write, clock, pipeline, accounts } = startRig({ sink, delivery: { lanes: 2, maxHeldBytes: 32, batchSendDeadlineMs: 0 } })
    const lag = () => pipeline.status().sinks[0]?.lagSeconds
    expect(lag()).toBe(0)
    await write(batch(left!, [0]))
    await clock.advance(10_000)
    await write(batch(left!, [1], { timestampMs: 2 }))
    await clock.advance(10_000)
    expect(lag()).toBe(20)
    // The reader waits with the second of these.
    for (const i of [2, 3]) await write(batch(right!, [i], { timestampMs: i }))
    mend()
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 4, delivered: 1, spooled: 2, inFlight: 1 })
    expect(lag()).toBe(10)
  })

  it('goes on where the spool cannot be read', async () => {
    const { write, clock, pipeline, spool, accounts } = startRig({ sink: createMemorySink() })
    let broken = true
    replaceNext(spool, (next) => (waiting) => (broken && spool.head > 0 ? Promise.reject(new Error('EIO')) : next(waiting)))
    await write(batch('a', [1]))
    await clock.advance(0)
    await write(batch('a', [2], { timestampMs: 2 }))
    await clock.advance(60_000)
    const { lagSeconds } = pipeline.status().sinks[0]!
    expect(lagSeconds).toBeGreaterThanOrEqual(59)
    broken = false
    await clock.advance(3_000)
    expect(accounts()).toEqual({ in: 2, delivered: 2 })
    expect(pipeline.status().sinks[0]).toMatchObject({ lagSeconds: 0 })
  })
})

/** The left lane's sends take a while; each lane holds three batches of 16 bytes. */
function startSlow(delayMs: number): ReturnType<typeof startRig> & { readonly sink: MemorySink } {
  const clock = createFakeClock()
  const delivered = { status: 'delivered' } as const
  const sink = createMemorySink({
    otherwise: ({ batches }) =>
      batches[0]?.origin.id === left ? new Promise((resolve) => clock.schedule(delayMs, () => resolve(delivered))) : delivered,
  })
  const delivery = { lanes: 2, maxHeldBytes: 2 * 48, batchSendDeadlineMs: 0 }
  return { ...startRig({ sink, delivery }, { fakeClock: clock }), sink }
}

function countReads(spool: Spool): () => number {
  let reads = 0
  replaceNext(spool, (next) => async (waiting) => {
    const got = await next(waiting)
    if (got !== undefined) reads++
    return got
  })
  return () => reads
}

/** Has the cursors that are opened from now on read in another way. */
function replaceNext(spool: Spool, replace: (next: Cursor['next']) => Cursor['next']): void {
  const cursor = spool.cursor.bind(spool)
  spool.cursor = async (options) => {
    const opened = await cursor(options)
    opened.next = replace(opened.next.bind(opened))
    return opened
  }
}

import { describe, expect, it } from 'vitest'
import type { SendOutcome } from '../delivery/sink.js'
import { silentLogger } from '../model/logger.js'
import { batchOf } from '../model/samples.js'
import { createMemorySink, encodeInMemory, type MemorySink } from '../testing/memory-sink.js'
import { batch, MemoryDeadLetter, range, startRig, valuesOf } from './testdata/rig.js'

const error = new Error('no')
const ten = batch('a', range(0, 10))
const counts = (samples: number) => ({ samples, histograms: 0, exemplars: 0 })

/** A sink that a program without types brings: these parts of it are something else. */
function sinkWith(parts: object): MemorySink {
  return Object.assign(createMemorySink(), parts)
}

/** A function that gives one thing after the other, and the last one from then on. */
function giving(...all: readonly unknown[]): () => Promise<unknown> {
  let calls = 0
  return async () => all[Math.min(calls++, all.length - 1)]
}

describe('a sink that answers nonsense', () => {
  const nonsense: readonly (readonly [unknown, string])[] = [
    [undefined, 'answered undefined, and not an outcome'],
    [null, 'answered null, and not an outcome'],
    [{ status: 'ok' }, 'answered with the status "ok", and not delivered, retryable or rejected'],
    [{ status: 'retryable' }, 'answered "retryable" where error is undefined'],
    [{ status: 'rejected', cause: 'invalid', divisible: false }, 'answered "rejected" where error is undefined'],
    [{ status: 'delivered', rejected: { reason: 'partial', message: 'm' } }, 'answered "delivered" where rejected.counts is undefined'],
    [
      { status: 'delivered', rejected: { counts: counts(1), reason: 'partial', message: 'm', batches: 5 } },
      'answered "delivered" where rejected.batches is 5',
    ],
  ]

  it.each(nonsense)('to a send is asked again, and named: %j', async (answer, fault) => {
    const sink = sinkWith({ send: giving(answer, { status: 'delivered' }) })
    const { write, clock, accounts, pipeline } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(ten)
    await clock.advance(0)
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'retrying', reason: `sink "memory", memory: ${fault}` })
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 10, delivered: 10 })
  })

  it.each(nonsense)('to prepare is asked again, and named: %j', async (answer, fault) => {
    const sink = sinkWith({ prepare: giving(answer, { status: 'delivered' }) })
    const { write, clock, accounts, pipeline } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(ten)
    await clock.advance(0)
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'retrying', reason: `sink "memory", prepare: ${fault}` })
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 10, delivered: 10 })
  })

  it.each<readonly [string, () => unknown, string]>([
    ['a promise', () => Promise.reject(error), 'a promise, and not a list of parts'],
    ['nothing', () => undefined, 'undefined, and not a list of parts'],
    ['null as a part', () => [null], 'null among the parts'],
    ['a part without counts', () => [{ part: 'p', body: [], bytes: 1 }], 'a part whose counts are undefined'],
  ])('to an encode is refused as what throws there, and named: %s', async (_, encode, fault) => {
    const deadLetter = new MemoryDeadLetter()
    const whole = new Set([3, 4])
    const sink = sinkWith({
      encode: (batches: MemorySink['delivered']) =>
        valuesOf(batches).some((value) => whole.has(value)) ? encode() : [encodeInMemory('memory', batches)],
    })
    const { write, clock, accounts } = startRig({ sink, deadLetter, delivery: { batchSendDeadlineMs: 0 } })
    await write(ten)
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 10, delivered: 8, 'rejected invalid': 2 })
    expect(deadLetter.letters.map(({ values, message }) => [...values, message])).toEqual(
      [3, 4].map((value) => [value, `sink "memory": encode gave ${fault}`]),
    )
  })

  it('closes with the others, and lets go of the spool', async () => {
    const good = createMemorySink({ name: 'good' })
    const bad = sinkWith({ send: giving(undefined) })
    const { write, clock, pipeline, during, accounts } = startRig([{ sink: good }, { sink: bad }])
    await write(ten)
    await clock.advance(5_000)
    await during(pipeline.close({ deadlineMs: 1_000 }))
    expect([good.closed, bad.closed]).toEqual([true, true])
    expect([accounts('good'), accounts('memory')]).toEqual([
      { in: 10, delivered: 10 },
      { in: 10, spooled: 10 },
    ])
  })
})

describe('a sink that counts nonsense', () => {
  const refusing = (refused: object) => ({
    send: giving({ status: 'delivered', rejected: { counts: refused, reason: 'partial', message: 'm' } }),
  })
  const encoding = (part: object) => ({ encode: (batches: MemorySink['delivered']) => [{ ...encodeInMemory('memory', batches), ...part }] })
  it.each<readonly [string, object, Record<string, number>]>([
    ['refused more than it was sent', refusing(counts(25)), { 'rejected partial': 10 }],
    ['refused what was not there', refusing({ samples: 2, histograms: 3, exemplars: 0 }), { delivered: 8, 'rejected partial': 2 }],
    ['refused one kind', refusing({ samples: 2 }), { delivered: 8, 'rejected partial': 2 }],
    ['refused NaN', refusing(counts(Number.NaN)), { delivered: 10 }],
    ['refused less than nothing', refusing(counts(-5)), { delivered: 10 }],
    ['carries NaN', encoding({ counts: counts(Number.NaN) }), { 'dropped unaccounted': 10 }],
    ['carries less than nothing', encoding({ counts: counts(-5) }), { 'dropped unaccounted': 10 }],
    ['carries one kind', encoding({ counts: { samples: 10 } }), { delivered: 10 }],
    ['drops less than nothing', encoding({ dropped: [{ reason: 'x', counts: counts(-7) }] }), { delivered: 10 }],
    ['drops more than there is', encoding({ dropped: [{ reason: 'x', counts: counts(70) }] }), { 'dropped x': 10 }],
  ])('has accounts that balance: %s', async (_, parts, expected) => {
    const { write, clock, accounts } = startRig({ sink: sinkWith(parts), delivery: { batchSendDeadlineMs: 0 } })
    await write(ten)
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 10, ...expected })
  })

  it('has accounts that balance where its transform drops without counts', async () => {
    const transform = (one: typeof ten, drop: unknown) => {
      if (typeof drop === 'function') Reflect.apply(drop, undefined, ['why'])
      return one
    }
    const { write, clock, accounts } = startRig({
      sink: createMemorySink(),
      transforms: [transform],
      delivery: { batchSendDeadlineMs: 0 },
    })
    await write(ten)
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 10, delivered: 10 })
  })

  it.each([
    [0, '0'],
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    ['x', '"x"'],
  ])('is refused where its limit is %s bytes', (maxBodyBytes, told) => {
    const message = `sink "memory": maxBodyBytes must be a whole number, at least 1, not ${told}`
    expect(() => startRig({ sink: sinkWith({ maxBodyBytes }) })).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})

describe('waiting for no time that can be waited for', () => {
  it.each<readonly [string, object]>([
    ['Retry-After is NaN', { retryAfterMs: Number.NaN }],
    ['Retry-After is negative', { retryAfterMs: -5 }],
    ['Retry-After is infinite', { retryAfterMs: Number.POSITIVE_INFINITY }],
    ['Retry-After is text', { retryAfterMs: '5' }],
  ])('backs off as without it: %s', async (_, parts) => {
    const sink = sinkWith({ send: giving({ status: 'retryable', error, ...parts }) })
    const { write, clock, pipeline } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    const delays: number[] = []
    pipeline.events.on('retry', ({ delayMs }) => delays.push(delayMs))
    await write(ten)
    await clock.advance(100)
    expect(delays).toEqual([15, 30, 60])
  })

  it('backs off where NaN is drawn', async () => {
    const sink = createMemorySink({ otherwise: { status: 'retryable', error } })
    const { write, clock } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } }, { random: () => Number.NaN })
    await write(ten)
    await clock.advance(100)
    expect(sink.sends).toHaveLength(3)
  })
})

describe('prepare', () => {
  it('is not done where it asks to be done anew', async () => {
    const again: SendOutcome = { status: 'retryable', error, reencode: true }
    const script: SendOutcome[] = [again, again]
    const sink = createMemorySink({ prepare: async () => script.shift() ?? { status: 'delivered' } })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(ten)
    await clock.advance(44)
    expect(sink.sends).toHaveLength(0)
    await clock.advance(1)
    expect(accounts()).toEqual({ in: 10, delivered: 10 })
  })
})

describe('what nobody expected', () => {
  /** Throws so many times, wherever the log tells that something was refused. */
  function throwing(times: number) {
    const complaints: string[] = []
    let left = times
    const logger = {
      ...silentLogger,
      error(_facts: object, message: string) {
        if (message.includes('refused') && left-- > 0) throw new Error('disk of the log is full')
        complaints.push(message)
      },
    }
    return { logger, complaints }
  }
  const bad: SendOutcome = { status: 'rejected', cause: 'invalid', divisible: false, error }

  it('is told, and the lane goes on after a back-off', async () => {
    const { logger, complaints } = throwing(1)
    const sink = createMemorySink({ script: [bad] })
    const { write, clock, accounts, pipeline } = startRig({ sink, delivery: { lanes: 1, batchSendDeadlineMs: 0 } }, { logger })
    const states: unknown[] = []
    pipeline.events.on('state', ({ state, reason }) => states.push([state, reason]))
    await write(ten)
    await write(batch('a', [11]))
    await clock.advance(0)
    expect(complaints).toEqual(['sink memory had an error that nobody expected: disk of the log is full. It will try again.'])
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'retrying', reason: 'disk of the log is full' })
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 11, delivered: 1, 'rejected invalid': 10 })
    expect(states).toEqual([
      ['retrying', 'disk of the log is full'],
      ['healthy', undefined],
    ])
  })

  it('leaves no slot taken, and no gate waiting for it', async () => {
    const { logger } = throwing(4)
    const sink = createMemorySink({ maxInFlight: 1, script: [bad, bad, bad, bad] })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } }, { logger })
    for (const id of range(0, 6)) await write(batch(`t${id}`, [id]))
    await clock.advance(10_000)
    expect(accounts()).toEqual({ in: 6, delivered: 2, 'rejected invalid': 4 })
  })

  it('does not send again what is settled, where only the spool did not take the mark', async () => {
    const sink = createMemorySink()
    const { write, clock, accounts, spool, pipeline } = startRig({ sink, delivery: { lanes: 1, batchSendDeadlineMs: 0 } })
    const open = spool.cursor.bind(spool)
    let failures = 2
    spool.cursor = async (options) => {
      const cursor = await open(options)
      const acknowledge = cursor.acknowledge.bind(cursor)
      cursor.acknowledge = (lane, seq) => {
        if (failures-- > 0) throw new Error('no mark')
        acknowledge(lane, seq)
      }
      return cursor
    }
    await write(ten)
    await clock.advance(0)
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'retrying', reason: 'no mark' })
    await clock.advance(200)
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'healthy' })
    expect([sink.sends.length, spool.disk.marks.get('memory'), accounts()]).toEqual([1, [1], { in: 10, delivered: 10 }])
  })

  it('keeps no close from its end, with a logger that always throws', async () => {
    const fail = (): never => {
      throw new Error('disk of the log is full')
    }
    const sink = createMemorySink({ otherwise: bad })
    const { write, clock, pipeline, during } = startRig({ sink }, { logger: { ...silentLogger, warn: fail, error: fail } })
    await write(ten)
    await clock.advance(5_000)
    await during(pipeline.close())
    expect(sink.closed).toBe(true)
    expect(pipeline.accounts().balanced).toBe(true)
  })
})

describe('a request that is cut into very many', () => {
  it('is delivered, in order', async () => {
    const sink = createMemorySink()
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0, maxSamplesPerSend: 10 } })
    await write(batchOf(range(0, 100_000).map((value) => ({ labels: { __name__: 'm' }, value, timestampMs: value }))))
    await clock.advanceUntil(() => accounts()['delivered'] === 100_000)
    expect(valuesOf(sink.delivered)).toEqual(range(0, 100_000))
  }, 60_000)
})

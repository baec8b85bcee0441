import { describe, expect, it } from 'vitest'
import type { SendOutcome } from '../delivery/sink.js'
import type { Batch } from '../model/batch.js'
import { toError } from '../model/errors.js'
import { batchOf } from '../model/samples.js'
import { createMemorySink, encodeInMemory, type MemorySink } from '../testing/memory-sink.js'
import { batch, MemoryDeadLetter, range, startRig, valuesOf } from './testdata/rig.js'

const down: SendOutcome = { status: 'retryable', error: new Error('connection refused') }
const unauthorized: SendOutcome = { status: 'retryable', error: new Error('401'), blocked: 'credentials refused (401)' }
const tooLarge: SendOutcome = { status: 'rejected', cause: 'too-large', divisible: false, error: new Error('413 too large') }
const indivisible: SendOutcome = { status: 'rejected', cause: 'invalid', divisible: false, error: new Error('400 bad request') }

/** Refuses what holds a bad value, as divisible or not. */
function refusing(bad: number, divisible: boolean): (send: { batches: readonly Batch[] }) => SendOutcome {
  return ({ batches }) =>
    valuesOf(batches).includes(bad)
      ? { status: 'rejected', cause: 'invalid', divisible, error: new Error(`${bad} is bad`) }
      : { status: 'delivered' }
}

/** When the sends came, in milliseconds of the clock. */
function timed(sink: MemorySink, now: () => number): number[] {
  const times: number[] = []
  const send = sink.send.bind(sink)
  sink.send = (...args) => {
    times.push(now())
    return send(...args)
  }
  return times
}

describe('delivered', () => {
  it('counts, acknowledges and tells', async () => {
    const sink = createMemorySink()
    const { write, pipeline, clock, spool, accounts } = startRig({ sink, delivery: { lanes: 2 } })
    const events: unknown[] = []
    pipeline.events.on('delivered', (event) => events.push(event))
    await write(batch('a', [1, 2, 3]))
    expect(accounts()).toEqual({ in: 3, spooled: 3 })
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 3, delivered: 3 })
    expect(spool.disk.marks.get('memory')).toEqual([1, 1])
    expect(events).toEqual([
      { sink: 'memory', part: 'memory', counts: { samples: 3, histograms: 0, exemplars: 0 }, bytes: 48, durationMs: 0 },
    ])
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'healthy', lagSeconds: 0, lastAnswer: { status: 'delivered', message: '' } })
  })

  it('takes off what the server refused of it, and puts that into the dead letter', async () => {
    const rejected = { counts: { samples: 1, histograms: 0, exemplars: 0 }, reason: 'partial-write', message: 'field type conflict' }
    const sink = createMemorySink({ script: [{ status: 'delivered', rejected: { ...rejected, batches: [batch('a', [2])] } }] })
    const deadLetter = new MemoryDeadLetter()
    const { write, pipeline, clock, accounts } = startRig({ sink, deadLetter })
    const events: unknown[] = []
    pipeline.events.on('rejected', (event) => events.push(event))
    await write(batch('a', [1, 2, 3]))
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 3, delivered: 2, 'rejected partial-write': 1 })
    expect(deadLetter.letters).toEqual([
      { values: [2], origin: 'a', sink: 'memory', reason: 'partial-write', message: 'field type conflict' },
    ])
    expect(events).toEqual([{ sink: 'memory', ...rejected }])
    expect(pipeline.status().sinks[0]).toMatchObject({ deadLetters: 1 })
  })
})

describe('joining', () => {
  it('joins batches of a lane up to the number of samples, at once when it is reached', async () => {
    const sink = createMemorySink()
    const { write, clock } = startRig({ sink, delivery: { lanes: 1, maxSamplesPerSend: 4 } })
    for (const id of ['a', 'b', 'c', 'd', 'e']) await write(batch(id, [1, 2]))
    await clock.advance(0)
    expect(sink.sends.map((send) => send.batches.map((one) => one.origin.id))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    await clock.advance(999)
    expect(sink.sends).toHaveLength(2)
    await clock.advance(1)
    expect(sink.sends).toHaveLength(3)
  })

  it('never joins different tenants', async () => {
    const sink = createMemorySink()
    const { write, clock } = startRig({ sink, delivery: { lanes: 1 } })
    for (const tenant of ['x', 'x', 'y', 'x']) await write(batch('a', [1], { tenant }))
    await clock.advance(1_000)
    expect(sink.sends.map((send) => send.batches.map((one) => one.origin.tenant))).toEqual([['x', 'x'], ['y'], ['x']])
  })

  it('cuts a batch that is larger than a request; its pieces are under way together', async () => {
    const pending: (() => void)[] = []
    const sink = createMemorySink({ otherwise: () => new Promise((resolve) => pending.push(() => resolve({ status: 'delivered' }))) })
    const { write, clock, accounts } = startRig({ sink, delivery: { lanes: 1, maxSamplesPerSend: 4, maxInFlight: 2 } })
    await write(batch('a', range(0, 10)))
    await clock.advance(0)
    expect(sink.sends.map((send) => valuesOf(send.batches).length)).toEqual([4, 4])
    expect(accounts()).toEqual({ in: 10, inFlight: 10 })
    while (pending.length > 0) {
      pending.shift()?.()
      await clock.advance(0)
    }
    expect(sink.maxSeenInFlight).toBe(2)
    expect(accounts()).toEqual({ in: 10, delivered: 10 })
  })

  it('sends the pieces one after the other where a series is in several of them', async () => {
    const sink = createMemorySink({ otherwise: () => new Promise(() => {}) })
    const { write, clock } = startRig({ sink, delivery: { lanes: 1, maxSamplesPerSend: 2 } })
    const one = (timestampMs: number) => range(0, 2).map((i) => ({ labels: { __name__: 'm', i: String(i) }, value: i, timestampMs }))
    await write(batchOf([...one(1), ...one(2), ...one(3)], { kind: 'target', id: 'a' }))
    await clock.advance(1_000)
    expect(sink.sends).toHaveLength(1)
  })
})

describe('retryable', () => {
  it('sends the same body again, joins nothing to it, and backs off with full jitter', async () => {
    const sink = createMemorySink({ script: [down, down, down, down, down, down, down, down, down, down] })
    const { write, clock, accounts, pipeline } = startRig({ sink, delivery: { lanes: 1 } })
    const times = timed(sink, () => clock.monotonicMs())
    const retries: number[] = []
    pipeline.events.on('retry', ({ attempt, delayMs }) => retries.push(attempt, delayMs))
    await write(batch('a', [1]))
    await clock.advance(1_000)
    expect(pipeline.status().sinks[0]).toMatchObject({
      state: 'retrying',
      reason: 'connection refused',
      lastAnswer: { status: 'retryable', message: 'connection refused' },
    })
    await write(batch('a', [2]))
    await clock.advance(60_000)
    expect(times.map((time, i) => time - (times[i - 1] ?? 1_000))).toEqual([0, 15, 30, 60, 120, 240, 480, 960, 1_920, 2_500, 2_500, 0])
    expect(retries).toEqual([1, 15, 2, 30, 3, 60, 4, 120, 5, 240, 6, 480, 7, 960, 8, 1_920, 9, 2_500, 10, 2_500])
    const same = sink.sends.slice(0, 11)
    expect(new Set(same.map((send) => send.batches)).size).toBe(1)
    expect(same.map((send) => send.attempt)).toEqual(range(0, 11))
    expect(valuesOf(sink.delivered)).toEqual([1, 2])
    expect(accounts()).toEqual({ in: 2, delivered: 2 })
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'healthy', retries: 10 })
  })

  it('takes a throw for one', async () => {
    const sink = createMemorySink({
      script: [
        () => {
          throw new Error('reset')
        },
      ],
    })
    const { write, clock, accounts, pipeline } = startRig({ sink })
    const errors: string[] = []
    pipeline.events.on('retry', ({ error }) => errors.push(error.message))
    await write(batch('a', [1]))
    await clock.advance(1_100)
    expect(errors).toEqual(['reset'])
    expect(accounts()).toEqual({ in: 1, delivered: 1 })
  })

  it('gives an attempt up at its time limit, and a sink that does not listen a second later', async () => {
    const sink = createMemorySink({
      script: [
        ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))),
        () => new Promise(() => {}),
      ],
    })
    const { write, clock, pipeline } = startRig({ sink, delivery: { sendTimeoutMs: 5_000, batchSendDeadlineMs: 0 } })
    const retries: [string, number][] = []
    pipeline.events.on('retry', ({ error }) => retries.push([error.message, clock.monotonicMs()]))
    await write(batch('a', [1]))
    await clock.advance(20_000)
    expect(retries).toEqual([
      ['sink "memory", memory: timed out after 5000 ms', 5_000],
      ['sink "memory", memory: timed out after 5000 ms', 5_015 + 5_000 + 1_000],
    ])
    expect(valuesOf(sink.delivered)).toEqual([1])
  })

  it.each([3_600_000, -3_600_000])('keeps its time limits and back-offs where the wall clock jumps by %i ms', async (jumpMs) => {
    const sink = createMemorySink({
      script: [down, () => new Promise(() => {}), { status: 'retryable', error: new Error('429'), retryAfterMs: 10_000 }, unauthorized],
    })
    const { write, clock, accounts } = startRig({ sink, delivery: { sendTimeoutMs: 5_000 } })
    const times = timed(sink, () => clock.monotonicMs())
    await write(batch('a', [1]))
    // In the midst of the wait to be joined, of the attempt that hangs, of Retry-After, and of the probe.
    for (const ms of [500, 2_000, 9_000, 10_000]) {
      await clock.advance(ms)
      clock.stepWallClock(jumpMs)
    }
    await clock.advance(60_000)
    expect(times).toEqual([1_000, 1_015, 7_045, 17_045, 47_045])
    expect(accounts()).toEqual({ in: 1, delivered: 1 })
  })

  it.each([
    ['replaces the back-off where it is longer', 10_000, 10_000],
    ['does not where it is shorter', 1, 15],
    ['is capped at five minutes', 3_600_000, 300_000],
  ])('Retry-After %s', async (_, retryAfterMs, expected) => {
    const sink = createMemorySink({ script: [{ status: 'retryable', error: new Error('429'), retryAfterMs }] })
    const { write, clock } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    const times = timed(sink, () => clock.monotonicMs())
    await write(batch('a', [1]))
    await clock.advance(400_000)
    expect(times).toEqual([0, expected])
  })

  it('keeps every lane of the tenant to a Retry-After, and sends one request to see', async () => {
    const sink = createMemorySink({ script: [{ status: 'retryable', error: new Error('429'), retryAfterMs: 8_000 }] })
    const { write, clock } = startRig({ sink, delivery: { batchSendDeadlineMs: 0, maxInFlight: 1 } })
    const times = timed(sink, () => clock.monotonicMs())
    for (const id of range(0, 20)) await write(batch(`t${id}`, [1]))
    await clock.advance(7_999)
    expect(times).toEqual([0])
    await clock.advance(1)
    expect(sink.delivered).toHaveLength(20)
  })

  it('asks an ill server no more than thirty times a minute in each lane', async () => {
    const sink = createMemorySink({ otherwise: { status: 'retryable', error: new Error('503') } })
    const { write, clock } = startRig({ sink, delivery: { lanes: 1, maxSamplesPerSend: 5, batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 50)))
    await clock.advance(300_000)
    expect(sink.sends.length).toBeLessThan(150)
    expect(sink.sends.length).toBeGreaterThan(100)
  })
})

describe('blocked', () => {
  it('keeps the data, says why, and probes slowly; other tenants go on', async () => {
    const sink = createMemorySink({
      otherwise: ({ batches }) => (batches[0]?.origin.tenant === 'x' ? unauthorized : { status: 'delivered' }),
    })
    const { write, clock, accounts, pipeline } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    const states: unknown[] = []
    pipeline.events.on('state', (event) => states.push(event))
    for (const tenant of ['x', 'y', 'z', 'x']) await write(batch('a', [1], { tenant }))
    await clock.advance(300_000)
    expect(sink.sends.filter((send) => send.batches[0]?.origin.tenant === 'x')).toHaveLength(11)
    expect(accounts()).toEqual({ in: 4, delivered: 2, inFlight: 1, spooled: 1 })
    expect(pipeline.status().sinks[0]).toMatchObject({
      state: 'blocked',
      reason: 'tenant "x": credentials refused (401)',
      lagSeconds: 300,
      nextAttemptMs: clock.nowMs() + 30_000,
    })
    expect(states).toContainEqual({ sink: 'memory', state: 'blocked', reason: 'tenant "x": credentials refused (401)' })
  })

  it('is not told as healthy on its way from one trouble to another, and every change is logged', async () => {
    const sink = createMemorySink({ script: [down, unauthorized, down, { status: 'delivered' }] })
    const lines: string[] = []
    const log = (level: string) => (_facts: object, message: string) => void lines.push(`${level}: ${message}`)
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
    const { write, clock, pipeline } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } }, { logger })
    const states: string[] = []
    pipeline.events.on('state', ({ state }) => states.push(state))
    await write(batch('a', [1]))
    await clock.advance(300_000)
    expect(states).toEqual(['retrying', 'blocked', 'retrying', 'healthy'])
    expect(lines.filter((line) => line.includes('sink memory'))).toEqual([
      'warn: sink memory will try again: connection refused',
      'error: sink memory is blocked until somebody mends it: credentials refused (401)',
      'warn: sink memory will try again: connection refused',
      'info: sink memory delivers again',
    ])
  })

  it('goes on when the probe succeeds', async () => {
    const sink = createMemorySink({ script: [unauthorized, unauthorized] })
    const { write, clock, accounts, pipeline } = startRig({ sink, delivery: { batchSendDeadlineMs: 0, lanes: 4, maxInFlight: 1 } })
    for (const id of range(0, 9)) await write(batch(`t${id}`, [id]))
    await clock.advance(59_999)
    expect(sink.sends).toHaveLength(2)
    await clock.advance(1)
    expect(accounts()).toEqual({ in: 9, delivered: 9 })
    expect(pipeline.status().sinks[0]?.state).toBe('healthy')
  })
})

describe('prepare and reencode', () => {
  it('prepares once before the first encode, for all lanes', async () => {
    let prepared = 0
    const sink = createMemorySink({
      prepare: async () => {
        prepared++
        return { status: 'delivered' }
      },
      encode: (batches) => {
        expect(prepared).toBe(1)
        return [encodeInMemory('memory', batches)]
      },
    })
    const { write, clock, accounts } = startRig({ sink })
    for (const id of range(0, 9)) await write(batch(`t${id}`, [id]))
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 9, delivered: 9 })
  })

  it.each([
    ['retries it', down, 15],
    ['probes it slowly while it is blocked', unauthorized, 30_000],
    ['takes a refusal for a block', indivisible, 30_000],
  ])('%s', async (_, outcome, delayMs) => {
    const script = [outcome]
    const sink = createMemorySink({ prepare: async () => script.shift() ?? { status: 'delivered' } })
    const { write, clock } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', [1]))
    await clock.advance(delayMs - 1)
    expect(sink.sends).toHaveLength(0)
    await clock.advance(1)
    expect(sink.sends).toHaveLength(1)
  })

  it('prepares and encodes once more before the next attempt', async () => {
    let version = 0
    const sink = createMemorySink({
      prepare: async () => {
        version++
        return { status: 'delivered' }
      },
      encode: (batches) => [encodeInMemory(`v${version}`, batches)],
      script: [{ status: 'retryable', error: new Error('415'), reencode: true }],
    })
    const { write, clock, pipeline, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    const parts: string[] = []
    pipeline.events.on('delivered', ({ part }) => parts.push(part))
    await write(batch('a', [1]))
    await clock.advance(100)
    expect(parts).toEqual(['v2'])
    expect(sink.sends.map((send) => send.attempt)).toEqual([0, 0])
    expect(accounts()).toEqual({ in: 1, delivered: 1 })
  })

  it('does not send again what another part of the request had delivered', async () => {
    const odd: string[] = []
    const sink = createMemorySink({
      prepare: async () => ({ status: 'delivered' }),
      encode: byParity,
      otherwise: ({ batches }) => {
        if (valuesOf(batches)[0]! % 2 === 0 || odd.length > 0) return { status: 'delivered' }
        odd.push('refused once')
        return { status: 'retryable', error: new Error('partitions changed'), reencode: true }
      },
    })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 6)))
    await clock.advance(100)
    expect(valuesOf(sink.delivered)).toEqual([0, 2, 4, 1, 3, 5])
    expect(accounts()).toEqual({ in: 6, delivered: 6 })
  })
})

/** One part for the even series, one for the odd ones. */
function byParity(batches: readonly Batch[]): ReturnType<MemorySink['encode']> {
  return ['even', 'odd'].flatMap((part, parity) => {
    const own = batches.map((one) =>
      batchOf(
        valuesOf([one])
          .filter((value) => value % 2 === parity)
          .map((value) => ({ labels: { __name__: 'm', i: String(value) }, value, timestampMs: 1_000 })),
        one.origin,
      ),
    )
    const encoded = encodeInMemory(part, own)
    return encoded.bytes === 0 ? [] : [encoded]
  })
}

describe('too large', () => {
  it('halves and encodes again, until a single sample goes to the dead letter', async () => {
    const sink = createMemorySink({ otherwise: ({ batches }) => (valuesOf(batches).includes(11) ? tooLarge : { status: 'delivered' }) })
    const deadLetter = new MemoryDeadLetter()
    const { write, clock, accounts } = startRig({ sink, deadLetter, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 16)))
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 16, delivered: 15, 'rejected too-large': 1 })
    expect(deadLetter.letters).toEqual([{ values: [11], origin: 'a', sink: 'memory', reason: 'too-large', message: '413 too large' }])
    expect(valuesOf(sink.delivered).sort((a, b) => a - b)).toEqual(range(0, 16).filter((value) => value !== 11))
    expect(sink.sends).toHaveLength(9)
  })

  it('halves before sending what is larger than the sink takes', async () => {
    const sink = createMemorySink({ maxBodyBytes: 5 * 16 })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 16)))
    await clock.advance(0)
    expect(sink.sends.map((send) => valuesOf(send.batches).length)).toEqual([4, 4, 4, 4])
    expect(accounts()).toEqual({ in: 16, delivered: 16 })
  })

  it('does not send a single sample that is larger than the sink takes', async () => {
    const sink = createMemorySink({ maxBodyBytes: 15 })
    const deadLetter = new MemoryDeadLetter()
    const { write, clock, accounts } = startRig({ sink, deadLetter, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', [7]))
    await clock.advance(0)
    expect(sink.sends).toHaveLength(0)
    expect(accounts()).toEqual({ in: 1, 'rejected too-large': 1 })
    expect(deadLetter.letters[0]?.message).toBe('a body of 16 bytes is larger than the limit of 15 bytes')
  })
})

describe('invalid', () => {
  it('divides a request of several origins by origin, so that none pays for another', async () => {
    const sink = createMemorySink({ otherwise: refusing(4, false) })
    const deadLetter = new MemoryDeadLetter()
    const { write, clock, accounts } = startRig({ sink, deadLetter, delivery: { lanes: 1 } })
    await write(batch('a', [1, 2]))
    await write(batch('b', [3, 4]))
    await write(batch('a', [5, 6], { timestampMs: 2_000 }))
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 6, delivered: 4, 'rejected invalid': 2 })
    expect(deadLetter.letters).toEqual([{ values: [3, 4], origin: 'b', sink: 'memory', reason: 'invalid', message: '4 is bad' }])
    expect(valuesOf(sink.delivered)).toEqual([1, 2, 5, 6])
    expect(sink.sends).toHaveLength(3)
  })

  it('bisects within one origin where it may', async () => {
    const sink = createMemorySink({ otherwise: refusing(5, true) })
    const deadLetter = new MemoryDeadLetter()
    const { write, clock, accounts } = startRig({ sink, deadLetter, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 8)))
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 8, delivered: 7, 'rejected invalid': 1 })
    expect(deadLetter.letters).toEqual([{ values: [5], origin: 'a', sink: 'memory', reason: 'invalid', message: '5 is bad' }])
    expect(sink.sends).toHaveLength(7)
  })

  it('does not send a request of one origin again where it must not', async () => {
    const sink = createMemorySink({ otherwise: refusing(5, false) })
    const { write, clock, accounts, pipeline } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 8)))
    await clock.advance(60_000)
    expect(sink.sends).toHaveLength(1)
    expect(accounts()).toEqual({ in: 8, 'rejected invalid': 8 })
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'healthy', lastAnswer: { status: 'rejected', message: '5 is bad' } })
  })

  it('never holds up the next batch', async () => {
    const sink = createMemorySink({ script: [indivisible] })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', [1]))
    await clock.advance(0)
    await write(batch('a', [2]))
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 2, delivered: 1, 'rejected invalid': 1 })
  })

  it('is what an encoder throws, and divisible', async () => {
    const sink = createMemorySink({
      encode: (batches) => {
        if (valuesOf(batches).includes(3)) throw new Error('3 has no form')
        return [encodeInMemory('memory', batches)]
      },
    })
    const deadLetter = new MemoryDeadLetter()
    const { write, clock, accounts } = startRig({ sink, deadLetter, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 5)))
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 5, delivered: 4, 'rejected invalid': 1 })
    expect(deadLetter.letters).toEqual([{ values: [3], origin: 'a', sink: 'memory', reason: 'invalid', message: '3 has no form' }])
  })
})

describe('parts', () => {
  it('has parts of different names under way together, and equal names one after the other', async () => {
    const pending = new Map<string, () => void>()
    const order: string[] = []
    const names = new Map<unknown, string>()
    const sink = createMemorySink({
      encode: (batches) =>
        ['x', 'x', 'y'].map((part, i) => {
          const body = [batchOf([{ labels: { __name__: part }, value: i, timestampMs: 1 }], batches[0]!.origin)]
          names.set(body, `${part}${i}`)
          return encodeInMemory(part, body)
        }),
      otherwise: ({ batches }) => {
        const name = names.get(batches)!
        order.push(name)
        return new Promise((resolve) => pending.set(name, () => resolve({ status: 'delivered' })))
      },
    })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', [1, 2, 3]))
    await clock.advance(0)
    expect(order).toEqual(['x0', 'y2'])
    pending.get('x0')!()
    await clock.advance(0)
    expect(order).toEqual(['x0', 'y2', 'x1'])
    await write(batch('a', [4, 5, 6]))
    await clock.advance(100)
    expect(order).toHaveLength(3)
    pending.get('y2')!()
    pending.get('x1')!()
    await clock.advance(0)
    expect(order).toHaveLength(5)
    expect(accounts()).toEqual({ in: 6, delivered: 3, inFlight: 3 })
  })

  it('retries one part while the others are done with, and refuses one without the others', async () => {
    const deadLetter = new MemoryDeadLetter()
    const script: SendOutcome[] = [down, indivisible]
    const sink = createMemorySink({
      encode: byParity,
      otherwise: ({ batches }) => (valuesOf(batches)[0]! % 2 === 1 ? (script.shift() ?? { status: 'delivered' }) : { status: 'delivered' }),
    })
    const { write, clock, accounts } = startRig({ sink, deadLetter, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', range(0, 7)))
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 7, delivered: 4, inFlight: 3 })
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 7, delivered: 4, 'rejected invalid': 3 })
    expect(deadLetter.letters.map((letter) => letter.values)).toEqual([[1, 3, 5]])
    expect(sink.sends).toHaveLength(3)
  })

  it('counts what a format cannot carry as dropped, once, also when it is encoded again', async () => {
    const dropped = [{ reason: 'nan', counts: { samples: 1, histograms: 0, exemplars: 0 } }]
    const sink = createMemorySink({
      script: [{ status: 'retryable', error: new Error('415'), reencode: true }],
      encode: (batches) => [{ ...encodeInMemory('memory', batches), counts: { samples: 2, histograms: 0, exemplars: 0 }, dropped }],
    })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', [1, 2, Number.NaN]))
    await clock.advance(100)
    expect(accounts()).toEqual({ in: 3, delivered: 2, 'dropped nan': 1 })
  })

  it('never sends a body without bytes, and accounts for a sink that miscounts', async () => {
    const sink = createMemorySink({
      encode: () => [{ part: 'empty', body: [], bytes: 0, counts: { samples: 0, histograms: 0, exemplars: 0 } }],
    })
    const { write, clock, accounts } = startRig({ sink, delivery: { batchSendDeadlineMs: 0 } })
    await write(batch('a', [1, 2]))
    await clock.advance(0)
    expect(sink.sends).toHaveLength(0)
    expect(accounts()).toEqual({ in: 2, 'dropped unaccounted': 2 })
  })
})

describe('dead letter', () => {
  it('is told when to stop: at the time limit of a write, and at the close', async () => {
    const aborted: [reason: string, atMs: number][] = []
    const { write, clock, pipeline, during, accounts } = startRig({
      sink: createMemorySink({ otherwise: indivisible }),
      deadLetter: {
        write: (_, __, options) =>
          new Promise((_resolve, reject) => {
            options?.signal.addEventListener('abort', () => {
              aborted.push([toError(options.signal.reason).message, clock.monotonicMs()])
              reject(new Error('gone'))
            })
          }),
      },
      delivery: { batchSendDeadlineMs: 0, sendTimeoutMs: 5_000 },
    })
    await write(batch('a', [1]))
    await clock.advance(6_000)
    await during(pipeline.close({ deadlineMs: 2_000 }))
    expect(aborted).toEqual([
      ['sink "memory", dead letter: timed out after 5000 ms', 5_000],
      ['sink "memory", dead letter: was given up at close', 7_600],
    ])
    expect(accounts()).toEqual({ in: 1, spooled: 1 })
  })

  it('holds the lane while it cannot be written, without sending again', async () => {
    const deadLetter = new MemoryDeadLetter()
    deadLetter.failure = new Error('disk full')
    const sink = createMemorySink({ script: [indivisible] })
    const { write, clock, accounts, pipeline, spool } = startRig({ sink, deadLetter, delivery: { lanes: 1, batchSendDeadlineMs: 0 } })
    await write(batch('a', [1]))
    await write(batch('a', [2]))
    await clock.advance(60_000)
    expect(sink.sends).toHaveLength(1)
    expect(accounts()).toEqual({ in: 2, inFlight: 1, spooled: 1 })
    expect(pipeline.status().sinks[0]).toMatchObject({ state: 'retrying', reason: 'disk full', deadLetters: 0 })
    expect(spool.disk.marks.get('memory')).toBeUndefined()
    deadLetter.failure = undefined
    await clock.advance(5_000)
    expect(accounts()).toEqual({ in: 2, delivered: 1, 'rejected invalid': 1 })
    expect(spool.disk.marks.get('memory')).toEqual([2])
    expect(deadLetter.letters.flatMap((letter) => letter.values)).toEqual([1])
  })
})

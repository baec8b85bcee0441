import { describe, expect, it } from 'vitest'
import { batchOf } from '../model/samples.js'
import { collectConsume, createFakeClock, createMemorySink } from './index.js'

const batch = batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs: 1 }])
const signal = new AbortController().signal

describe('createFakeClock()', () => {
  it('runs timers in the order of their time, and those that they set', async () => {
    const clock = createFakeClock({ nowMs: 1_000 })
    const log: string[] = []
    clock.schedule(20, () => log.push(`b at ${clock.nowMs()}`))
    clock.schedule(10, () => {
      log.push(`a at ${clock.nowMs()}`)
      clock.schedule(5, () => log.push(`c at ${clock.nowMs()}`))
    })
    clock.schedule(12, () => log.push('never'))()
    await clock.advance(20)
    expect(log).toEqual(['a at 1010', 'c at 1015', 'b at 1020'])
    expect(clock.timers).toBe(0)
  })

  it('steps the wall clock alone', () => {
    const clock = createFakeClock({ nowMs: 0 })
    clock.stepWallClock(-3_600_000)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([-3_600_000, 0])
  })

  it('says when a condition cannot come true', async () => {
    const clock = createFakeClock()
    await expect(clock.advanceUntil(() => false)).rejects.toThrow('no timer is left, and the condition does not hold')
    const again = (): void => void clock.schedule(1_000, again)
    again()
    await expect(clock.advanceUntil(() => false, { maxMs: 5_000 })).rejects.toThrow('the condition does not hold after 5000 ms')
  })
})

describe('createMemorySink()', () => {
  it('answers by its script, then as told, and keeps what was delivered', async () => {
    const down = { status: 'retryable', error: new Error('down') } as const
    const sink = createMemorySink({ script: [down] })
    sink.answer(({ attempt }) => ({ status: 'rejected', cause: 'invalid', divisible: false, error: new Error(`attempt ${attempt}`) }))
    const { body } = sink.encode([batch])[0]!
    expect(await sink.send(body, { signal, attempt: 0 })).toBe(down)
    expect(await sink.send(body, { signal, attempt: 1 })).toMatchObject({ error: { message: 'attempt 1' } })
    expect(await sink.send(body, { signal, attempt: 2 })).toEqual({ status: 'delivered' })
    expect(sink.sends.map((send) => send.attempt)).toEqual([0, 1, 2])
    expect(sink.delivered).toEqual([batch])
    expect(sink.inFlight).toBe(0)
  })
})

describe('collectConsume()', () => {
  it('keeps batches, and refuses them while told so', async () => {
    const { consume, batches, refuseWith } = collectConsume()
    expect(await consume(batch)).toEqual({ status: 'spooled' })
    refuseWith(new Error('full'))
    await expect(consume(batch)).rejects.toThrow('full')
    refuseWith(undefined)
    await expect(consume(batch, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    expect(batches).toEqual([batch])
  })
})

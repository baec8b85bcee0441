import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { sendOnce } from './send-once.js'
import type { SendOutcome } from './sink.js'

const never = new AbortController().signal
const delivered: SendOutcome = { status: 'delivered' }
const hanging = (): Promise<SendOutcome> => new Promise(() => {})

describe('sendOnce()', () => {
  const clock = createFakeClock()
  const options = { what: 'it', clock, timeoutMs: 5_000, stop: never }

  it('gives the outcome, and leaves no timer', async () => {
    expect(await sendOnce(async () => delivered, options)).toBe(delivered)
    expect(clock.timers).toBe(0)
  })

  it('takes a throw for retryable, also one without a promise', async () => {
    const error = new Error('no')
    const thrown = (): Promise<SendOutcome> => {
      throw error
    }
    expect(await sendOnce(() => Promise.reject(error), options)).toEqual({ status: 'retryable', error })
    expect(await sendOnce(thrown, options)).toEqual({ status: 'retryable', error })
  })

  it('gives the outcome of an attempt that ends in time after its abort', async () => {
    const attempt = (signal: AbortSignal): Promise<SendOutcome> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(delivered)))
    const outcome = sendOnce(attempt, options)
    await clock.advance(5_000)
    expect(await outcome).toBe(delivered)
  })

  it('ends a second after the stop at the latest', async () => {
    const stop = new AbortController()
    const outcome = sendOnce(hanging, { ...options, stop: stop.signal })
    stop.abort()
    await clock.advance(1_000)
    expect(await outcome).toMatchObject({ status: 'retryable', error: { code: 'closed', message: 'it was given up at close' } })
    expect(clock.timers).toBe(0)
  })

  it('grants a second more where this process was busy when the time was up', async () => {
    let lateMs = 0
    const busy = { ...clock, monotonicMs: () => clock.monotonicMs() + lateMs }
    const aborted: number[] = []
    const beganMs = clock.monotonicMs()
    const attempt = (signal: AbortSignal): Promise<SendOutcome> => {
      signal.addEventListener('abort', () => aborted.push(clock.monotonicMs() - beganMs))
      return hanging()
    }
    const outcome = sendOnce(attempt, { ...options, clock: busy })
    lateMs = 2_000
    await clock.advance(7_000)
    expect(aborted).toEqual([6_000])
    expect(await outcome).toMatchObject({ status: 'retryable', error: { code: 'timeout', message: 'it timed out after 5000 ms' } })
  })
})

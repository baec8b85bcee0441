import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { type AttemptsOptions, Attempts } from './attempts.js'
import type { SendOutcome } from './sink.js'

const delivered: SendOutcome = { status: 'delivered' }
const hanging = (): Promise<SendOutcome> => new Promise(() => {})

describe('Attempts', () => {
  const clock = createFakeClock()
  const attempts = (options: Partial<AttemptsOptions> = {}) =>
    new Attempts({ who: 'it', clock, timeoutMs: 5_000, stop: new AbortController().signal, ...options })

  it('gives the outcome, and leaves no timer', async () => {
    expect(await attempts().make(async () => delivered, 'a')).toBe(delivered)
    expect(clock.timers).toBe(0)
  })

  it('takes a throw for retryable, also one without a promise', async () => {
    const error = new Error('no')
    const thrown = (): Promise<SendOutcome> => {
      throw error
    }
    expect(await attempts().make(() => Promise.reject(error), 'a')).toEqual({ status: 'retryable', error })
    expect(await attempts().make(thrown, 'a')).toEqual({ status: 'retryable', error })
    expect(clock.timers).toBe(0)
  })

  it('gives the outcome of an attempt that ends in time after its abort', async () => {
    const attempt = (signal: AbortSignal): Promise<SendOutcome> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(delivered)))
    const outcome = attempts().make(attempt, 'a')
    await clock.advance(5_000)
    expect(await outcome).toBe(delivered)
  })

  it('ends a second after the stop at the latest', async () => {
    const stop = new AbortController()
    const outcome = attempts({ stop: stop.signal }).make(hanging, 'a')
    stop.abort()
    await clock.advance(1_000)
    expect(await outcome).toMatchObject({ status: 'retryable', error: { code: 'closed', message: 'it, a: was given up at close' } })
    expect(clock.timers).toBe(0)
  })

  it('aborts what is begun after the stop at once', async () => {
    const aborted: boolean[] = []
    const attempt = async (signal: AbortSignal): Promise<SendOutcome> => {
      await Promise.resolve()
      aborted.push(signal.aborted)
      return delivered
    }
    expect(await attempts({ stop: AbortSignal.abort() }).make(attempt, 'a')).toBe(delivered)
    expect(aborted).toEqual([true])
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
    const outcome = attempts({ clock: busy }).make(attempt, 'a')
    lateMs = 2_000
    await clock.advance(7_000)
    expect(aborted).toEqual([6_000])
    expect(await outcome).toMatchObject({ status: 'retryable', error: { code: 'timeout', message: 'it, a: timed out after 5000 ms' } })
  })

  describe('signals', () => {
    /** The signals that a number of attempts were given, each of which did something with its own. */
    async function signalsOf(count: number, use: (signal: AbortSignal) => void): Promise<Set<AbortSignal>> {
      const all = attempts()
      const signals = new Set<AbortSignal>()
      for (let i = 0; i < count; i++) {
        const attempt = async (signal: AbortSignal): Promise<SendOutcome> => {
          signals.add(signal)
          use(signal)
          return delivered
        }
        await all.make(attempt, 'a')
      }
      return signals
    }

    it.each<readonly [string, number, number, (signal: AbortSignal) => void]>([
      ['are given again', 50, 1, () => {}],
      ['are given again where the listener was taken away', 50, 1, withoutTrace],
      ['are not given for ever', 150, 2, () => {}],
      ['are not given again where a listener was left', 3, 3, (signal) => signal.addEventListener('abort', () => {})],
      ['are not given again where a handler was left', 3, 3, leaveHandler],
    ])('%s', async (_, count, expected, use) => {
      expect((await signalsOf(count, use)).size).toBe(expected)
    })

    it('are of one attempt at a time', async () => {
      const all = attempts()
      const signals: AbortSignal[] = []
      const ends: (() => void)[] = []
      const attempt = (signal: AbortSignal): Promise<SendOutcome> => {
        signals.push(signal)
        return new Promise((resolve) => ends.push(() => resolve(delivered)))
      }
      const both = [all.make(attempt, 'a'), all.make(attempt, 'b')]
      for (const end of ends) end()
      await Promise.all(both)
      expect(new Set(signals).size).toBe(2)
    })

    it('are not given again once they were aborted, or nobody knows what their attempt still does', async () => {
      const all = attempts()
      const signals: AbortSignal[] = []
      const first = all.make((signal) => {
        signals.push(signal)
        return hanging()
      }, 'a')
      await clock.advance(6_000)
      expect(await first).toMatchObject({ status: 'retryable' })
      await all.make(async (signal) => {
        signals.push(signal)
        return delivered
      }, 'a')
      expect(signals.map((signal) => signal.aborted)).toEqual([true, false])
    })
  })
})

function withoutTrace(signal: AbortSignal): void {
  const listener = (): void => {}
  signal.addEventListener('abort', listener)
  signal.removeEventListener('abort', listener)
}

function leaveHandler(signal: AbortSignal): void {
  signal.onabort = () => {}
}

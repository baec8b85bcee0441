import { type Logger, PromlineError } from '@promline/core'
import { createFakeClock, type FakeClock } from '@promline/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createPoller, type Poller } from './poller.js'
import type { PollerOptions } from './poller-options.js'

const pollers: Poller<unknown>[] = []
const rejections: unknown[] = []
process.on('unhandledRejection', (reason) => rejections.push(reason))
afterEach(async () => {
  for (const poller of pollers.splice(0)) void poller.close()
  expect(rejections).toEqual([])
})

/** A source whose calls are answered by the test. */
function scriptedSource() {
  const calls: { readonly signal: AbortSignal; answer(value: string): void; fail(error: unknown): void }[] = []
  let running = 0
  let mostAtOnce = 0
  return {
    calls,
    get mostAtOnce() {
      return mostAtOnce
    },
    poll: ({ signal }: { signal: AbortSignal }): Promise<string> => {
      running++
      mostAtOnce = Math.max(mostAtOnce, running)
      return new Promise<string>((answer, fail) => {
        calls.push({ signal, answer, fail })
      }).finally(() => {
        running--
      })
    },
  }
}

function begin<T>(options: Pick<PollerOptions<T>, 'poll'> & Partial<PollerOptions<T>>): { poller: Poller<T>; clock: FakeClock } {
  const clock = createFakeClock()
  const poller = createPoller({ name: 'market', intervalMs: 1_000, clock, random: () => 0.5, ...options })
  pollers.push(poller)
  poller.start()
  return { poller, clock }
}

describe('ticks', () => {
  test('come after the jitter, and then every interval from there', async () => {
    const at: number[] = []
    const { clock } = begin({ poll: async () => void at.push(clock.monotonicMs()), jitter: 0.2 })
    await clock.advance(3_500)
    expect(at).toEqual([100, 1_100, 2_100, 3_100])
  })

  test('do not move when polls take long or fail', async () => {
    const at: number[] = []
    const { clock } = begin({
      poll: async () => {
        at.push(clock.monotonicMs())
        await new Promise<void>((resolve) => clock.schedule(700, resolve))
        throw new Error('no')
      },
      jitter: 0,
      retries: 0,
    })
    await clock.advance(2_500)
    expect(at).toEqual([0, 1_000, 2_000])
  })

  test('start() twice begins once', async () => {
    const source = scriptedSource()
    const { poller, clock } = begin({ poll: source.poll })
    poller.start()
    await clock.advance(50)
    expect(source.calls).toHaveLength(1)
  })

  test('that passed while the process was asleep are skipped and counted, and the rhythm stays', async () => {
    const at: number[] = []
    let nowMs = 0
    let timer: { atMs: number; callback: () => void } | undefined
    const clock = {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      schedule: (delayMs: number, callback: () => void) => {
        // Timeouts of calls that answer at once do not matter here.
        if (delayMs !== 900) timer = { atMs: nowMs + delayMs, callback }
        return () => {}
      },
    }
    const { poller } = begin({ poll: async () => void at.push(nowMs), clock, jitter: 0 })
    const wakeAt = async (ms: number): Promise<void> => {
      nowMs = ms
      timer?.callback()
      await Promise.resolve()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await wakeAt(0)
    await wakeAt(3_700)
    expect(timer?.atMs).toBe(4_000)
    await wakeAt(4_000)
    expect(at).toEqual([0, 3_700, 4_000])
    expect(poller.status.skipped).toBe(2)
  })
})

describe('a value', () => {
  test('is there with its time, until it is older than maxAgeMs, and comes back with the next answer', async () => {
    let answers = true
    const { poller, clock } = begin({
      poll: async (): Promise<number> => {
        if (!answers) throw new Error('down')
        return clock.monotonicMs()
      },
      jitter: 0,
      maxAgeMs: 2_500,
    })
    expect(poller.latest()).toBeUndefined()
    await clock.advance(1_000)
    const atMs = clock.nowMs()
    expect(poller.latest()).toEqual({ value: 1_000, atMs })
    answers = false
    await clock.advance(2_500)
    expect(poller.latest()).toEqual({ value: 1_000, atMs })
    await clock.advance(1)
    expect(poller.latest()).toBeUndefined()
    answers = true
    await clock.advance(1_000)
    expect(poller.latest()?.value).toBe(4_000)
  })

  test('ages by passing time, not by the wall clock', async () => {
    const { poller, clock } = begin({ poll: async () => 'here', jitter: 0 })
    await clock.advance(0)
    clock.stepWallClock(3_600_000)
    expect(poller.latest()?.value).toBe('here')
  })

  test('that comes after the timeout is not taken', async () => {
    const source = scriptedSource()
    const { poller, clock } = begin({ poll: source.poll, jitter: 0, timeoutMs: 300, retries: 0 })
    await clock.advance(400)
    source.calls[0]!.answer('late')
    await clock.advance(1)
    expect(poller.latest()).toBeUndefined()
    expect(poller.status).toMatchObject({ polls: 1, errors: 1, errorsByReason: { timeout: 1 } })
  })
})

describe('a failure', () => {
  test.each<[string, () => Promise<never>, string, string]>([
    ['a rejection', () => Promise.reject(new Error('down')), 'other', 'down'],
    [
      'a throw before there is a promise',
      () => {
        throw new Error('at once')
      },
      'other',
      'at once',
    ],
    ['something that is no error', () => Promise.reject('text'), 'other', 'text'],
    ['an error of promline', () => Promise.reject(new PromlineError('connect', 'refused')), 'connect', 'refused'],
    ['no answer', () => new Promise(() => {}), 'timeout', 'poller market: no answer within 400 ms'],
  ])('%s is counted by its reason', async (_what, poll, reason, message) => {
    const { poller, clock } = begin({ poll, jitter: 0, timeoutMs: 400, retries: 0 })
    await clock.advance(500)
    expect(poller.status).toEqual({
      polls: 1,
      errors: 1,
      errorsByReason: { [reason]: 1 },
      consecutiveErrors: 1,
      lastError: poller.status.lastError,
      lastSuccessMs: undefined,
      lastDurationMs: reason === 'timeout' ? 400 : 0,
      retries: 0,
      skipped: 0,
    })
    expect(poller.status.lastError?.message).toBe(message)
  })

  test('is logged as a warning once, until there is an answer again', async () => {
    const lines: string[] = []
    const log = (level: string) => (_facts: object, message: string) => void lines.push(`${level}: ${message}`)
    const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
    let polls = 0
    const { clock } = begin({
      poll: async () => {
        if (++polls < 3) throw new Error('down')
      },
      jitter: 0,
      retries: 0,
      logger,
    })
    await clock.advance(3_000)
    expect(lines).toEqual([
      'warn: Poller market has no answer: down',
      'debug: Poller market has no answer: down',
      'info: Poller market has an answer again, after 2 failures.',
    ])
  })

  test('of `retryIf` itself is one of the poll', async () => {
    const retryIf = (): boolean => {
      throw new Error('broken rule')
    }
    const { poller, clock } = begin({ poll: async () => Promise.reject(new Error('down')), retryIf, jitter: 0 })
    await clock.advance(1_000)
    expect(poller.status).toMatchObject({ polls: 2, errors: 2 })
    expect(poller.status.lastError?.message).toBe('broken rule')
  })
})

describe('retries', () => {
  /** When a source that fails is called, from the first tick on. */
  async function callTimes(options: Partial<PollerOptions<unknown>>, forMs: number): Promise<{ at: number[]; poller: Poller<unknown> }> {
    const at: number[] = []
    const poll = async (): Promise<never> => {
      at.push(clock.monotonicMs())
      throw new Error('down')
    }
    const { clock, poller } = begin({ poll, jitter: 0, ...options })
    await clock.advance(forMs)
    return { at, poller }
  }

  test('come after a random part of 250 ms, 500 ms and so on up to 5 s', async () => {
    const { at, poller } = await callTimes({ intervalMs: 60_000, retries: 7 }, 59_000)
    expect(at.map((ms, i) => ms - (at[i - 1] ?? 0))).toEqual([0, 125, 250, 500, 1_000, 2_000, 2_500, 2_500])
    expect(poller.status).toMatchObject({ polls: 1, errors: 1, retries: 7, consecutiveErrors: 1 })
  })

  test('never reach into the next tick', async () => {
    const { at } = await callTimes({ intervalMs: 1_000, retries: 100, random: () => 0.999 }, 1_999)
    expect(at).toEqual([0, 250, 750, 1_000, 1_250, 1_750])
  })

  test('are not made where they are of no use', async () => {
    const { at } = await callTimes({ retryIf: (error) => error.message !== 'down' }, 999)
    expect(at).toEqual([0])
  })

  test('end with the first answer', async () => {
    let calls = 0
    const poll = async (): Promise<string> => {
      if (++calls === 1) throw new Error('down')
      return 'up'
    }
    const { poller, clock } = begin({ poll, jitter: 0 })
    await clock.advance(999)
    expect(poller.latest()?.value).toBe('up')
    expect(poller.status).toMatchObject({ polls: 1, errors: 0, retries: 1, consecutiveErrors: 0, lastDurationMs: 125 })
  })

  test('are not made while the source still holds the call that timed out', async () => {
    const source = scriptedSource()
    const { poller, clock } = begin({ poll: source.poll, jitter: 0, timeoutMs: 100 })
    await clock.advance(999)
    expect(source.calls).toHaveLength(1)
    expect(poller.status).toMatchObject({ polls: 1, errors: 1, retries: 0 })
  })
})

describe('two calls at once', () => {
  test('there are never: a source that does not heed its signal is waited for, and ticks are skipped', async () => {
    const source = scriptedSource()
    const { poller, clock } = begin({ poll: source.poll, jitter: 0 })
    await clock.advance(3_500)
    expect(source.calls).toHaveLength(1)
    expect(source.calls[0]!.signal.aborted).toBe(true)
    expect(poller.status).toMatchObject({ polls: 1, errors: 1, skipped: 3 })
    source.calls[0]!.fail(new Error('at last'))
    await clock.advance(500)
    expect(source.calls).toHaveLength(2)
    source.calls[1]!.answer('fine')
    await clock.advance(1)
    expect(poller.latest()?.value).toBe('fine')
    expect(source.mostAtOnce).toBe(1)
  })

  test('pollNow() joins the poll under way, and is skipped where the source overstays', async () => {
    const source = scriptedSource()
    const { poller, clock } = begin({ poll: source.poll, jitter: 0, retries: 0 })
    await clock.advance(0)
    const joined = [poller.pollNow(), poller.pollNow()]
    await clock.advance(900)
    await Promise.all(joined)
    await poller.pollNow()
    expect(source.calls).toHaveLength(1)
    expect(poller.status).toMatchObject({ polls: 1, errors: 1, skipped: 1 })
  })
})

describe('pollNow()', () => {
  test('polls before the start and between ticks, and resolves also where the poll fails', async () => {
    const clock = createFakeClock()
    let calls = 0
    const poll = async (): Promise<number> => {
      if (++calls === 2) throw new Error('down')
      return calls
    }
    const poller = createPoller({ name: 'market', poll, intervalMs: 1_000, retries: 0, clock })
    await poller.pollNow()
    expect(poller.latest()?.value).toBe(1)
    await poller.pollNow()
    expect(poller.status).toMatchObject({ polls: 2, errors: 1 })
    expect(poller.latest()?.value).toBe(1)
  })
})

describe('close()', () => {
  test('stops the ticks, aborts the call and waits for it; it counts as no failure', async () => {
    const source = scriptedSource()
    const { poller, clock } = begin({ poll: source.poll, jitter: 0 })
    await clock.advance(0)
    let closed = false
    const closing = poller.close().then(() => {
      closed = true
    })
    await clock.advance(1_500)
    expect(source.calls[0]!.signal.reason).toMatchObject({ code: 'closed', message: 'poller market is closed' })
    expect(closed).toBe(false)
    source.calls[0]!.fail(new Error('aborted'))
    await closing
    await poller.close()
    expect(poller.status).toMatchObject({ polls: 0, errors: 0 })
    expect(clock.timers).toBe(0)
    await clock.advance(5_000)
    expect(source.calls).toHaveLength(1)
  })

  test('aborts the call that closes at once', async () => {
    let signal: AbortSignal | undefined
    const { poller, clock } = begin({
      poll: (options) => {
        signal = options.signal
        void poller.close()
        return new Promise(() => {})
      },
      jitter: 0,
    })
    await clock.advance(0)
    expect(signal?.reason).toMatchObject({ code: 'closed' })
    expect(clock.timers).toBe(0)
  })

  test('waits for two seconds at most', async () => {
    const { poller, clock } = begin({ poll: () => new Promise(() => {}), jitter: 0 })
    await clock.advance(0)
    const closing = poller.close()
    await clock.advance(2_000)
    await closing
    expect(clock.timers).toBe(0)
  })

  test('ends the pause before a retry', async () => {
    const { poller, clock } = begin({ poll: async () => Promise.reject(new Error('down')), jitter: 0 })
    await clock.advance(10)
    await poller.close()
    expect(clock.timers).toBe(0)
  })

  test('comes with `await using`; afterwards start() throws and pollNow() rejects', async () => {
    let kept: Poller<string>
    {
      await using poller = createPoller({ name: 'market', poll: async () => 'x', intervalMs: 1_000, clock: createFakeClock() })
      kept = poller
    }
    expect(() => kept.start()).toThrow(expect.objectContaining({ code: 'closed', message: 'poller market is closed' }))
    await expect(kept.pollNow()).rejects.toMatchObject({ code: 'closed', message: 'poller market is closed' })
  })
})

describe('options out of range', () => {
  test.each<[Partial<PollerOptions<unknown>>, string]>([
    [{ name: '' }, 'poller: name must not be empty'],
    [{ intervalMs: 0 }, 'poller market: intervalMs must be from 10 to 2147483647, not 0'],
    [{ intervalMs: Number.NaN }, 'poller market: intervalMs must be from 10 to 2147483647, not NaN'],
    [{ timeoutMs: 1_000 }, 'poller market: timeoutMs must be from 1 to 900, not 1000'],
    [{ timeoutMs: 0 }, 'poller market: timeoutMs must be from 1 to 900, not 0'],
    [{ retries: -1 }, 'poller market: retries must be from 0 to 100, not -1'],
    [{ retries: 1.5 }, 'poller market: retries must be a whole number, not 1.5'],
    [{ maxAgeMs: 999 }, 'poller market: maxAgeMs must be from 1000 to 9007199254740991, not 999'],
    [{ jitter: 1.1 }, 'poller market: jitter must be from 0 to 1, not 1.1'],
  ])('%j', (options, message) => {
    const create = () => createPoller({ name: 'market', poll: async () => 0, intervalMs: 1_000, ...options })
    expect(create).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})

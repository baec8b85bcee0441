import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../model/clock.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { CloseDeadline } from './close-deadline.js'
import { closePipelines } from './close-pipelines.js'
import { batch, startRig } from './testdata/rig.js'

const maxTimerMs = 2 ** 31 - 1
const wrong: readonly (readonly [unknown, string])[] = [
  [Number.NaN, 'deadlineMs must be a number of milliseconds, 0 or more, not NaN'],
  [-1, 'deadlineMs must be a number of milliseconds, 0 or more, not -1'],
  [5000n, 'deadlineMs must be a number of milliseconds, 0 or more, not 5000'],
  ['5000', 'deadlineMs must be a number of milliseconds, 0 or more, not "5000"'],
]

describe('CloseDeadline', () => {
  it.each([[Number.POSITIVE_INFINITY], [2 ** 31], [Number.MAX_VALUE]])('of %s ms waits as long as a timer can', async (delayMs) => {
    const clock = createFakeClock()
    const schedule = vi.spyOn(clock, 'schedule')
    const deadline = new CloseDeadline(clock, delayMs)
    const [early, last] = [deadline.signal(1_000), deadline.signal()]
    await clock.advance(60_000)
    expect([early.aborted, last.aborted]).toEqual([false, false])
    expect(schedule.mock.calls.map(([ms]) => ms)).toEqual([maxTimerMs - 1_000, maxTimerMs])
    deadline.release()
    expect(clock.timers).toBe(0)
  })

  it('aborts at once where nothing remains', () => {
    expect(new CloseDeadline(createFakeClock(), 0).signal().aborted).toBe(true)
    expect(new CloseDeadline(createFakeClock(), 5_000).signal(6_000).aborted).toBe(true)
  })

  it.each(wrong)('refuses %s by name', (delayMs, message) => {
    expect(() => Reflect.construct(CloseDeadline, [systemClock, delayMs])).toThrow(
      expect.objectContaining({ code: 'options', message, facts: expect.objectContaining({ option: 'deadlineMs' }) }),
    )
  })
})

type Rig = ReturnType<typeof startRig>

describe.each([
  ['close()', (rig: Rig) => (options: object) => rig.pipeline.close(options)],
  ['closePipelines()', (rig: Rig) => (options: object) => closePipelines([rig.pipeline], options)],
])('%s', (_, closeOf) => {
  it('waits for what an endless deadline leaves time for, on a real clock', async () => {
    const sink = createMemorySink({ otherwise: () => new Promise((resolve) => setTimeout(() => resolve({ status: 'delivered' }), 50)) })
    const rig = startRig({ sink }, { clock: systemClock })
    await rig.write(batch('a', [1]))
    await closeOf(rig)({ deadlineMs: Number.POSITIVE_INFINITY })
    expect(rig.accounts()).toEqual({ in: 1, delivered: 1 })
  })

  it.each(wrong)('rejects a deadline of %s, and closes nothing then', async (deadlineMs, message) => {
    const rig = startRig({ sink: createMemorySink() })
    await rig.write(batch('a', [1]))
    await expect(closeOf(rig)({ deadlineMs })).rejects.toMatchObject({ code: 'options', message })
    expect(rig.pipeline.status().state).toBe('running')
    await rig.write(batch('a', [2]))
    await rig.during(closeOf(rig)({ deadlineMs: 1_000 }))
    expect(rig.accounts()).toEqual({ in: 2, delivered: 2 })
  })
})

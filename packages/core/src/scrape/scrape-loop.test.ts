import { describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.js'
import { ScrapeLoop } from './scrape-loop.js'

/** 2024-01-01T00:00:00.300Z, so that offsets are not relative to the start. */
const nowMs = 1_704_067_200_300

function createLoop(options: { intervalMs?: number; offsetMs?: number | undefined; clock?: FakeClock; scrapeMs?: (i: number) => number }) {
  const clock = options.clock ?? createFakeClock({ nowMs })
  const timestamps: number[] = []
  let skipped = 0
  const loop = new ScrapeLoop({
    intervalMs: options.intervalMs ?? 1000,
    offsetMs: options.offsetMs,
    clock,
    scrape: (timestampMs) => {
      timestamps.push(timestampMs - nowMs)
      const durationMs = options.scrapeMs?.(timestamps.length) ?? 0
      return new Promise((resolve) => (durationMs === 0 ? resolve() : void clock.schedule(durationMs, resolve)))
    },
    onSkipped: (count) => {
      skipped += count
    },
  })
  loop.start()
  return { clock, loop, timestamps, skipped: () => skipped }
}

describe('ticks', () => {
  test('are at the offset of the wall clock', async () => {
    const { clock, timestamps } = createLoop({ offsetMs: 500 })
    await clock.advance(3000)
    expect(timestamps).toEqual([200, 1200, 2200])
  })

  test('an offset that has just passed is the next interval', async () => {
    const { clock, timestamps } = createLoop({ offsetMs: 299 })
    await clock.advance(2000)
    expect(timestamps).toEqual([999, 1999])
  })

  test('begin at once where there is no offset', async () => {
    const { clock, timestamps } = createLoop({ offsetMs: undefined })
    await clock.advance(2000)
    expect(timestamps).toEqual([0, 1000, 2000])
  })

  test('end with stop, which waits for the scrape that runs', async () => {
    const { clock, loop, timestamps } = createLoop({ scrapeMs: () => 300 })
    await clock.advance(100)
    let stopped = false
    const stop = loop.stop().then(() => {
      stopped = true
    })
    await clock.advance(100)
    expect(stopped).toBe(false)
    await clock.advance(100)
    await stop
    await clock.advance(5000)
    expect(timestamps).toEqual([0])
    expect(clock.timers).toBe(0)
    loop.start()
    expect(clock.timers).toBe(0)
  })

  test('say when the next one is', async () => {
    const { clock, loop } = createLoop({ offsetMs: 500 })
    expect(loop.next()).toEqual({ delayMs: 200, timestampMs: nowMs + 200 })
    await clock.advance(300)
    expect(loop.next()).toEqual({ delayMs: 900, timestampMs: nowMs + 1200 })
  })
})

describe('scrapes never overlap', () => {
  test('a tick that finds one running is skipped and counted', async () => {
    const { clock, timestamps, skipped } = createLoop({ scrapeMs: (i) => (i === 1 ? 2500 : 10) })
    await clock.advance(4000)
    expect(timestamps).toEqual([0, 3000, 4000])
    expect(skipped()).toBe(2)
  })

  test('one that takes exactly its interval does not stop the next', async () => {
    const { clock, timestamps } = createLoop({ scrapeMs: () => 999 })
    await clock.advance(3000)
    expect(timestamps).toEqual([0, 1000, 2000, 3000])
  })
})

/** A clock whose timers are late by what a test says. */
function lateClock(lateMs: (i: number) => number): FakeClock {
  const clock = createFakeClock({ nowMs })
  let timers = 0
  return { ...clock, schedule: (delayMs, callback) => clock.schedule(delayMs + lateMs(timers++), callback) }
}

describe('timestamps', () => {
  test('are on the ideal tick within 2 ms of it, else what the clock says', async () => {
    const clock = lateClock((i) => [0, 1, 2, 3, 50][i] ?? 0)
    const { timestamps } = createLoop({ clock })
    await clock.advance(5000)
    expect(timestamps).toEqual([0, 1000, 2000, 3003, 4050, 5000])
  })

  test('the tolerance is a hundredth of a short interval', async () => {
    const clock = lateClock((i) => (i === 1 ? 2 : 0))
    const { timestamps } = createLoop({ clock, intervalMs: 100 })
    await clock.advance(250)
    expect(timestamps).toEqual([0, 102, 200])
  })

  test('a process that was busy skips the ticks that it did not see', async () => {
    const clock = lateClock((i) => (i === 1 ? 2300 : 0))
    const { timestamps, skipped } = createLoop({ clock })
    await clock.advance(5000)
    expect(timestamps).toEqual([0, 3300, 4000, 5000])
    expect(skipped()).toBe(2)
  })

  test.each([3_600_000, -3_600_000, 17])('a step of the wall clock by %i ms moves them, and not the spacing of scrapes', async (stepMs) => {
    const clock = createFakeClock({ nowMs })
    const started: number[] = []
    const { timestamps } = createLoop({
      clock,
      scrapeMs: () => {
        started.push(clock.monotonicMs())
        return 0
      },
    })
    await clock.advance(1500)
    clock.stepWallClock(stepMs)
    await clock.advance(2000)
    expect(started).toEqual([0, 1000, 2000, 3000])
    expect(timestamps).toEqual([0, 1000, 2000 + stepMs, 3000 + stepMs])
  })
})

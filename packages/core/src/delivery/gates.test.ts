import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { Gates } from './gates.js'

const never = new AbortController().signal
const failure = (delayMs: number, blocked = false) => ({ reason: 'down', blocked, delayMs: (failures: number) => failures * delayMs })

describe('Gates', () => {
  it('lets everybody through while nothing failed', () => {
    const gates = new Gates(createFakeClock(), () => {})
    expect(gates.isPassable(['a'])).toBe(true)
    expect([gates.pass(['a']), gates.pass(['a']), gates.isPassable(['a'])]).toEqual([1, 2, true])
    expect(gates.worst()).toBeUndefined()
  })

  it('lets one through after the back-off, and all once it succeeded', async () => {
    const clock = createFakeClock()
    const gates = new Gates(clock, () => {})
    gates.close('a', gates.pass(['a']), failure(100))
    await clock.advance(99)
    expect(gates.isPassable(['a'])).toBe(false)
    await clock.advance(1)
    expect(gates.isPassable(['a'])).toBe(true)
    const probe = gates.pass(['a'])
    let passable = false
    void gates.untilPassable(['b', 'a'], never).then(() => {
      passable = true
    })
    await clock.advance(1_000)
    expect([gates.isPassable(['a']), passable]).toEqual([false, false])
    gates.open('a', probe)
    await clock.advance(0)
    expect([gates.isPassable(['a']), passable]).toEqual([true, true])
  })

  it('stays closed where an attempt succeeds that began before', () => {
    const gates = new Gates(createFakeClock(), () => {})
    const early = gates.pass(['a'])
    gates.close('a', gates.pass(['a']), failure(100))
    gates.open('a', early)
    expect([gates.isClosed('a'), gates.isClosed('b')]).toEqual([true, false])
  })

  it('lets the back-off grow by one failure for attempts that were under way together', async () => {
    const clock = createFakeClock()
    const gates = new Gates(clock, () => {})
    const tickets = [gates.pass(['a']), gates.pass(['a'])]
    expect(tickets.map((ticket) => gates.close('a', ticket, failure(100)))).toEqual([100, 100])
    await clock.advance(100)
    expect(gates.close('a', gates.pass(['a']), failure(100))).toBe(200)
  })

  it('shows what is blocked before what will pass, and when the next attempt is due', () => {
    const gates = new Gates(createFakeClock(), () => {})
    gates.close('a', gates.pass(['a']), failure(300, true))
    gates.close('b', gates.pass(['b']), failure(200))
    expect(gates.worst()).toEqual({ reason: 'down', blocked: true, nextAttemptAtMs: 200 })
  })

  it('ends a wait at the signal', async () => {
    const gates = new Gates(createFakeClock(), () => {})
    gates.close('a', gates.pass(['a']), failure(100))
    const controller = new AbortController()
    const waiting = gates.untilPassable(['a'], controller.signal)
    controller.abort()
    expect(await waiting).toBe(false)
  })
})

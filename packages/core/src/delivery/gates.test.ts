import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { Gates } from './gates.js'

const never = new AbortController().signal
const failure = (delayMs: number, blocked = false) => ({ reason: 'down', blocked, delayMs: (failures: number) => failures * delayMs })

describe('Gates', () => {
  it('lets everybody through while nothing failed', async () => {
    const gates = new Gates(createFakeClock(), () => {})
    expect(await Promise.all([gates.pass('a', never), gates.pass('a', never)])).toEqual([1, 2])
    expect(gates.worst()).toBeUndefined()
  })

  it('lets one through after the back-off, and all once it succeeded', async () => {
    const clock = createFakeClock()
    const gates = new Gates(clock, () => {})
    gates.close('a', (await gates.pass('a', never))!, failure(100))
    const passed: string[] = []
    for (const name of ['x', 'y', 'z']) void gates.pass('a', never).then(() => passed.push(name))
    await clock.advance(99)
    expect(passed).toEqual([])
    await clock.advance(1)
    expect(passed).toEqual(['x'])
    gates.open('a')
    await clock.advance(0)
    expect(passed).toEqual(['x', 'y', 'z'])
  })

  it('lets the back-off grow by one failure for attempts that were under way together', async () => {
    const clock = createFakeClock()
    const gates = new Gates(clock, () => {})
    const tickets = [(await gates.pass('a', never))!, (await gates.pass('a', never))!]
    expect(tickets.map((ticket) => gates.close('a', ticket, failure(100)))).toEqual([100, 100])
    await clock.advance(100)
    expect(gates.close('a', (await gates.pass('a', never))!, failure(100))).toBe(200)
  })

  it('says of a ticket whether the gate closed since', async () => {
    const gates = new Gates(createFakeClock(), () => {})
    const early = (await gates.pass('a', never))!
    const late = (await gates.pass('a', never))!
    gates.close('a', late, failure(100))
    expect([gates.holds('a', early), gates.holds('b', early), gates.isClosed('a'), gates.isClosed('b')]).toEqual([false, true, true, false])
  })

  it('shows what is blocked before what will pass, and when the next attempt is due', async () => {
    const clock = createFakeClock()
    const gates = new Gates(clock, () => {})
    gates.close('a', (await gates.pass('a', never))!, failure(300, true))
    gates.close('b', (await gates.pass('b', never))!, failure(200))
    expect(gates.worst()).toEqual({ reason: 'down', blocked: true, nextAttemptAtMs: 200 })
  })

  it('ends a wait at the signal', async () => {
    const gates = new Gates(createFakeClock(), () => {})
    gates.close('a', (await gates.pass('a', never))!, failure(100))
    const controller = new AbortController()
    const passing = gates.pass('a', controller.signal)
    controller.abort()
    expect(await passing).toBeUndefined()
  })
})

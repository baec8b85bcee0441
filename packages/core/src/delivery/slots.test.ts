import { describe, expect, it } from 'vitest'
import { Slots } from './slots.js'

const never = new AbortController().signal

describe('Slots', () => {
  it('gives out no more than there are, in the order of asking', async () => {
    const slots = new Slots(2)
    const got: number[] = []
    const asked = [0, 1, 2, 3].map((i) => slots.acquire(never).then(() => got.push(i)))
    await Promise.all(asked.slice(0, 2))
    expect(got).toEqual([0, 1])
    slots.release()
    await asked[2]
    slots.release()
    await asked[3]
    expect(got).toEqual([0, 1, 2, 3])
  })

  it('passes over who gave up waiting', async () => {
    const slots = new Slots(1)
    await slots.acquire(never)
    const controller = new AbortController()
    const waiting = slots.acquire(controller.signal)
    const next = slots.acquire(never)
    controller.abort()
    expect(await waiting).toBe(false)
    slots.release()
    expect(await next).toBe(true)
    expect(await slots.acquire(controller.signal)).toBe(false)
  })
})

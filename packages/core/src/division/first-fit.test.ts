import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FirstFit } from './first-fit.js'

describe('FirstFit', () => {
  it('finds what looking at each run from the first finds', () => {
    const steps = fc.array(fc.record({ from: fc.nat(8), wanted: fc.integer({ min: 1, max: 10 }) }), { maxLength: 100 })
    fc.assert(
      fc.property(steps, (all) => {
        const fit = new FirstFit()
        const rooms: number[] = []
        for (const { from, wanted } of all) {
          const expected = rooms.findIndex((room, i) => i >= from && wanted <= room)
          const found = fit.find(from, wanted)
          expect(found).toBe(expected === -1 ? undefined : expected)
          const run = found ?? fit.push(10)
          rooms[run] = (rooms[run] ?? 10) - wanted
          fit.take(run, wanted)
        }
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Counts, totalOf } from '../model/batch.js'
import type { SinkAccounts } from './pipeline.js'
import { answers, type Plan, type Step, World } from './testdata/accounts-world.js'

const names = ['first', 'second', 'third'] as const

const plans: fc.Arbitrary<readonly Plan[]> = fc
  .tuple(
    ...names.map((name) =>
      fc.option(
        fc.record({
          name: fc.constant(name),
          overflow: fc.constantFrom('block' as const, 'drop-oldest' as const),
          start: fc.constantFrom('end' as const, 'beginning' as const),
          lanes: fc.constantFrom(1, 2, 8),
          ageLimit: fc.boolean(),
          deadLetter: fc.boolean(),
          filters: fc.boolean(),
        }),
        { freq: 4, nil: undefined },
      ),
    ),
  )
  .map((all) => all.filter((plan) => plan !== undefined))

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      origin: fc.nat(5),
      sizes: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 4 }),
      mark: fc.constantFrom('poison' as const, 'filtered' as const, 'old' as const, 'none' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 4_000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), turns: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('apply' as const), plans }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      how: fc.constantFrom('close' as const, 'kill' as const, 'power' as const),
      operations: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('damage' as const), bytes: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('disk' as const), state: fc.constantFrom('full' as const, 'ill' as const, 'well' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dead letter' as const), broken: fc.boolean() }) },
)

const nothing: Counts = { samples: 0, histograms: 0, exemplars: 0 }

describe('the accounts', () => {
  it('balance wherever the world is stopped, for every sink and before the spool, over restarts as well; nothing acknowledged is lost', async () => {
    let looks = 0
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.constantFrom(...Object.keys(answers)), { maxLength: 30 }),
        fc.constantFrom('interval' as const, 'always' as const, 'os' as const, 'memory' as const),
        fc.integer(),
        async (atFirst, steps, script, kind, seed) => {
          const world = new World({ plans: atFirst, script, kind, seed })
          for (const one of steps) {
            await world.run(one)
            expect(world.faults).toEqual([])
          }
          const { sinks, intake } = await world.heal()
          expect(intake.pending).toEqual(nothing)
          const left = Object.entries(sinks).filter(
            ([, sink]: readonly [string, SinkAccounts]) => totalOf(sink.spooled) + totalOf(sink.inFlight) > 0,
          )
          expect(left).toEqual([])
          expect(world.lost()).toEqual([])
          await world.close()
          expect(world.faults).toEqual([])
          looks += world.looks
        },
      ),
      { numRuns: Number(process.env['PROMLINE_PROPERTY_RUNS'] ?? 200) },
    )
    expect(looks).toBeGreaterThan(1_000)
  }, 600_000)
})

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { createRandom } from './testdata/random.js'
import { begin, finish, spoolCommands } from './testdata/spool-commands.js'
import { SpoolModel } from './testdata/spool-model.js'

/** 10,000 by `pnpm verify`, which says with which seed; the same on every change. fast-check prints the seed and the path of a failure. */
const runs = Number(process.env['PROMLINE_SPOOL_RUNS'] ?? 250)
const seed = Number(process.env['PROMLINE_SPOOL_SEED'] ?? 1)

const setups = fc.record({
  fsync: fc.constantFrom('interval' as const, 'always' as const, 'os' as const),
  // Caps that are never, seldom and often reached.
  maxBytes: fc.constantFrom(2 ** 30, 12_000, 5_000),
  maxAgeMs: fc.constantFrom(undefined, undefined, 20_000),
  tailBytes: fc.constantFrom(0, 16_000),
  writesAtOnce: fc.boolean(),
  dropsOldest: fc.constantFrom([false], [false, false], [false, true], [true, false, true]),
  lanes: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer(),
})

describe('the spool on a disk that fails', () => {
  it(`agrees with a list (${runs} runs)`, async () => {
    const property = fc.asyncProperty(setups, spoolCommands, async ({ lanes, seed: drawn, ...setup }, commands) => {
      const model = new SpoolModel({ ...setup, draw: createRandom(drawn) })
      await fc.asyncModelRun(async () => {
        await begin(
          model,
          model.sinks.map(() => lanes),
        )
        return { model: {}, real: model }
      }, commands)
      await finish(model)
    })
    await fc.assert(property, { numRuns: runs, seed })
  }, 3_600_000)
})

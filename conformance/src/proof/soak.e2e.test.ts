import { expect, test } from 'vitest'
import { defaultRate } from './soak/options.js'
import { figuresOf, recordSoak, tableOf } from './soak/report.js'
import { runSoak } from './soak/run-soak.js'

/** An hour by `pnpm soak --minutes 60`. */
const minutes = 0.75

test(`row 48: ${minutes * 60} s of faults: lost 0, heap slope < 0.5 MB a minute, file descriptors flat`, async () => {
  const report = await runSoak({ minutes, rate: defaultRate, seed: 48 }, () => {})
  recordSoak(report)
  const table = tableOf(report).join('\n')
  process.stdout.write(`${table}\n`)
  expect(report.violations).toEqual([])
  expect(report.missing).toBe(0)
  expect(figuresOf(report).isGood, table).toBe(true)
})

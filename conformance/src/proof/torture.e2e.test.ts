import { expect, test } from 'vitest'
import type { TortureOptions } from './torture/options.js'
import { endsInTime, keepsAll, recordTorture, tableOf } from './torture/report.js'
import { runTorture } from './torture/run-torture.js'

/** Half a minute on a machine of its own. */
const timeoutMs = 600_000

/** 100 kills in all; thousands by `pnpm torture`. Targets that change take the longest, and show the most. */
const tortures: readonly (Omit<TortureOptions, 'relays'> & { readonly rows: string })[] = [
  { rows: '17 and 19', targets: 'changing', fsync: 'interval', kills: 60, seed: 17 },
  { rows: '17 and 19', targets: 'changing', fsync: 'always', kills: 10, seed: 18 },
  { rows: '17 and 19', targets: 'changing', fsync: 'os', kills: 10, seed: 19 },
  { rows: '17 and 19', targets: 'down', fsync: 'interval', kills: 10, seed: 20 },
  { rows: '18 and 20', targets: 'up', fsync: 'interval', kills: 10, seed: 21 },
]

test.each(tortures)(
  'rows $rows: $kills kill -9 of the relay, targets $targets, fsync $fsync: 0 lost, none altered, in order',
  { timeout: timeoutMs },
  async (options) => {
    const report = await runTorture({ ...options, relays: 3 }, () => {})
    recordTorture(report)
    const table = tableOf(report).join('\n')
    process.stdout.write(`${table}\n`)
    expect({ violations: report.violations, missing: report.missing, kills: report.kills }).toEqual({
      violations: [],
      missing: 0,
      kills: options.kills,
    })
    expect(keepsAll(report), table).toBe(true)
    expect(report.termMs.length).toBeGreaterThan(0)
    expect(endsInTime(report), table).toBe(true)
  },
)

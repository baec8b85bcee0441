// `pnpm torture`: kills the relay thousands of times and counts what is lost. See torture/options.ts.
import { toError } from '@promline/core'
import { readTortureOptions, type TortureOptions, usage } from './torture/options.js'
import { endsInTime, keepsAll, recordTorture, tableOf } from './torture/report.js'
import { runTorture } from './torture/run-torture.js'

// Otherwise a signal would end this process without its handler for the exit, which ends the relays.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

let options: TortureOptions | undefined
try {
  options = readTortureOptions(process.argv.slice(2))
  if (options === undefined) console.log(usage)
} catch (error) {
  console.error(`${toError(error).message}\n${usage}`)
  process.exitCode = 2
}
if (options !== undefined) await torture(options)

async function torture(chosen: TortureOptions): Promise<void> {
  const { kills, fsync, targets, seed, relays } = chosen
  console.log(`--kills ${kills} --fsync ${fsync} --targets ${targets} --seed ${seed} --relays ${relays}`)
  const report = await runTorture(chosen, (line) => console.log(line))
  recordTorture(report)
  console.log(tableOf(report).join('\n'))
  for (const violation of report.violations) console.log(`VIOLATION: ${violation}`)
  for (const folder of report.kept) console.log(`kept: ${folder}`)
  if (!keepsAll(report) || !endsInTime(report)) process.exitCode = 1
}

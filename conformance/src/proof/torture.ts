// `pnpm torture`: kills the relay thousands of times and counts what is lost. See torture/options.ts.
import { exitOnSignals, runProgram } from '../programs/command-line.js'
import { readTortureOptions, type TortureOptions, usage } from './torture/options.js'
import { endsInTime, keepsAll, recordTorture, tableOf } from './torture/report.js'
import { runTorture } from './torture/run-torture.js'

exitOnSignals()
await runProgram({ usage, readOptions: readTortureOptions, run: torture })

async function torture(chosen: TortureOptions): Promise<void> {
  const { kills, fsync, targets, seed, relays } = chosen
  console.log(`--kills ${kills} --fsync ${fsync} --targets ${targets} --seed ${seed} --relays ${relays}`)
  const report = await runTorture(chosen, (line) => console.log(line))
  recordTorture(report)
  console.log(tableOf(report).join('\n'))
  for (const folder of report.kept) console.log(`kept: ${folder}`)
  if (!keepsAll(report) || !endsInTime(report)) process.exitCode = 1
}

// `pnpm soak`: a relay under load while one fault comes after the other. See soak/options.ts.
import { exitOnSignals, runProgram } from '../programs/command-line.js'
import { readSoakOptions, type SoakOptions, usage } from './soak/options.js'
import { figuresOf, recordSoak, tableOf } from './soak/report.js'
import { runSoak } from './soak/run-soak.js'

exitOnSignals()
await runProgram({ usage, readOptions: readSoakOptions, run: soak })

async function soak(chosen: SoakOptions): Promise<void> {
  console.log(`--minutes ${chosen.minutes} --rate ${chosen.rate} --seed ${chosen.seed}`)
  const report = await runSoak(chosen, (line) => console.log(line))
  recordSoak(report)
  console.log(tableOf(report).join('\n'))
  for (const violation of report.violations) console.log(`VIOLATION: ${violation}`)
  if (!figuresOf(report).isGood) process.exitCode = 1
}

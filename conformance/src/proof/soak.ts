// `pnpm soak`: a relay under load while one fault comes after the other. See soak/options.ts.
import { toError } from '@promline/core'
import { readSoakOptions, type SoakOptions, usage } from './soak/options.js'
import { figuresOf, recordSoak, tableOf } from './soak/report.js'
import { runSoak } from './soak/run-soak.js'

// Otherwise a signal would end this process without its handler for the exit, which ends the relays.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

let options: SoakOptions | undefined
try {
  options = readSoakOptions(process.argv.slice(2))
  if (options === undefined) console.log(usage)
} catch (error) {
  console.error(`${toError(error).message}\n${usage}`)
  process.exitCode = 2
}
if (options !== undefined) await soak(options)

async function soak(chosen: SoakOptions): Promise<void> {
  console.log(`--minutes ${chosen.minutes} --rate ${chosen.rate} --seed ${chosen.seed}`)
  const report = await runSoak(chosen, (line) => console.log(line))
  recordSoak(report)
  console.log(tableOf(report).join('\n'))
  for (const violation of report.violations) console.log(`VIOLATION: ${violation}`)
  if (!figuresOf(report).isGood) process.exitCode = 1
}

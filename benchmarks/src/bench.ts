// The benchmarks' command line; see README.md.
import { cpus } from 'node:os'
import { choose } from './choose.js'
import { comparisons } from './comparisons.js'
import { corpusVersions } from './corpus/corpus.js'
import { captureNodePages } from './corpus/node-pages.js'
import { goalTable, isOfGoal } from './goals.js'
import { fullName } from './harness/comparison.js'
import { profileTask } from './harness/profile.js'
import { type CaseResult, formatResult } from './harness/result.js'
import { runComparison } from './harness/run-comparison.js'
import { type Options, readOptions, usage } from './options.js'
import { spoolComparisons } from './spool/comparisons.js'
import { runSpoolComparison } from './spool/run-spool-comparison.js'
import { runSystemComparison, systemComparisons } from './system/comparisons.js'

const defaultRounds = 7
/** A round of a whole agent takes half a minute. */
const defaultSystemRounds = 3
/** A round of a log writes a gigabyte. */
const defaultSpoolRounds = 3

interface Named {
  readonly name: string
}

// Otherwise a signal would end this process without its handlers for the exit, which end the agents.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

let options: Options | undefined
try {
  options = readOptions(process.argv.slice(2))
  if (options === undefined) console.log(usage)
} catch (error) {
  process.exitCode = 2
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
}
try {
  if (options !== undefined) await main(options)
} catch (error) {
  process.exitCode = 1
  console.error(error)
}

async function main(options: Options): Promise<void> {
  const isWanted = (comparison: Named, subject: Named): boolean =>
    options.pattern.test(fullName(comparison, subject)) && (!options.goals || isOfGoal(comparison, subject))
  const chosen = choose(comparisons, isWanted)
  const chosenSpools = choose(spoolComparisons, isWanted)
  const chosenSystems = choose(systemComparisons, isWanted)
  if (options.list) return list([...chosen, ...chosenSpools, ...chosenSystems])
  await captureNodePages(corpusVersions)
  if (options.profile !== undefined) return profile(options.profile, options)
  if (chosen.length + chosenSpools.length + chosenSystems.length === 0) throw new Error(`no case matches ${options.pattern}\n${usage}`)
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}\n`)
  const results: CaseResult[] = []
  const report = (result: CaseResult): void => {
    results.push(result)
    console.log(formatResult(result))
  }
  for (const one of chosen) report(await runComparison(one, options.rounds ?? defaultRounds))
  for (const one of chosenSpools) report(await runSpoolComparison(one, options.rounds ?? defaultSpoolRounds))
  for (const one of chosenSystems) report(await runSystemComparison(one, { ...options, rounds: options.rounds ?? defaultSystemRounds }))
  console.log(goalTable(results) ?? '')
}

function list(all: readonly { readonly name: string; readonly subjects: readonly { readonly name: string }[] }[]): void {
  for (const comparison of all) for (const subject of comparison.subjects) console.log(fullName(comparison, subject))
}

async function profile(name: string, options: Options): Promise<void> {
  const file = `${name.replaceAll('/', '-')}.cpuprofile`
  for (const comparison of comparisons) {
    const subject = comparison.subjects.find((one) => fullName(comparison, one) === name)
    if (subject === undefined) continue
    await profileTask(await subject.create(), file)
    return console.log(file)
  }
  for (const comparison of systemComparisons) {
    const agent = comparison.subjects.find((one) => fullName(comparison, one) === name)
    if (agent === undefined) continue
    if (!agent.isNode) throw new Error(`${agent.name} does not run in Node, which alone is profiled here`)
    await comparison.profile(agent, ['--cpu-prof', '--cpu-prof-dir', process.cwd(), '--cpu-prof-name', file], options)
    return console.log(file)
  }
  throw new Error(`no case is called ${name}: see --list`)
}

// `pnpm reliability [RESULTS]`: writes the tables of docs/reliability.md. See report/options.ts.
import { readFile, writeFile } from 'node:fs/promises'
import { toError } from '@promline/core'
import { repository } from '../proof/child-program.js'
import { readReliabilityOptions, usage } from './report/options.js'
import { renderInto } from './report/render.js'
import { formatResults, mergeResults, parseResults } from './report/results.js'

const documentFile = `${repository}docs/reliability.md`
const resultsFile = `${repository}docs/reliability-results.ndjson`

let options: ReturnType<typeof readReliabilityOptions>
try {
  options = readReliabilityOptions(process.argv.slice(2))
  if (options === undefined) console.log(usage)
} catch (error) {
  console.error(`${toError(error).message}\n${usage}`)
  process.exitCode = 2
}
if (options !== undefined) {
  await writeTables(options.runFile).catch((error: unknown) => {
    console.error(toError(error).message)
    process.exitCode = 1
  })
}

async function writeTables(runFile: string | undefined): Promise<void> {
  let results = parseResults(await readFile(resultsFile, 'utf8'))
  if (runFile !== undefined) {
    results = mergeResults(results, parseResults(await readFile(runFile, 'utf8')))
    await writeFile(resultsFile, formatResults(results))
  }
  await writeFile(documentFile, renderInto(await readFile(documentFile, 'utf8'), results))
  const missed = results.filter(({ ok }) => !ok)
  console.log(`${results.length} results, ${missed.length} missed${missed.map(({ row, name }) => `\n  ${row ?? ''} ${name}`).join('')}`)
}

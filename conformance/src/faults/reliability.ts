// `pnpm reliability [RESULTS]`: writes the tables of docs/reliability.md. See report/options.ts.
import { readFile, writeFile } from 'node:fs/promises'
import { toError } from '@promline/core'
import { repository } from '../programs/child-program.js'
import { runProgram } from '../programs/command-line.js'
import { readReliabilityOptions, usage } from './report/options.js'
import { renderInto } from './report/render.js'
import { formatResults, mergeResults, parseResults } from './report/results.js'

const documentFile = `${repository}docs/reliability.md`
const resultsFile = `${repository}docs/reliability-results.ndjson`

await runProgram({
  usage,
  readOptions: readReliabilityOptions,
  run: ({ runFile }) =>
    writeTables(runFile).catch((error: unknown) => {
      console.error(toError(error).message)
      process.exitCode = 1
    }),
})

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

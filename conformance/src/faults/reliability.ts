// `pnpm reliability [RESULTS]`: writes the tables of docs/reliability.md, after it has taken the results of a run into those that are kept.
import { readFile, writeFile } from 'node:fs/promises'
import { repository } from '../proof/child-program.js'
import { renderInto } from './report/render.js'
import { formatResults, mergeResults, parseResults } from './report/results.js'

const documentFile = `${repository}docs/reliability.md`
const resultsFile = `${repository}docs/reliability-results.ndjson`

const [runFile] = process.argv.slice(2)
let results = parseResults(await readFile(resultsFile, 'utf8'))
if (runFile !== undefined) {
  results = mergeResults(results, parseResults(await readFile(runFile, 'utf8')))
  await writeFile(resultsFile, formatResults(results))
}
await writeFile(documentFile, renderInto(await readFile(documentFile, 'utf8'), results))
const missed = results.filter(({ ok }) => !ok)
console.log(`${results.length} results, ${missed.length} missed${missed.map(({ row, name }) => `\n  ${row ?? ''} ${name}`).join('')}`)

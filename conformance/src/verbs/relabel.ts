import { readFileSync } from 'node:fs'
import { compileRelabelConfigs, createLabels, PromlineError, type RelabelConfig, loadRelabelConfigs, toError } from '@promline/core'
import { JsonReader } from '../json/json-reader.js'
import { writeJson } from '../json/json-value.js'
import { readInput, readOptions, required, writeOutput } from '../verb.js'

/** `relabel`: label sets, a line each, to what the rules make of them. */
export async function relabel(args: readonly string[]): Promise<void> {
  const file = required('config', readOptions(args, ['config'])['config'])
  const relabeler = compileRelabelConfigs(readRules(file))
  const lines = (await readInput()).toString('utf8').split('\n')
  const output = lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const labels = relabeler.relabel(createLabels(JsonReader.parse(line).strings()))
      return `${writeJson(labels === undefined ? null : labels.toObject())}\n`
    })
  await writeOutput(output.join(''))
}

function readRules(file: string): RelabelConfig[] {
  try {
    return [...loadRelabelConfigs(readFileSync(file, 'utf8'), { file })]
  } catch (error) {
    if (error instanceof PromlineError) throw error
    throw new PromlineError('config', `${file}: ${toError(error).message}`, { cause: error })
  }
}

import { readFileSync } from 'node:fs'
import {
  ConfigError,
  compileRelabelConfigs,
  isPromlineError,
  loadRelabelConfigs,
  PromlineError,
  type RelabelConfig,
  type Relabeler,
  toError,
} from '@promline/core'
import { labelsToJson, writeJson } from '@promline/core/testing'
import { JsonReader } from '../json/json-reader.js'
import { labelsFromJson } from '../json/labels-json.js'
import { readOptions, readText, required, writeOutput, type VerbIo } from '../verb.js'

/** `relabel`: label sets, a line each, to what the rules make of them. */
export async function relabel(args: readonly string[], io: VerbIo): Promise<void> {
  const file = required('config', readOptions(args, ['config'])['config'])
  const relabeler = compileRelabelConfigs(readRules(file))
  await writeOutput(io, relabelLines(await readText(io), relabeler))
}

/** What rules make of label sets, a line each. Throws a PromlineError that begins with the line's place. */
export function relabelLines(text: string, relabeler: Relabeler): string[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const json = JsonReader.parse(line, i + 1)
    try {
      const labels = relabeler.relabel(labelsFromJson(json))
      return [`${writeJson(labels === undefined ? null : labelsToJson(labels))}\n`]
    } catch (error) {
      if (!isPromlineError(error)) throw error
      throw new PromlineError(error.code, `${i + 1}:1: ${error.message}`, { cause: error })
    }
  })
}

function readRules(file: string): readonly RelabelConfig[] {
  try {
    return loadRelabelConfigs(readFileSync(file, 'utf8'), { file })
  } catch (error) {
    // There is one file: the place in it is enough, and the form that the contract asks for.
    if (error instanceof ConfigError) throw new PromlineError('config', error.message.slice(file.length + 1), { cause: error })
    throw new PromlineError('config', `--config ${file}: ${toError(error).message}`, { cause: error })
  }
}

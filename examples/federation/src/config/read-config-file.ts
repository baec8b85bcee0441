import { readFile } from 'node:fs/promises'
import { PromlineError } from '@promline/core'
import { explainFileError } from '@promline/example-pipeline/program-parts'
import { expandVariables, type Variables } from './expand-variables.js'

/** The text of a configuration file with its variables put in. Rejects with a PromlineError (`config`) that says where and what. */
export async function readConfigFile(file: string, variables: Variables): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new PromlineError('config', `cannot read the configuration ${file}: ${explainFileError(error)}`, { cause: error })
  }
  return expandVariables(text, { file, variables })
}

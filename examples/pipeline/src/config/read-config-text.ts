import { readFile } from 'node:fs/promises'
import { PromlineError } from '@promline/core'
import { explainFileError } from '../file-errors.js'

/** The text of a configuration file. Rejects with a PromlineError (`config`) that says which file, and why not. */
export async function readConfigText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new PromlineError('config', `cannot read the configuration ${file}: ${explainFileError(error)}`, { cause: error })
  }
}

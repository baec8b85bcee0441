import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { PromlineError } from '@promline/core'
import { codeOf, explainFileError } from './file-errors.js'

/** Makes the data folder where it is missing. Rejects with a PromlineError (`options`) where nothing can be written into it. */
export async function openDataFolder(dir: string): Promise<void> {
  try {
    await makeFolder(resolve(dir))
    await access(dir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new PromlineError('options', `cannot use the data folder ${dir}: ${explainFileError(error)}; choose another with --data`, {
      cause: error,
    })
  }
}

/** Node's own recursive mkdir runs for ever below a folder such as /proc, where folders cannot be made and the refusal is ENOENT. */
async function makeFolder(dir: string): Promise<void> {
  if (await isFolder(dir)) return
  if (dirname(dir) !== dir) await makeFolder(dirname(dir))
  try {
    await mkdir(dir)
  } catch (error) {
    // Another process may have been faster.
    if (codeOf(error) !== 'EEXIST' || !(await isFolder(dir))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

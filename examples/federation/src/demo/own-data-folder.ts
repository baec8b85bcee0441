import { isPromlineError, PromlineError, lockFolder } from '@promline/core'
import { openDataFolder } from '@promline/example-pipeline/program-parts'

/**
 * Makes the data folder where it is missing, and takes it for this process: two demos would run two servers on the same data. Resolves to
 * the release. Rejects with a PromlineError (`options`) where it cannot be used, or another demo has it.
 */
export async function ownDataFolder(dir: string): Promise<() => Promise<void>> {
  await openDataFolder(dir)
  try {
    return await lockFolder(dir)
  } catch (error) {
    if (!isPromlineError(error, 'spool-locked')) throw error
    const { pid } = error.facts
    const owner = pid === undefined ? 'another process' : `process ${pid}`
    throw new PromlineError('options', `the data folder ${dir} belongs to ${owner}: stop it, or choose another with --data`, {
      cause: error,
    })
  }
}

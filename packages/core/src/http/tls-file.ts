import { PromlineError, toError } from '../model/errors.js'
import type { CachedFile } from './cached-file.js'

/** Rejects with a PromlineError `tls` that names the file. */
export async function readTlsFile(name: string, file: CachedFile): Promise<Buffer> {
  try {
    return await file.read()
  } catch (error) {
    throw new PromlineError('tls', `cannot read the ${name} file: ${toError(error).message}`, { cause: error, facts: { file: file.path } })
  }
}

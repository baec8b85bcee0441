import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** 192 random bits: beyond guessing, and 32 letters. */
const passwordBytes = 24

/**
 * The file that holds the password of a cluster: made at the first start, the same at the next ones, so that what waits in an agent's spool
 * is still taken. Only its owner can read it.
 */
export async function passwordFile(dataDir: string, cluster: string): Promise<string> {
  const folder = join(dataDir, 'secrets')
  const file = join(folder, `${cluster}.password`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await readFile(file)
  } catch {
    await writeFile(file, randomBytes(passwordBytes).toString('base64url'), { mode: 0o600, flag: 'wx' })
  }
  return file
}

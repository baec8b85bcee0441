import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** 192 random bits: beyond guessing, and 32 letters. */
const passwordBytes = 24

/** The clusters, by the value of their label. */
export type ClusterName = 'nats-primary' | 'another-cluster'

/** For each cluster the file that holds its password. */
export type PasswordFiles = Readonly<Record<ClusterName, string>>

/**
 * The files with the clusters' passwords: made at the first start, the same at the next ones, so that what waits in an agent's spool is still
 * taken. Only their owner can read them.
 */
export async function createPasswordFiles(dataDir: string): Promise<PasswordFiles> {
  const folder = join(dataDir, 'secrets')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return { 'nats-primary': await createFile(folder, 'nats-primary'), 'another-cluster': await createFile(folder, 'another-cluster') }
}

async function createFile(folder: string, cluster: ClusterName): Promise<string> {
  const file = join(folder, `${cluster}.password`)
  if (!existsSync(file)) await writeFile(file, randomBytes(passwordBytes).toString('base64url'), { mode: 0o600, flag: 'wx' })
  return file
}

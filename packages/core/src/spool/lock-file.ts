import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { currentOwner, isAlive, lockedError, lockFileName, parseOwner } from './lock-owner.js'

/** Attempts to take over from owners that died; each one lost means that somebody else was quicker. */
const maxAttempts = 5

/**
 * Takes a folder by a file that holds the owner's pid and start. A file whose owner is dead is taken over. Resolves to the release;
 * rejects with `spool-locked` where the owner lives.
 */
export async function takeLockFile(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockFileName)
  // A link appears whole or not at all; a file that is written after it is made can be read half-written.
  const own = `${path}.${randomUUID()}`
  await writeFile(own, JSON.stringify(await currentOwner()), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (await tryLink(own, path)) return () => removeIfThere(path)
      await removeDeadOwner(folder, path)
    }
    throw lockedError(folder, undefined)
  } finally {
    await removeIfThere(own)
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function removeDeadOwner(folder: string, path: string): Promise<void> {
  const text = await readIfThere(path)
  if (text === undefined) return
  const owner = parseOwner(text)
  if (owner !== undefined && (await isAlive(owner))) throw lockedError(folder, owner)
  // Moved away and looked at again: what was moved may be the lock of somebody who took over in between, and goes back.
  const moved = `${path}.${randomUUID()}`
  await rename(path, moved).catch(() => {})
  const taken = await readIfThere(moved)
  if (taken !== undefined && taken !== text) await tryLink(moved, path)
  await removeIfThere(moved)
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch(() => {})
}

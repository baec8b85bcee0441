import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../model/errors.js'
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
    for (let attempt = 0; ; attempt++) {
      if (await tryLink(own, path)) return () => removeIfThere(path)
      if (attempt === maxAttempts) throw lockedError(folder, undefined)
      await removeDeadOwner(folder, { own, path })
    }
  } finally {
    await removeIfThere(own)
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

/** One at a time, by a claim: otherwise what is removed may be the lock of somebody who took over since it was read. */
async function removeDeadOwner(folder: string, { own, path }: { readonly own: string; readonly path: string }): Promise<void> {
  await assertDead(folder, path)
  const claim = `${path}.takeover`
  if (!(await tryLink(own, claim))) return removeAbandonedClaim(claim)
  try {
    await assertDead(folder, path)
    await removeIfThere(path)
  } finally {
    await removeIfThere(claim)
  }
}

async function assertDead(folder: string, path: string): Promise<void> {
  const owner = parseOwner((await readIfThere(path)) ?? '')
  if (owner !== undefined && (await isAlive(owner))) throw lockedError(folder, owner)
}

/** The claim of a process that died while it took over. */
async function removeAbandonedClaim(claim: string): Promise<void> {
  const text = await readIfThere(claim)
  if (text === undefined) return
  const owner = parseOwner(text)
  if (owner !== undefined && (await isAlive(owner))) return
  // Moved away and looked at again: what was moved may be the claim of somebody who was quicker, and goes back.
  const moved = `${claim}.${randomUUID()}`
  await rename(claim, moved).catch(() => {})
  const taken = await readIfThere(moved)
  if (taken !== undefined && taken !== text) await tryLink(moved, claim)
  await removeIfThere(moved)
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch(() => {})
}

import { createHash } from 'node:crypto'
import { readFile, realpath, unlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { takeLockFile } from './lock-file.js'
import { currentOwner, lockedError, lockFileName, type Owner, parseOwner } from './lock-owner.js'

/**
 * Makes this process the owner of a spool's folder. On Linux the lock is an abstract unix socket, which the kernel takes back when the
 * process dies, however it dies; the file only says whose it is. Elsewhere the file is the lock. Neither sees across machines or network
 * namespaces: for a folder that two containers share, the scheduler must see to it that one of them runs.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const folder = await realpath(path)
  if (process.platform !== 'linux') return takeLockFile(folder)
  const server = await listen(folder)
  // The lock holds without its file: a full disk must not keep a spool from being opened and drained.
  await writeFile(join(folder, lockFileName), JSON.stringify(await currentOwner()), { mode: 0o600 }).catch(() => {})
  return async () => {
    await unlink(join(folder, lockFileName)).catch(() => {})
    await close(server)
  }
}

/** A hash, for the name of an abstract socket has room for 107 bytes. */
async function listen(folder: string): Promise<Server> {
  const name = `\0promline-spool-${createHash('sha256').update(folder).digest('hex')}`
  const server = createServer((socket) => socket.destroy())
  server.unref()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(name, resolve)
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') throw lockedError(folder, await readOwner(folder))
    throw error
  }
  return server
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

/** Undefined in the moment between the owner's taking the socket and writing the file. */
async function readOwner(folder: string): Promise<Owner | undefined> {
  return parseOwner(await readFile(join(folder, lockFileName), 'utf8').catch(() => ''))
}

import { createHash } from 'node:crypto'
import { readFile, realpath, unlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { systemCode } from '../model/errors.js'
import { takeLockFile } from './lock-file.js'
import { currentOwner, isAlive, lockedError, lockFileName, type Owner, parseOwner } from './lock-owner.js'

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

/** The process that owns a folder; undefined where none does. A copy of a folder has the file of the original, and not its lock. */
export async function ownerOf(path: string): Promise<Owner | undefined> {
  const folder = await realpath(path)
  const owner = await readOwner(folder)
  if (owner === undefined || !(await isAlive(owner))) return undefined
  return process.platform !== 'linux' || (await isListening(folder)) ? owner : undefined
}

/** A hash, for the name of an abstract socket has room for 107 bytes. */
function socketName(folder: string): string {
  return `\0promline-spool-${createHash('sha256').update(folder).digest('hex')}`
}

/** In doubt somebody does: a queue of connections that is full is one of a process that runs. */
function isListening(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketName(folder))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => resolve(systemCode(error) !== 'ECONNREFUSED'))
  })
}

async function listen(folder: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  server.unref()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socketName(folder), resolve)
    })
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') throw lockedError(folder, await readOwner(folder))
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

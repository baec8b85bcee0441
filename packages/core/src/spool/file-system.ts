import { writeSync, writevSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, statfs, unlink } from 'node:fs/promises'
import { systemClock } from '../model/clock.js'
import { lockFolder } from './lock.js'
import { WritePace } from './write-pace.js'

/** An open file. Positions are bytes from its beginning. */
export interface SpoolFile {
  /**
   * Writes the buffers one after the other at a position. The number of bytes written, which may be fewer: at once, where that takes
   * microseconds, or when they are.
   */
  write(buffers: readonly Uint8Array[], position: number): number | Promise<number>
  /** Reads into the target; resolves to the number of bytes read, 0 at the end. */
  read(target: Uint8Array, position: number): Promise<number>
  /** Forces data, and the size, to the disk. */
  datasync(): Promise<void>
  truncate(size: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/** What a spool needs of a file system. Errors carry Node's `code`. */
export interface FileSystem {
  /** Makes a folder and those above it, readable by the owner alone; one that exists is left as it is. */
  mkdir(path: string): Promise<void>
  /** Names of what is in a folder. */
  readdir(path: string): Promise<string[]>
  /** `create` makes the file, or empties it; readable by the owner alone. `update` reads and writes one that exists. */
  open(path: string, mode: 'read' | 'update' | 'create'): Promise<SpoolFile>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Forces names made or changed in a folder to the disk. */
  fsyncDir(path: string): Promise<void>
  /** Bytes that this process may still write. */
  freeBytes(path: string): Promise<number>
  /** Makes this process the owner of a folder until the release; rejects with `spool-locked` where another one is. */
  lock(path: string): Promise<() => Promise<void>>
}

const flags = { read: 'r', update: 'r+', create: 'w+' } as const

/** One for the process: all wait for the same event loop. */
const pace = new WritePace({ monotonicMs: () => systemClock.monotonicMs(), onNextTurn: (callback) => setImmediate(callback) })

class NodeFile implements SpoolFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  write(buffers: readonly Uint8Array[], position: number): number | Promise<number> {
    const bytes = buffers.reduce((sum, { length }) => sum + length, 0)
    return pace.allows(bytes) ? this.#writeNow(buffers, position) : this.#handOver(buffers, position)
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    return (await this.#handle.read(target, 0, target.length, position)).bytesRead
  }

  datasync(): Promise<void> {
    return this.#handle.datasync()
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size)
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  #writeNow(buffers: readonly Uint8Array[], position: number): number {
    const { fd } = this.#handle
    const [first] = buffers
    return pace.run(() =>
      buffers.length === 1 && first !== undefined ? writeSync(fd, first, 0, first.length, position) : writevSync(fd, buffers, position),
    )
  }

  async #handOver(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return (await this.#handle.writev(buffers, position)).bytesWritten
  }
}

/** The file system of Node. */
export const nodeFileSystem: FileSystem = {
  async mkdir(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  readdir: (path) => readdir(path),
  open: async (path, mode) => new NodeFile(await open(path, flags[mode], 0o600)),
  rename,
  unlink,
  async fsyncDir(path) {
    // Windows does not open folders; its file systems keep names without being asked.
    if (process.platform === 'win32') return
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  },
  lock: lockFolder,
}

/** Writes everything at a position, however often the system stops short. Rejects where it takes nothing at all, as with `EIO`. */
export async function writeFully(file: Pick<SpoolFile, 'write'>, buffers: readonly Uint8Array[], position: number): Promise<void> {
  let left = buffers.filter((buffer) => buffer.length > 0)
  while (left.length > 0) {
    const written = await file.write(left, position)
    // To ask again might be without end, and writes that are made at once would let nobody else have a turn.
    if (written === 0) throw nothingWritten(left, position)
    position += written
    left = afterBytes(left, written)
  }
}

function nothingWritten(buffers: readonly Uint8Array[], position: number): Error {
  const bytes = buffers.reduce((sum, { length }) => sum + length, 0)
  return Object.assign(new Error(`EIO: none of ${bytes} bytes at ${position} were written`), { code: 'EIO' })
}

function afterBytes(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  const left: Uint8Array[] = []
  for (const buffer of buffers) {
    if (skip >= buffer.length) skip -= buffer.length
    else {
      left.push(buffer.subarray(skip))
      skip = 0
    }
  }
  return left
}

/** Reads until the target is full or the file ends; resolves to the number of bytes read. */
export async function readFully(file: Pick<SpoolFile, 'read'>, target: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < target.length) {
    const count = await file.read(target.subarray(filled), position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

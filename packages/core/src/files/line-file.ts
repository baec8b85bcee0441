import { mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { PromlineError, systemCode, toError } from '../model/errors.js'

/** 64 MiB: a day of a small target, and still quick to open in an editor. */
export const defaultMaxFileBytes: number = 64 * 1024 * 1024
/** With 64 MiB each, half a gigabyte on disk. */
export const defaultMaxFiles = 8

export interface LineFileOptions {
  /** The file that is written, such as `topics/metrics/0.ndjson`; older ones are `0.1.ndjson` (the youngest) and so on beside it. */
  readonly path: string
  /** A file that would grow beyond this is rolled first. Default 64 MiB. */
  readonly maxFileBytes?: number
  /** Files kept, the current one included; the oldest is deleted. Default 8. */
  readonly maxFiles?: number
  /** Default: the file system of Node. */
  readonly fileSystem?: LineFileSystem
}

/** What a line file needs of a file; Node's FileHandle fits. */
export interface LineFileHandle {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>
  truncate(length: number): Promise<void>
  datasync(): Promise<void>
  sync(): Promise<void>
  stat(): Promise<{ readonly size: number; readonly ino: number }>
  close(): Promise<void>
}

/** What a line file needs of a file system; `node:fs/promises` fits. */
export interface LineFileSystem {
  open(path: string, flags: string, mode?: number): Promise<LineFileHandle>
  stat(path: string): Promise<{ readonly ino: number }>
  mkdir(path: string, options: { readonly recursive: true; readonly mode: number }): Promise<unknown>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
}

const nodeFileSystem: LineFileSystem = { open, stat, mkdir, rename, unlink }

/**
 * A file of lines that only grows, rolls when it is full, and holds whole lines at any crash: what a sink writes where there is no
 * server. One process writes it at a time.
 */
export interface LineFile {
  /** Cuts a torn last line. Called by the first append where it was not called before. Rejects with `disk-io`. */
  open(): Promise<void>
  /**
   * Appends whole lines (the bytes end in LF) and resolves when they are on the disk. All or nothing as far as the disk lets us: what was
   * written before a failure is cut off again. Rejects with PromlineError `disk-full` or `disk-io`; the next append tries anew. Appends
   * may overlap; they are written in the order of the calls.
   */
  append(lines: Uint8Array): Promise<void>
  /** Waits for the appends under way. Safe to call twice. */
  close(): Promise<void>
}

/** Creates a line file; the folder is made when it is opened. */
export function createLineFile(options: LineFileOptions): LineFile {
  return new RollingLineFile(options)
}

interface OpenFile {
  readonly handle: LineFileHandle
  readonly ino: number
  size: number
}

class RollingLineFile implements LineFile {
  readonly #path: string
  readonly #maxFileBytes: number
  readonly #maxFiles: number
  readonly #fs: LineFileSystem
  #file: OpenFile | undefined
  #closed = false
  /** The append under way: the next one waits for it. */
  #last: Promise<void> = Promise.resolve()

  constructor(options: LineFileOptions) {
    this.#path = options.path
    this.#maxFileBytes = options.maxFileBytes ?? defaultMaxFileBytes
    this.#maxFiles = options.maxFiles ?? defaultMaxFiles
    this.#fs = options.fileSystem ?? nodeFileSystem
  }

  open(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#current()
    })
  }

  append(lines: Uint8Array): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#closed) throw new PromlineError('closed', `${this.#path} is closed`)
      const file = await this.#withRoomFor(lines.length)
      await this.#write(file, lines)
    })
  }

  close(): Promise<void> {
    return this.#inOrder(async () => {
      this.#closed = true
      await this.#letGo()
    })
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work).catch((error: unknown) => {
      throw toFileError(error, this.#path)
    })
    this.#last = done.catch(() => {})
    return done
  }

  /** The open file. Somebody may have moved or deleted it meanwhile: bytes written to a file without a name would be lost. */
  async #current(): Promise<OpenFile> {
    if (this.#file !== undefined) {
      const named = await this.#fs.stat(this.#path).catch(() => undefined)
      if (named?.ino === this.#file.ino) return this.#file
      await this.#letGo()
    }
    await this.#fs.mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    const handle = await this.#fs.open(this.#path, 'a+', 0o600)
    try {
      const { size, ino } = await handle.stat()
      const whole = await endOfLastLine(handle, size)
      if (whole < size) await handle.truncate(whole)
      if (size === 0) await syncFolder(this.#fs, dirname(this.#path))
      this.#file = { handle, ino, size: whole }
      return this.#file
    } catch (error) {
      await handle.close().catch(() => {})
      throw error
    }
  }

  async #withRoomFor(bytes: number): Promise<OpenFile> {
    const file = await this.#current()
    if (file.size === 0 || file.size + bytes <= this.#maxFileBytes) return file
    await this.#letGo()
    await this.#roll()
    return await this.#current()
  }

  /** Moves every file one number up, the oldest first: a crash in between leaves a gap, which the next roll closes. */
  async #roll(): Promise<void> {
    const oldest = this.#maxFiles - 1
    await ifThere(this.#fs.unlink(numbered(this.#path, oldest)))
    for (let i = oldest; i > 0; i--) await ifThere(this.#fs.rename(numbered(this.#path, i - 1), numbered(this.#path, i)))
  }

  async #write(file: OpenFile, lines: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < lines.length; ) {
        const { bytesWritten } = await file.handle.write(lines, at, lines.length - at)
        at += bytesWritten
      }
      // Data after a failed sync is in an unknown state, and a second sync of the same file may lie: the file is opened anew after it.
      await file.handle.datasync()
      file.size += lines.length
    } catch (error) {
      await file.handle.truncate(file.size).catch(() => {})
      await this.#letGo()
      throw error
    }
  }

  async #letGo(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.handle.close().catch(() => {})
  }
}

/** `0.ndjson` is 0; `0.1.ndjson` is 1. */
function numbered(path: string, number: number): string {
  if (number === 0) return path
  const extension = extname(path)
  return `${path.slice(0, path.length - extension.length)}.${number}${extension}`
}

/** Looks for the last LF from the end, a piece at a time: a torn line is at most one write long, the file may be long. */
async function endOfLastLine(handle: LineFileHandle, size: number): Promise<number> {
  const piece = new Uint8Array(65_536)
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - piece.length)
    const { bytesRead } = await handle.read(piece, 0, end - start, start)
    const found = piece.subarray(0, bytesRead).lastIndexOf(0x0a)
    if (found >= 0) return start + found + 1
    end = start
  }
  return 0
}

async function ifThere(change: Promise<void>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

/** A new file's name survives a power cut only when its folder is synced. Not every system lets a folder be opened. */
async function syncFolder(fs: LineFileSystem, path: string): Promise<void> {
  const folder = await fs.open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close().catch(() => {})
}

function toFileError(error: unknown, path: string): PromlineError {
  if (error instanceof PromlineError) return error
  const code = systemCode(error) ?? 'unknown'
  const facts = { path, code }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PromlineError('disk-full', `${path}: the disk is full (${code}), nothing was added`, { cause: error, facts })
  }
  return new PromlineError('disk-io', `${path}: ${toError(error).message}`, { cause: error, facts })
}

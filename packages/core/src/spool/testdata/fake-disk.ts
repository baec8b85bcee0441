import { basename } from 'node:path'
import { PromlineError } from '../../model/errors.js'
import { systemCode } from '../../model/errors.js'
import type { FileSystem, SpoolFile } from '../file-system.js'

type Change = { readonly position: number; readonly bytes: Buffer } | { readonly truncateTo: number }

interface Inode {
  /** What processes see: the page cache. */
  content: Buffer
  /** What a loss of power leaves, with some of `pending`. */
  durable: Buffer
  pending: Change[]
}

/** A name that goes, comes, or both at once. */
interface NameChange {
  readonly removes?: string
  readonly adds?: readonly [name: string, inode: Inode]
}

export type Operation = 'open' | 'write' | 'read' | 'datasync' | 'truncate' | 'rename' | 'unlink' | 'fsyncDir' | 'readdir' | 'mkdir'

export interface FakeDiskOptions {
  /** Returns the code of the error that an operation is to fail with. */
  fail?: (operation: Operation, name: string) => string | undefined
  /** Bytes that all files together may take. */
  capacity?: number
  /** Returns how many bytes a write takes; all by default. */
  shorten?: (bytes: number) => number
  freeBytes?: () => number
}

/**
 * A folder on a disk that fails as real ones do: what was not synced is lost, or kept in part and out of order, the writes of a file as
 * well as the names of the folder; after a failed sync the system forgets that there was anything to write.
 */
export class FakeDisk implements FileSystem {
  options: FakeDiskOptions
  /** Whether writes are made at once, as small ones are, or come to an end later. */
  writesAtOnce = false
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  /** Changes of names since the last fsyncDir. */
  #renames: NameChange[] = []
  #locked = false
  /** Handles of a process that died do nothing. */
  #life = 0
  #operationsLeft = Number.POSITIVE_INFINITY

  constructor(options: FakeDiskOptions = {}) {
    this.options = options
  }

  get names(): string[] {
    return [...this.#names.keys()].sort()
  }

  contentOf(name: string): Buffer {
    return Buffer.from(this.#inode(name).content)
  }

  /** Puts a file there, durably. */
  put(name: string, content: Buffer): void {
    const inode = { content: Buffer.from(content), durable: Buffer.from(content), pending: [] }
    this.#names.set(name, inode)
    this.#durableNames.set(name, inode)
  }

  /** Flips bits of a file under those who have it open. `draw(n)` is a number from 0 to n - 1. */
  flip(name: string, count: number, draw: (bound: number) => number): void {
    const { content, durable } = this.#inode(name)
    for (let i = 0; i < count && content.length > 0; i++) {
      const at = draw(content.length)
      const bit = 1 << draw(8)
      content[at]! ^= bit
      if (at < durable.length) durable[at]! ^= bit
    }
  }

  delete(name: string): void {
    this.#names.delete(name)
    this.#durableNames.delete(name)
  }

  /** A copy of what is there, as a disk of its own. */
  copy(): FakeDisk {
    const copy = new FakeDisk()
    for (const [name, inode] of this.#names) copy.put(name, inode.content)
    return copy
  }

  /** The process will die after so many more operations; until `kill` or `losePower` it does not know it. */
  dieAfter(operations: number): void {
    this.#operationsLeft = operations
  }

  /** The process dies: what it wrote stays. */
  kill(): void {
    this.#life++
    this.#operationsLeft = Number.POSITIVE_INFINITY
    this.#locked = false
  }

  /** The power goes. `draw(n)` is a number from 0 to n - 1. */
  losePower(draw: (bound: number) => number): void {
    this.kill()
    const names = new Map(this.#durableNames)
    // A file system with a journal keeps the first so many; others keep any.
    const first = draw(2) === 0 ? draw(this.#renames.length + 1) : undefined
    const kept = this.#renames.filter((_, i) => (first === undefined ? draw(2) === 0 : i < first))
    for (const one of kept) applyName(names, one)
    for (const inode of new Set(names.values())) settle(inode, draw)
    this.#names = new Map(names)
    this.#durableNames = names
    this.#renames = []
  }

  async mkdir(path: string): Promise<void> {
    this.#check('mkdir', path)
  }

  async readdir(path: string): Promise<string[]> {
    this.#check('readdir', path)
    return this.names
  }

  async open(path: string, mode: 'read' | 'update' | 'create'): Promise<SpoolFile> {
    const name = basename(path)
    this.#check('open', name)
    if (mode !== 'create') return this.#handle(name, this.#inode(name))
    const inode: Inode = this.#names.get(name) ?? { content: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] }
    if (inode.content.length > 0) change(inode, { truncateTo: 0 })
    if (!this.#names.has(name)) this.#changeNames({ adds: [name, inode] })
    return this.#handle(name, inode)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check('rename', basename(from))
    const inode = this.#inode(basename(from))
    this.#changeNames({ removes: basename(from), adds: [basename(to), inode] })
  }

  async unlink(path: string): Promise<void> {
    this.#check('unlink', basename(path))
    this.#inode(basename(path))
    this.#changeNames({ removes: basename(path) })
  }

  async fsyncDir(path: string): Promise<void> {
    this.#check('fsyncDir', path)
    this.#durableNames = new Map(this.#names)
    this.#renames = []
  }

  async freeBytes(): Promise<number> {
    return this.options.freeBytes?.() ?? Math.max(0, (this.options.capacity ?? 2 ** 40) - this.#used())
  }

  async lock(path: string): Promise<() => Promise<void>> {
    if (this.#locked) throw new PromlineError('spool-locked', `spool ${path} is in use`)
    this.#locked = true
    return async () => {
      this.#locked = false
    }
  }

  #handle(name: string, inode: Inode): SpoolFile {
    const life = this.#life
    const alive = (operation: Operation): void => {
      if (life !== this.#life) throw systemError('EBADF', operation)
      this.#check(operation, name)
    }
    return {
      write: (buffers, position) => {
        const write = (): number => {
          alive('write')
          const bytes = Buffer.concat(buffers)
          const room = (this.options.capacity ?? Number.POSITIVE_INFINITY) - this.#used() + inode.content.length - position
          const count = Math.min(this.options.shorten?.(bytes.length) ?? bytes.length, Math.max(room, 0), bytes.length)
          if (count === 0) throw systemError('ENOSPC', 'write')
          change(inode, { position, bytes: bytes.subarray(0, count) })
          return count
        }
        return this.writesAtOnce ? write() : Promise.resolve().then(write)
      },
      read: async (target, position) => {
        alive('read')
        return inode.content.copy(target, 0, position, position + target.length)
      },
      datasync: async () => {
        try {
          alive('datasync')
        } catch (error) {
          // The system gives up what it could not write, and says so once.
          if (systemCode(error) === 'EIO') inode.pending = []
          throw error
        }
        for (const one of inode.pending) inode.durable = apply(inode.durable, one)
        inode.pending = []
      },
      truncate: async (size) => {
        alive('truncate')
        change(inode, { truncateTo: size })
      },
      size: async () => inode.content.length,
      close: async () => {},
    }
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name)
    if (inode === undefined) throw systemError('ENOENT', 'open')
    return inode
  }

  #changeNames(one: NameChange): void {
    applyName(this.#names, one)
    this.#renames.push(one)
  }

  #check(operation: Operation, name: string): void {
    if (this.#operationsLeft-- <= 0) throw systemError('EBADF', operation)
    const code = this.options.fail?.(operation, name)
    if (code !== undefined) throw systemError(code, operation)
  }

  #used(): number {
    return [...new Set(this.#names.values())].reduce((sum, { content }) => sum + content.length, 0)
  }
}

function systemError(code: string, operation: string): Error {
  return Object.assign(new Error(`${code}: ${operation}`), { code })
}

function applyName(names: Map<string, Inode>, { removes, adds }: NameChange): void {
  if (removes !== undefined) names.delete(removes)
  if (adds !== undefined) names.set(...adds)
}

function change(inode: Inode, one: Change): void {
  const copied = 'bytes' in one ? { ...one, bytes: Buffer.from(one.bytes) } : one
  inode.pending.push(copied)
  inode.content = apply(inode.content, copied)
}

function apply(content: Buffer, one: Change): Buffer {
  if ('truncateTo' in one) {
    const result = Buffer.alloc(one.truncateTo)
    content.copy(result)
    return result
  }
  const result = Buffer.alloc(Math.max(content.length, one.position + one.bytes.length))
  content.copy(result)
  one.bytes.copy(result, one.position)
  return result
}

/** Leaves of what was not synced some, in any order, in part. */
function settle(inode: Inode, draw: (bound: number) => number): void {
  const left = [...inode.pending]
  while (left.length > 0) {
    const [one] = left.splice(draw(left.length), 1)
    if (one === undefined || draw(2) === 0) continue
    if ('truncateTo' in one) inode.durable = apply(inode.durable, one)
    else {
      const from = draw(2) === 0 ? 0 : draw(one.bytes.length)
      const to = draw(2) === 0 ? one.bytes.length : from + draw(one.bytes.length - from + 1)
      if (to > from) inode.durable = apply(inode.durable, { position: one.position + from, bytes: one.bytes.subarray(from, to) })
    }
  }
  inode.pending = []
  inode.content = Buffer.from(inode.durable)
}

import type { LineFileHandle, LineFileSystem } from '../../files/line-file.js'
import type { Ability, Destination, ReceivedSample } from './subject.js'

export interface FileDestinationOptions {
  readonly destination: Destination
  /** The samples that written lines hold. */
  readonly decode: (lines: Buffer) => readonly ReceivedSample[]
}

/** What a line file cannot show, for `lacks` of a sink that writes one. */
export const fileLacks: Readonly<Partial<Record<Ability, string>>> = {
  'retry-after': 'a disk asks for nothing',
  lost: 'what was written when a write failed is cut off again',
  rejected: 'a file takes any line',
  partial: 'a file takes any line',
  'too-large': 'a file takes any number of lines',
  blocked: 'a disk that refuses is asked again',
  hang: 'a disk that hangs holds up every write behind it',
  concurrency: 'a file is written in order',
}

/** The fake for sinks that write a line file: a file system of one file in memory, which asks the suite about every write. */
export function createFileDestination(options: FileDestinationOptions): LineFileSystem {
  const file = new MemoryFile(options)
  return {
    open: async () => file,
    stat: async () => ({ ino: file.ino }),
    mkdir: async () => undefined,
    rename: async () => {},
    unlink: async () => {},
  }
}

class MemoryFile implements LineFileHandle {
  readonly ino = 1
  readonly #options: FileDestinationOptions
  #content: Buffer = Buffer.alloc(0)

  constructor(options: FileDestinationOptions) {
    this.#options = options
  }

  async read(...[buffer, offset, length, position]: Parameters<LineFileHandle['read']>): Promise<{ readonly bytesRead: number }> {
    const bytes = this.#content.subarray(position, position + length)
    buffer.set(bytes, offset)
    return { bytesRead: bytes.length }
  }

  /** Takes it all, or fails as a disk does that is worn. */
  async write(buffer: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }> {
    const bytes = Buffer.from(buffer.subarray(offset, offset + length))
    const { destination, decode } = this.#options
    const { status } = await destination.receive({ samples: decode(bytes), bytes })
    if (status !== 'delivered') throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' })
    this.#content = Buffer.concat([this.#content, bytes])
    return { bytesWritten: length }
  }

  async truncate(length: number): Promise<void> {
    this.#content = this.#content.subarray(0, length)
  }

  async stat(): Promise<{ readonly size: number; readonly ino: number }> {
    return { size: this.#content.length, ino: this.ino }
  }

  async datasync(): Promise<void> {}

  async sync(): Promise<void> {}

  async close(): Promise<void> {}
}

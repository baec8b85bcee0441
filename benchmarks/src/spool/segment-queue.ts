import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { readRecord } from './load.js'
import type { LogSubject, OpenLog } from './log.js'

const headerBytes = 24
const segmentBytes = 64 * 1024 * 1024
const groupBytes = 4 * 1024 * 1024
const suffix = '.seg'

interface Waiting {
  readonly record: Buffer
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The idea in its shortest form, without what makes it safe: records of bytes with a checksum, in segments, those that wait written and
 * synced together. What promline's spool has beside it (series, several readers, places, caps, recovery) is what it costs more.
 */
class SegmentQueue {
  readonly #dir: string
  readonly #segments: string[]
  readonly #waiting: Waiting[] = []
  #file: FileHandle | undefined
  #size = 0
  #writing: Promise<void> | undefined

  constructor(dir: string, segments: readonly string[]) {
    this.#dir = dir
    this.#segments = [...segments]
  }

  /** Checks every record of every segment, as a start must. */
  static async open(dir: string): Promise<SegmentQueue> {
    await mkdir(dir, { recursive: true })
    const queue = new SegmentQueue(dir, (await readdir(dir)).filter((name) => name.endsWith(suffix)).sort())
    await queue.read(() => {})
    return queue
  }

  append(record: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject })
      this.#start()
    })
  }

  #start(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
      if (this.#waiting.length > 0) this.#start()
    })
  }

  async read(visit: (record: Buffer) => void): Promise<void> {
    for (const name of this.#segments) {
      const bytes = await readFile(join(this.#dir, name))
      for (let at = 0; at + headerBytes <= bytes.length; ) {
        const end = at + headerBytes + bytes.readUInt32LE(at)
        if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) throw new Error(`${name}: a bad record at ${at}`)
        visit(bytes.subarray(at + headerBytes, end))
        at = end
      }
    }
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file?.close()
  }

  async #write(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group: Waiting[] = []
      for (let bytes = 0; this.#waiting.length > 0 && bytes < groupBytes; ) {
        const next = this.#waiting.shift()!
        bytes += headerBytes + next.record.length
        group.push(next)
      }
      try {
        await this.#commit(frame(group.map(({ record }) => record)))
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
  }

  async #commit(bytes: Buffer): Promise<void> {
    if (this.#file === undefined || this.#size + bytes.length > segmentBytes) await this.#roll()
    for (let done = 0; done < bytes.length; ) {
      done += (await this.#file!.write(bytes, done, bytes.length - done)).bytesWritten
    }
    this.#size += bytes.length
    await this.#file!.datasync()
  }

  async #roll(): Promise<void> {
    await this.#file?.close()
    const name = `${String(this.#segments.length).padStart(8, '0')}${suffix}`
    this.#file = await open(join(this.#dir, name), 'a', 0o600)
    this.#size = 0
    this.#segments.push(name)
    const folder = await open(this.#dir, 'r')
    await folder.sync()
    await folder.close()
  }
}

function frame(records: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(records.reduce((sum, { length }) => sum + headerBytes + length, 0))
  let at = 0
  for (const record of records) {
    const end = at + headerBytes + record.length
    bytes.writeUInt32LE(record.length, at)
    bytes.fill(0, at + 8, at + headerBytes)
    record.copy(bytes, at + headerBytes)
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, end)), at + 4)
    at = end
  }
  return bytes
}

/** The prototype of the spool, in its own words: bytes in segments. */
export const segmentQueueLog: LogSubject = {
  name: 'prototype',
  async open(dir, load): Promise<OpenLog> {
    const queue = await SegmentQueue.open(dir)
    return {
      append: (index) => queue.append(load.recordAt(index)),
      read: (visit) =>
        queue.read((record) => {
          const { index, values } = readRecord(record)
          visit(index, [values])
        }),
      close: () => queue.close(),
    }
  },
}

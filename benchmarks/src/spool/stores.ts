import { ClassicLevel } from 'classic-level'
import { open as openLmdb } from 'lmdb'
import { readRecord } from './load.js'
import type { LogSubject } from './log.js'

/** Keys in the order of the numbers. */
const keyOf = (index: number): string => String(index).padStart(12, '0')

interface Put {
  readonly index: number
  readonly value: Buffer
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Puts that wait while others are written are written together: LevelDB has no group commit of its own for its callers. */
class PutGroups {
  readonly #write: (puts: readonly Put[]) => Promise<unknown>
  #waiting: Put[] = []
  #running = false

  constructor(write: (puts: readonly Put[]) => Promise<unknown>) {
    this.#write = write
  }

  put(index: number, value: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ index, value, resolve, reject })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#write(group)
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#running = false
  }
}

/** LevelDB, a batch a value, each group of them one synced write. */
export const classicLevelLog: LogSubject = {
  name: 'classic-level',
  async open(dir, load) {
    const db = new ClassicLevel<string, Buffer>(dir, { valueEncoding: 'buffer' })
    await db.open()
    const groups = new PutGroups((puts) =>
      db.batch(
        puts.map(({ index, value }) => ({ type: 'put' as const, key: keyOf(index), value })),
        { sync: true },
      ),
    )
    return {
      append: (index) => groups.put(index, load.recordAt(index)),
      async read(visit) {
        for await (const value of db.values()) {
          const { index, values } = readRecord(value)
          visit(index, [values])
        }
      },
      close: () => db.close(),
    }
  },
}

/** LMDB, a batch a value, each group of them one transaction, waited for until it is flushed. */
export const lmdbLog: LogSubject = {
  name: 'lmdb',
  async open(dir, load) {
    const db = openLmdb<Buffer, number>({ path: dir, encoding: 'binary', compression: false })
    const groups = new PutGroups(async (puts) => {
      await db.transaction(() => {
        for (const { index, value } of puts) void db.put(index, value)
      })
      await db.flushed
    })
    return {
      append: (index) => groups.put(index, load.recordAt(index)),
      async read(visit) {
        for (const { value } of db.getRange()) {
          const { index, values } = readRecord(value)
          visit(index, [values])
        }
      },
      close: () => db.close(),
    }
  },
}

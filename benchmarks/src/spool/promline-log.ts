import { createDiskSpool } from '@promline/core'
import type { LogSubject } from './log.js'

/** Above what is appended: nothing is to wait for a reader. */
const capBytes = 2 ** 40

/** promline's spool as a pipeline uses it: batches with their series, one sink that lags. */
export const promlineLog: LogSubject = {
  name: 'promline',
  async open(dir, load) {
    const spool = createDiskSpool({ dir, fsync: 'always', maxBytes: capBytes })
    await spool.open()
    const cursor = await spool.cursor({ name: 'lagging', lanes: 1, overflow: 'block' })
    const stop = new AbortController()
    return {
      append: (index) => spool.append(load.batchAt(index)),
      async read(visit) {
        cursor.seek(1)
        for (const { head } = spool.status(); cursor.position < head; ) {
          const read = await cursor.next({ signal: stop.signal })
          if (read === undefined) throw new Error('the spool ended')
          visit(
            read.seq - 1,
            read.batch.columns.flatMap((columns) => (columns.kind === 'samples' ? [columns.values] : [])),
          )
        }
      },
      close: () => spool.close(),
    }
  },
}

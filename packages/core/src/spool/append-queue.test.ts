import { expect, test } from 'vitest'
import { batchNumber } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { openSpool, range, settle } from './testdata/spools.js'

test('what is appended in one turn of the event loop is written at once, whichever callbacks it comes from', async () => {
  let writes = 0
  const disk = new FakeDisk({
    fail: (operation, name) => {
      if (operation === 'write' && name.includes('.seg')) writes++
      return undefined
    },
  })
  const spool = await openSpool(disk)
  await spool.append(batchNumber(1)) // which makes the segment
  await settle()
  const before = writes
  const appends: Promise<unknown>[] = []
  for (const id of range(2, 6)) {
    appends.push(spool.append(batchNumber(id)))
    // As between callbacks of sockets that can be read in one turn: all promises that can go on do.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  expect(writes).toBe(before)
  await Promise.all(appends)
  expect(writes).toBe(before + 1)
  await spool.close()
})

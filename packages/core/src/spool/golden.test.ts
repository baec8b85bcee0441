import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createDiskSpool } from './disk-spool.js'
import { describeBatch, readToHead } from './testdata/batches.js'
import { goldenBatches } from './testdata/golden-batches.js'
import { ManualClock } from './testdata/manual-clock.js'

const golden = fileURLToPath(new URL('testdata/golden-v1', import.meta.url))

it('reads what version 1 of the format wrote', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'promline-golden-'))
  try {
    await cp(golden, dir, { recursive: true })
    const spool = createDiskSpool({ dir, clock: new ManualClock(), minFreeBytes: 0 })
    await spool.open()
    const cursor = await spool.cursor({ name: 'sink', lanes: 2, overflow: 'block' })
    expect(cursor.restarted).toBe(false)
    expect(cursor.acknowledged).toEqual([0, 3])
    const read = await readToHead(spool, cursor)
    expect(read.map(({ batch }) => describeBatch(batch))).toEqual(goldenBatches.map(describeBatch))
    expect(read.map(({ seq, appendedMs }) => [seq, appendedMs])).toEqual([1, 2, 3, 4].map((seq) => [seq, 1_700_000_000_000]))
    expect(spool.status()).toMatchObject({ head: 4, segments: 1, damagedRecords: 0, tornBytes: 0 })
    await spool.close()
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})

import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiskSpool } from './disk-spool.js'
import type { Spool } from './spool.js'
import { describeBatch, readToHead } from './testdata/batches.js'
import { goldenBatches, goldenMs, moreGoldenBatches, writeGolden } from './testdata/golden-batches.js'
import { ManualClock } from './testdata/manual-clock.js'

// These folders stay as they are, for ever: what a version of the format wrote must be read by every later one. A change of the format
// gets another version, and a folder of its own: PROMLINE_WRITE_GOLDEN=golden-NAME npx vitest run golden.test.ts
const folderOf = (name: string): string => fileURLToPath(new URL(`testdata/${name}`, import.meta.url))
/** What is written today: segments of version 1, acknowledgements of version 2. */
const today = 'golden-s1-a2'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'promline-golden-'))
})

afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

async function openGolden(name: string): Promise<Spool> {
  await cp(folderOf(name), dir, { recursive: true })
  const spool = createDiskSpool({ dir, clock: new ManualClock(), minFreeBytes: 0 })
  await spool.open()
  return spool
}

/** Names and bytes of a folder, in hexadecimal digits: a difference shows. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'hex')] as const)))
}

describe('what was written', () => {
  it('by version 1 of segments and acknowledgements is read', async () => {
    const spool = await openGolden('golden-v1')
    const cursor = await spool.cursor({ name: 'sink', lanes: 2, overflow: 'block' })
    expect(cursor.restarted).toBe(false)
    expect(cursor.acknowledged).toEqual([0, 3])
    const read = await readToHead(spool, cursor)
    expect(read.map(({ batch }) => describeBatch(batch))).toEqual(goldenBatches.map(describeBatch))
    expect(read.map(({ seq, appendedMs }) => [seq, appendedMs])).toEqual([1, 2, 3, 4].map((seq) => [seq, goldenMs]))
    expect(spool.status()).toMatchObject({ head: 4, segments: 1, damagedRecords: 0, tornBytes: 0 })
    await spool.close()
  })

  it('by version 1 of segments and version 2 of acknowledgements is read', async () => {
    const spool = await openGolden(today)
    const cursor = await spool.cursor({ name: 'sink', lanes: 2, overflow: 'block' })
    expect(cursor.restarted).toBe(false)
    expect(cursor.acknowledged).toEqual([0, 3])
    const read = await readToHead(spool, cursor)
    expect(read.map(({ batch }) => describeBatch(batch))).toEqual([...goldenBatches, ...moreGoldenBatches].map(describeBatch))
    expect(new Set(read.map(({ appendedMs }) => appendedMs))).toEqual(new Set([goldenMs]))
    expect(spool.status()).toMatchObject({ segments: 2, damagedRecords: 0, tornBytes: 0 })
    const wide = await spool.cursor({ name: 'wide', lanes: 20, overflow: 'block' })
    expect(wide.restarted).toBe(false)
    expect(wide.acknowledged).toEqual(Array.from({ length: 20 }, (_, lane) => lane))
    await spool.close()
  })

  it('is written today to the byte: another byte is another version, or data that nobody can read', async () => {
    const name = process.env['PROMLINE_WRITE_GOLDEN']
    if (name !== undefined) {
      await mkdir(folderOf(name))
      await writeGolden(folderOf(name))
    }
    await writeGolden(dir)
    expect(await filesOf(dir)).toEqual(await filesOf(folderOf(name ?? today)))
  })
})

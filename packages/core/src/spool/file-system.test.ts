import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiskSpool } from './disk-spool.js'
import { systemCode } from '../model/errors.js'
import { nodeFileSystem, readFully, type SpoolFile, writeFully } from './file-system.js'
import { batchNumber } from './testdata/batches.js'

let parent: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'promline-files-'))
})

afterEach(async () => {
  await rm(parent, { recursive: true, force: true })
})

describe('the file system of Node', () => {
  it('keeps what a spool writes to its owner', async () => {
    const dir = join(parent, 'state', 'spool')
    const spool = createDiskSpool({ dir, minFreeBytes: 0 })
    await spool.open()
    await spool.cursor({ name: 'sink', lanes: 1, overflow: 'block' })
    await spool.append(batchNumber(1))
    const modes = await Promise.all(
      ['', 'lock', 'sink.ack', '0000000000000001.seg'].map(async (name) => [name, (await stat(join(dir, name))).mode & 0o777]),
    )
    expect(modes).toEqual([
      ['', 0o700],
      ['lock', 0o600],
      ['sink.ack', 0o600],
      ['0000000000000001.seg', 0o600],
    ])
    await spool.close()
  })

  it('says where a folder cannot be one', async () => {
    const path = join(parent, 'file')
    const file = await nodeFileSystem.open(path, 'create')
    await file.close()
    const spool = createDiskSpool({ dir: path })
    await expect(spool.open()).rejects.toMatchObject({ code: 'spool-io', facts: { folder: path } })
  })

  it('tells how much is free', async () => {
    expect(await nodeFileSystem.freeBytes(parent)).toBeGreaterThan(0)
    await expect(nodeFileSystem.freeBytes(join(parent, 'missing'))).rejects.toSatisfy((error) => systemCode(error) === 'ENOENT')
  })

  it('writes and reads at positions, cuts, and syncs', async () => {
    const path = join(parent, 'file')
    const file = await nodeFileSystem.open(path, 'create')
    await writeFully(file, [Buffer.from('abc'), Buffer.alloc(0), Buffer.from('defg')], 0)
    await writeFully(file, [Buffer.from('X')], 1)
    await file.truncate(5)
    await file.datasync()
    expect(await file.size()).toBe(5)
    await file.close()
    expect(await readFile(path, 'latin1')).toBe('aXcde')
    const again = await nodeFileSystem.open(path, 'update')
    const target = Buffer.alloc(10)
    expect(await readFully(again, target, 2)).toBe(3)
    expect(target.toString('latin1', 0, 3)).toBe('cde')
    await again.close()
    await nodeFileSystem.fsyncDir(parent)
  })
})

describe('writeFully', () => {
  it.each([1, 2, 3, 5, 100])('goes on after %i bytes at a time', async (step) => {
    const written: string[] = []
    const file: Pick<SpoolFile, 'write'> = {
      write: async (buffers, position) => {
        const bytes = Buffer.concat(buffers).subarray(0, step)
        written[position] = bytes.toString('latin1')
        return bytes.length
      },
    }
    await writeFully(file, [Buffer.from('ab'), Buffer.from('cdefg'), Buffer.from('h')], 0)
    expect(written.join('')).toBe('abcdefgh')
  })

  it.each(['at once', 'later'])('gives up where the system takes nothing and says nothing, %s', async (when) => {
    let calls = 0
    const file: Pick<SpoolFile, 'write'> = {
      write: () => {
        if (++calls > 10) throw new Error('without end')
        return when === 'later' ? Promise.resolve(0) : 0
      },
    }
    const writing = writeFully(file, [Buffer.from('abc')], 7)
    await expect(writing).rejects.toMatchObject({ code: 'EIO', message: 'EIO: none of 3 bytes at 7 were written' })
  })
})

it('lets others have their turn where somebody appends without end', async () => {
  const spool = createDiskSpool({ dir: join(parent, 'spool'), minFreeBytes: 0 })
  await spool.open()
  let done = false
  const timer = setTimeout(() => {
    done = true
  })
  let appends = 0
  while (!done && appends < 100_000) {
    await spool.append(batchNumber(1))
    appends++
  }
  clearTimeout(timer)
  expect(done).toBe(true)
  await spool.close()
})

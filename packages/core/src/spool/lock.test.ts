import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder, ownerOf } from './lock.js'
import { takeLockFile } from './lock-file.js'
import { currentOwner, isAlive, parseOwner } from './lock-owner.js'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'promline-lock-'))
})

afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

describe.each([
  ['lockFolder', lockFolder],
  ['takeLockFile', takeLockFile],
])('%s', (_, take) => {
  it('is taken once, says by whom, and is given back', async () => {
    const release = await take(dir)
    await expect(take(dir)).rejects.toMatchObject({
      code: 'spool-locked',
      message: `spool ${dir} is in use by process ${process.pid}; a folder belongs to one pipeline of one process`,
      facts: { folder: dir, pid: process.pid },
    })
    await release()
    await (await take(dir))()
  })
})

describe('ownerOf', () => {
  it('says whose a folder is, and leaves it', async () => {
    expect(await ownerOf(dir)).toBeUndefined()
    const release = await lockFolder(dir)
    expect(await ownerOf(dir)).toEqual(await currentOwner())
    expect(await ownerOf(`${dir}/../${basename(dir)}`)).toMatchObject({ pid: process.pid })
    await expect(lockFolder(dir)).rejects.toMatchObject({ code: 'spool-locked' })
    await release()
    expect(await ownerOf(dir)).toBeUndefined()
  })

  it.runIf(process.platform === 'linux')('asks the lock, not only the file, which may be a copy', async () => {
    await writeFile(join(dir, 'lock'), JSON.stringify(await currentOwner()))
    expect(await ownerOf(dir)).toBeUndefined()
  })
})

describe('takeLockFile', () => {
  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, started: 'once' })],
    ['of a pid that is another process by now', JSON.stringify({ pid: process.pid, started: 'once' })],
    ['that says nothing', 'no owner'],
    ['that is empty', ''],
  ])('takes over a lock %s', async (_, content) => {
    await writeFile(join(dir, 'lock'), content)
    const release = await takeLockFile(dir)
    expect(JSON.parse(await readFile(join(dir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    expect(await readdir(dir)).toEqual(['lock'])
    await release()
    expect(await readdir(dir)).toEqual([])
  })

  // Often enough that two of them meet in the middle of a takeover.
  it.each(Array.from({ length: 20 }, (_, i) => i))('is taken by one of many who come at once, time %d', async () => {
    await writeFile(join(dir, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: 'once' }))
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => takeLockFile(dir)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(dir)).toEqual(['lock'])
  })

  it('is taken where somebody died while they took over', async () => {
    const dead = JSON.stringify({ pid: 2 ** 22 + 1, started: 'once' })
    for (const name of ['lock', 'lock.takeover']) await writeFile(join(dir, name), dead)
    const release = await takeLockFile(dir)
    expect(await readdir(dir)).toEqual(['lock'])
    await release()
  })
})

describe('an owner', () => {
  it('is this process', async () => {
    const owner = await currentOwner()
    expect(owner.pid).toBe(process.pid)
    expect(parseOwner(JSON.stringify(owner))).toEqual(owner)
    expect(await isAlive(owner)).toBe(true)
  })

  it.each(['', '{}', '[]', 'null', '{"pid":1}', '{"pid":"1","started":""}', '{"pid":-1,"started":""}', '{"pid":1.5,"started":""}'])(
    'is not read from %j',
    (text) => {
      expect(parseOwner(text)).toBeUndefined()
    },
  )
})

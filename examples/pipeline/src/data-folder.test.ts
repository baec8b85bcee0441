import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.js'

const isRoot = process.getuid?.() === 0
let base: string

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'promline-data-'))
})

afterAll(() => rm(base, { recursive: true, force: true }))

describe('openDataFolder()', () => {
  it('makes what is missing, also twice at a time, and takes what is there', async () => {
    const dir = join(base, 'a', 'b', 'c')
    await Promise.all([openDataFolder(dir), openDataFolder(dir)])
    expect((await stat(dir)).isDirectory()).toBe(true)
    await openDataFolder(dir)
  })

  it('says that the folder is a file', async () => {
    const file = join(base, 'file')
    await writeFile(file, '')
    await expect(openDataFolder(file)).rejects.toThrow(`cannot use the data folder ${file}: it is a file; choose another with --data`)
    await expect(openDataFolder(join(file, 'x'))).rejects.toThrow(
      `cannot use the data folder ${join(file, 'x')}: part of its path is a file; choose another with --data`,
    )
  })

  it.skipIf(isRoot)('says that it may not write there', async () => {
    const dir = join(base, 'closed')
    await openDataFolder(dir)
    await chmod(dir, 0o500)
    await expect(openDataFolder(dir)).rejects.toThrow(`cannot use the data folder ${dir}: permission denied; choose another with --data`)
  })

  it.skipIf(!existsSync('/proc/self'))('ends where the system makes no folders', async () => {
    await expect(openDataFolder('/proc/promline')).rejects.toThrow('cannot use the data folder /proc/promline: ')
  })
})

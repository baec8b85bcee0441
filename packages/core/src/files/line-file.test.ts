import { appendFile, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { createLineFile, type LineFileSystem } from './line-file.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'line-file-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

const bytes = (text: string): Uint8Array => encodeUtf8(text)
const content = (name = '0.ndjson'): Promise<string> => readFile(join(folder, name), 'utf8')

/** Node's file system, where one of a file's methods fails once. */
function breaking(method: 'write' | 'datasync', code: string): LineFileSystem {
  let broken = true
  const fail = (): void => {
    if (!broken) return
    broken = false
    throw Object.assign(new Error(`${code}: made up`), { code })
  }
  return {
    ...nodeFs,
    open: async (path, flags, mode) => {
      const handle = await open(path, flags, mode)
      return {
        read: handle.read.bind(handle),
        sync: handle.sync.bind(handle),
        stat: () => handle.stat(),
        close: handle.close.bind(handle),
        write: async (buffer, offset, length) => {
          // As a full disk does: some of it fits, then nothing.
          if (method === 'write' && offset > 0) fail()
          return handle.write(buffer, offset, Math.min(length, 3))
        },
        datasync: async () => {
          if (method === 'datasync') fail()
          await handle.datasync()
        },
        truncate: (length) => handle.truncate(length),
      }
    },
  }
}

describe('createLineFile()', () => {
  it('makes its folder and appends lines', async () => {
    const file = createLineFile({ path: join(folder, 'a', 'b', '0.ndjson') })
    await file.append(bytes('one\n'))
    await file.append(bytes('two\nthree\n'))
    await file.close()
    expect(await content('a/b/0.ndjson')).toBe('one\ntwo\nthree\n')
  })

  it('keeps files and folders from other users', async () => {
    const file = createLineFile({ path: join(folder, 'a', '0.ndjson') })
    await file.append(bytes('one\n'))
    await file.close()
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, 'a', '0.ndjson'))).mode & 0o777).toBe(0o600)
  })

  it('writes appends that overlap in the order of the calls', async () => {
    const file = createLineFile({ path: join(folder, '0.ndjson') })
    await Promise.all(['1\n', '2\n', '3\n', '4\n'].map((line) => file.append(bytes(line))))
    await file.close()
    expect(await content()).toBe('1\n2\n3\n4\n')
  })

  it.each([
    ['nothing torn', 'one\ntwo\n', 'one\ntwo\n'],
    ['a torn last line', 'one\ntwo\nthr', 'one\ntwo\n'],
    ['only a torn line', 'thr', ''],
    ['a torn line longer than what is read at a time', `one\n${'x'.repeat(200_000)}`, 'one\n'],
    ['a line feed at the edge of what is read at a time', `one\n${'x'.repeat(65_536)}`, 'one\n'],
    ['an empty file', '', ''],
  ])('opens a file with %s', async (_name, before, after) => {
    await writeFile(join(folder, '0.ndjson'), before)
    const file = createLineFile({ path: join(folder, '0.ndjson') })
    await file.open()
    expect(await content()).toBe(after)
    await file.append(bytes('next\n'))
    await file.close()
    expect(await content()).toBe(`${after}next\n`)
  })

  it('cuts at every byte of a torn write', async () => {
    const whole = 'first\nsecond\nthird\n'
    for (let cut = 0; cut <= whole.length; cut++) {
      await writeFile(join(folder, '0.ndjson'), whole.slice(0, cut))
      const file = createLineFile({ path: join(folder, '0.ndjson') })
      await file.open()
      await file.close()
      expect(await content()).toBe(whole.slice(0, whole.slice(0, cut).lastIndexOf('\n') + 1))
    }
  })

  it('rolls, keeps the youngest files and deletes the oldest', async () => {
    const file = createLineFile({ path: join(folder, '0.ndjson'), maxFileBytes: 4, maxFiles: 3 })
    for (let i = 0; i < 5; i++) await file.append(bytes(`${i}..\n`))
    await file.close()
    expect((await readdir(folder)).sort()).toEqual(['0.1.ndjson', '0.2.ndjson', '0.ndjson'])
    expect([await content(), await content('0.1.ndjson'), await content('0.2.ndjson')]).toEqual(['4..\n', '3..\n', '2..\n'])
  })

  it('takes a write that is larger than a file into a file of its own', async () => {
    const file = createLineFile({ path: join(folder, '0.ndjson'), maxFileBytes: 4, maxFiles: 3 })
    await file.append(bytes('a\n'))
    await file.append(bytes('a long line\n'))
    await file.append(bytes('b\n'))
    await file.close()
    expect([await content(), await content('0.1.ndjson'), await content('0.2.ndjson')]).toEqual(['b\n', 'a long line\n', 'a\n'])
  })

  it('goes on over the gap that a crash in a roll leaves', async () => {
    await writeFile(join(folder, '0.ndjson'), 'now\n')
    await writeFile(join(folder, '0.2.ndjson'), 'older\n')
    const file = createLineFile({ path: join(folder, '0.ndjson'), maxFileBytes: 4, maxFiles: 4 })
    await file.append(bytes('next\n'))
    await file.close()
    expect([await content(), await content('0.1.ndjson'), await content('0.3.ndjson')]).toEqual(['next\n', 'now\n', 'older\n'])
  })

  it('writes a new file when somebody moved or deleted the one it had', async () => {
    const file = createLineFile({ path: join(folder, '0.ndjson') })
    await file.append(bytes('one\n'))
    await rename(join(folder, '0.ndjson'), join(folder, 'moved'))
    await file.append(bytes('two\n'))
    await rm(join(folder, '0.ndjson'))
    await file.append(bytes('three\n'))
    await file.close()
    expect([await content('moved'), await content()]).toEqual(['one\n', 'three\n'])
  })

  it.each(['ENOSPC', 'EDQUOT'])('takes a write back when the disk is full (%s), and goes on when there is room', async (code) => {
    const path = join(folder, '0.ndjson')
    const file = createLineFile({ path, fileSystem: breaking('write', code) })
    await expect(file.append(bytes('one\ntwo\n'))).rejects.toMatchObject({
      code: 'disk-full',
      message: `${path}: the disk is full (${code}), nothing was added`,
    })
    expect(await content()).toBe('')
    await file.append(bytes('one\ntwo\n'))
    await file.close()
    expect(await content()).toBe('one\ntwo\n')
  })

  it('takes a write back that could not be synced', async () => {
    const path = join(folder, '0.ndjson')
    const file = createLineFile({ path, fileSystem: breaking('datasync', 'EIO') })
    await expect(file.append(bytes('one\n'))).rejects.toMatchObject({ code: 'disk-io', message: `${path}: EIO: made up` })
    await file.append(bytes('two\n'))
    await file.close()
    expect(await content()).toBe('two\n')
  })

  it('names a path that cannot be used', async () => {
    await writeFile(join(folder, 'file'), '')
    const path = join(folder, 'file', '0.ndjson')
    const file = createLineFile({ path })
    await expect(file.open()).rejects.toMatchObject({ code: 'disk-io', facts: { path, code: 'EEXIST' } })
  })

  it('refuses appends after close, and closes twice', async () => {
    const path = join(folder, '0.ndjson')
    const file = createLineFile({ path })
    await file.append(bytes('one\n'))
    await file.close()
    await file.close()
    await expect(file.append(bytes('two\n'))).rejects.toMatchObject({ code: 'closed', message: `${path} is closed` })
    await appendFile(path, 'free\n')
    expect(await content()).toBe('one\nfree\n')
  })
})

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDiskSpool, PromlineError } from '@promline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VerbIo } from '../verb.js'
import { receiver } from './receiver.js'
import { relay } from './relay.js'

let dir: string
let printed: string
/** What a program has whose starter went away while it started. */
const io: VerbIo = {
  input: () => Promise.resolve(Buffer.alloc(0)),
  write: (text) => {
    printed += String(text)
    return Promise.reject(new PromlineError('closed', 'standard output: write EPIPE'))
  },
}

beforeEach(async () => {
  printed = ''
  dir = await mkdtemp(join(tmpdir(), 'promline-unheard-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('a program that listens, and whose starter went away before it did', () => {
  it('relay: ends, and leaves its spool', async () => {
    const args = ['--listen', '127.0.0.1:0', '--data', dir, '--sink', 'remote-write=http://127.0.0.1:9/']
    await expect(relay(args, io)).rejects.toThrow('standard output: write EPIPE')
    const spool = createDiskSpool({ dir: join(dir, 'spool') })
    await spool.open()
    await spool.close()
    await expectNobodyListens()
  })

  it('receiver: ends, and closes its file', async () => {
    const out = join(dir, 'out.ndjson')
    await expect(receiver(['--listen', '127.0.0.1:0', '--out', out], io)).rejects.toThrow('standard output: write EPIPE')
    expect(await readFile(out, 'utf8')).toBe('')
    await expectNobodyListens()
  })
})

async function expectNobodyListens(): Promise<void> {
  const [, url] = /^listening on (\S+)\n$/.exec(printed)!
  await expect(fetch(url!)).rejects.toThrow('fetch failed')
}

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf } from '../model/samples.js'
import { createFileDeadLetter } from './file-dead-letter.js'

const why = { sink: 'kafka', reason: 'too-large', message: 'record of 2 MB' }

describe('createFileDeadLetter()', () => {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'promline-dead-letter-'))
  })
  afterEach(async () => {
    await rm(dir, { recursive: true })
  })
  const linesIn = async (name = 'dead-letter.ndjson'): Promise<unknown[]> =>
    (await readFile(join(dir, 'dl', name), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))

  it('writes a line for a batch, with why and from where', async () => {
    const deadLetter = createFileDeadLetter({ dir: join(dir, 'dl') })
    const batch = batchOf([{ labels: { __name__: 'm', __proto__x: 'y' }, value: 1.5, timestampMs: 7 }], {
      kind: 'client',
      id: 'c',
      tenant: 't',
    })
    await deadLetter.write(batch, why)
    await deadLetter.close?.()
    expect(await linesIn()).toEqual([
      {
        ...why,
        origin: { kind: 'client', id: 'c', tenant: 't' },
        samples: [{ labels: { __name__: 'm', __proto__x: 'y' }, value: 1.5, timestampMs: 7 }],
      },
    ])
  })

  it('cuts a large batch into lines of a thousand samples', async () => {
    const deadLetter = createFileDeadLetter({ dir: join(dir, 'dl') })
    const samples = Array.from({ length: 2_500 }, (_, i) => ({ labels: { __name__: 'm', i: String(i) }, value: i, timestampMs: 1 }))
    await deadLetter.write(batchOf(samples), why)
    const lines = (await linesIn()) as { samples: { value: number }[] }[]
    expect(lines.every((line) => line.samples.length <= 1_000)).toBe(true)
    expect(lines.flatMap((line) => line.samples.map((sample) => sample.value)).sort((a, b) => a - b)).toEqual(
      samples.map(({ value }) => value),
    )
  })

  it('stays below its bytes: the oldest go first, counted', async () => {
    const deadLetter = createFileDeadLetter({ dir: join(dir, 'dl'), maxBytes: 16 * 1024 })
    for (let i = 0; i < 200; i++) await deadLetter.write(batchOf([{ labels: { __name__: 'm' }, value: i, timestampMs: 1 }]), why)
    const names = await readdir(join(dir, 'dl'))
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, 'dl', name))).size))
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(16 * 1024)
    const kept = (await Promise.all(names.map(linesIn))).flat().length
    expect(deadLetter.discarded).toEqual({ lines: 200 - kept, samples: 200 - kept })
    expect(kept).toBeGreaterThan(70)
  })

  it('stays below its bytes whatever the size of a batch, and of a sample', async () => {
    const lines: string[] = []
    const logger = { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => void lines.push(message) }
    const deadLetter = createFileDeadLetter({ dir: join(dir, 'dl'), maxBytes: 16 * 1024, logger })
    const sample = (i: number, length: number) => ({
      labels: { __name__: 'm', i: String(i), long: 'x'.repeat(length) },
      value: i,
      timestampMs: 1,
    })
    await deadLetter.write(batchOf(Array.from({ length: 500 }, (_, i) => sample(i, i === 250 ? 4_000 : 10))), why)
    const names = await readdir(join(dir, 'dl'))
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, 'dl', name))).size))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * 1024)
    const kept = ((await Promise.all(names.map(linesIn))).flat() as { samples: unknown[] }[]).flatMap((line) => line.samples).length
    expect(deadLetter.discarded.samples).toBe(500 - kept)
    expect(kept).toBeGreaterThan(50)
    expect(lines.at(-1)).toBe(`the dead letter ${join(dir, 'dl')} has no room for 1 samples of more than 2048 bytes each.`)
  })

  it('rejects while the disk refuses it, and takes it later', async () => {
    await writeFile(join(dir, 'dl'), 'a file where the folder should be')
    const deadLetter = createFileDeadLetter({ dir: join(dir, 'dl') })
    const batch = batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs: 1 }])
    await expect(deadLetter.write(batch, why)).rejects.toMatchObject({ code: 'disk-io' })
    await rm(join(dir, 'dl'))
    await deadLetter.write(batch, why)
    expect(await linesIn()).toHaveLength(1)
  })

  it('refuses a size that cannot hold a line', () => {
    expect(() => createFileDeadLetter({ dir: 'd', maxBytes: 100 })).toThrow(
      expect.objectContaining({ code: 'options', message: 'dead letter d: maxBytes must be a whole number, at least 8192, not 100' }),
    )
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDiskSpool } from '../spool/disk-spool.js'
import { createMemorySpool } from '../spool/memory-spool.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { createPipeline } from './create-pipeline.js'
import { batch, MemoryDeadLetter, startRig } from './testdata/rig.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'promline-closing-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('a close in which a part fails', () => {
  const fails = (message: string) => () => Promise.reject(new Error(message))

  it('closes the rest, tells the accounts, and rejects with the first error', async () => {
    const lines: string[] = []
    const logger = { debug() {}, warn() {}, error() {}, info: (_: object, message: string) => void lines.push(message) }
    const deadLetter = new MemoryDeadLetter()
    deadLetter.close = fails('no letter')
    const sink = createMemorySink()
    const { write, pipeline, spool, clock, during } = startRig({ sink, deadLetter }, { logger })
    await write(batch('a', [1]))
    const close = spool.close.bind(spool)
    spool.close = () => close().then(fails('no spool'))
    await expect(during(pipeline.close())).rejects.toThrow('no letter')
    await expect(pipeline.close()).rejects.toThrow('no letter')
    expect({ sink: sink.closed, spool: spool.closed, state: pipeline.status().state, timers: clock.timers }).toEqual({
      sink: true,
      spool: true,
      state: 'closed',
      timers: 0,
    })
    expect(lines.at(-1)).toMatch(/^pipeline p closed: memory: /)
  })

  it('closes sinks, dead letters and the spool where it cannot drain, and logs what else failed', async () => {
    const warnings: string[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (_: object, message: string) => void warnings.push(message) }
    const deadLetter = new MemoryDeadLetter()
    const sink = createMemorySink()
    const { write, pipeline, spool, during } = startRig({ sink, deadLetter }, { logger })
    await write(batch('a', [1]))
    vi.spyOn(spool, 'status').mockImplementationOnce(() => {
      throw new Error('no status')
    })
    const close = spool.close.bind(spool)
    spool.close = () => close().then(fails('no spool'))
    await expect(during(pipeline.close())).rejects.toThrow('no status')
    expect({ sink: sink.closed, deadLetter: deadLetter.closed, spool: spool.closed }).toEqual({ sink: true, deadLetter: 1, spool: true })
    expect(warnings).toEqual(['pipeline p did not close cleanly: no spool.'])
  })
})

describe('a spool that two pipelines were given', () => {
  it.each([
    ['disk', () => createDiskSpool({ dir, minFreeBytes: 0 }), 'spooled'],
    ['memory', () => createMemorySpool(), 'delivered'],
  ] as const)('is closed by the one that opened it, in %s', async (_, create, status) => {
    const spool = create()
    const sinks = () => [{ sink: createMemorySink(), delivery: { batchSendDeadlineMs: 0 } }]
    const first = createPipeline({ name: 'first', spool, sinks: sinks() })
    const second = createPipeline({ name: 'second', spool, sinks: sinks() })
    await first.open()
    await expect(second.open()).rejects.toThrow('opened before')
    await second.close()
    expect(await first.write(batch('a', [1]))).toEqual({ status })
    await first.close()
    await expect(first.write(batch('a', [1]))).rejects.toMatchObject({ code: 'closed' })
    expect(first.accounts().sinks['memory']?.delivered.samples).toBe(1)
  })

  it('is given back by a pipeline that closed while it was being opened', async () => {
    const { pipeline, spool, during } = startRig({ sink: createMemorySink() })
    let opened = (): void => {}
    spool.open = () => new Promise((resolve) => (opened = resolve))
    const opening = pipeline.open()
    opening.catch(() => {})
    await during(pipeline.close({ deadlineMs: 1_000 }))
    expect(spool.closed).toBe(false)
    opened()
    await expect(opening).rejects.toMatchObject({ code: 'closed' })
    expect({ closed: spool.closed, cursors: spool.cursors.size }).toEqual({ closed: true, cursors: 0 })
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sink } from '../delivery/sink.js'
import { type Batch, countsOf, totalOf } from '../model/batch.js'
import { batchOf } from '../model/samples.js'
import { createDiskSpool } from '../spool/disk-spool.js'
import { createMemorySpool } from '../spool/memory-spool.js'
import type { Spool } from '../spool/spool.js'
import { createPipeline } from './create-pipeline.js'
import type { Pipeline, SinkSetup } from './pipeline.js'
import { valuesOf } from './testdata/rig.js'

/** Sinks that come anew with each reload, and have one destination. */
class Destination {
  isUp = false
  readonly values = new Set<number>()

  sink(name: string, closesAfterMs = 0): Sink<readonly Batch[]> {
    return {
      name,
      encode: (batches) => [
        { part: name, body: batches, bytes: 1, counts: countsOf({ columns: batches.flatMap(({ columns }) => columns) }) },
      ],
      send: async (batches) => {
        if (!this.isUp) return { status: 'retryable', error: new Error('down') }
        for (const value of valuesOf(batches)) this.values.add(value)
        return { status: 'delivered' }
      },
      close: () => setTimeout(closesAfterMs, undefined),
    }
  }
}

/** Batches of many series, each value only once. */
function batches(series: number): () => Batch {
  const labels = Array.from({ length: series }, (_, i) => ({ labels: { __name__: 'm', i: String(i) }, value: 0, timestampMs: 1 }))
  const first = batchOf(labels, { kind: 'target', id: 'a' })
  let next = 0
  return () => ({
    ...first,
    columns: first.columns.map((columns) =>
      columns.kind === 'samples' ? { ...columns, values: columns.values.map(() => next++) } : columns,
    ),
  })
}

let dir = ''
let pipeline: Pipeline | undefined

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'reload-'))
})

afterEach(async () => {
  await pipeline?.close()
  await rm(dir, { recursive: true })
})

describe('a reload', () => {
  const spools: [string, () => Spool][] = [
    ['disk', () => createDiskSpool({ dir, maxBytes: 200_000, minFreeBytes: 0 })],
    ['memory', () => createMemorySpool({ maxBytes: 200_000 })],
  ]
  it.each(spools)('of a sink at its cap loses nothing: its place on %s keeps others waiting', async (_, createSpool) => {
    const destination = new Destination()
    const other = new Destination()
    other.isUp = true
    const setups = (): SinkSetup[] => [{ sink: destination.sink('s', 50) }, { sink: other.sink('other', 50) }]
    pipeline = createPipeline({ name: 'p', spool: createSpool(), sinks: setups() })
    const { write } = pipeline
    const next = batches(2000)
    await Promise.race([write(next()), setTimeout(50)])
    const writes = Array.from({ length: 40 }, () => write(next()))
    await setTimeout(300)
    await pipeline.apply({ sinks: setups() })
    destination.isUp = true
    await Promise.all(writes)
    await pipeline.flush()
    expect(destination.values.size).toBe(82_000)
    expect(pipeline.accounts().sinks['s']?.dropped).toEqual({})
  })

  it('counts what is written meanwhile once, and calls nothing damaged', async () => {
    const destination = new Destination()
    pipeline = createPipeline({
      name: 'p',
      spool: createDiskSpool({ dir, tailBytes: 0, minFreeBytes: 0 }),
      sinks: [{ sink: destination.sink('s') }],
    })
    const next = batches(50)
    for (let i = 0; i < 300; i++) await pipeline.write(next())
    const unbalanced: unknown[] = []
    const look = (): void => {
      const accounts = pipeline!.accounts()
      if (!accounts.balanced) unbalanced.push(accounts)
    }
    let applied = false
    let written = 300
    const added = { sink: destination.sink('added') }
    const applying = pipeline.apply({ sinks: [{ sink: destination.sink('s') }, added] }).then(() => {
      applied = true
    })
    while (!applied) {
      await pipeline.write(next())
      written++
      look()
      await setImmediate()
    }
    await applying
    pipeline.events.on('delivered', look)
    destination.isUp = true
    await pipeline.flush()
    const { s, added: late } = pipeline.accounts().sinks
    expect(unbalanced).toEqual([])
    expect(s).toMatchObject({ dropped: {}, spooled: { samples: 0 } })
    expect(late).toMatchObject({ dropped: {}, spooled: { samples: 0 } })
    expect(totalOf(s!.delivered)).toBe(written * 50)
  })
})

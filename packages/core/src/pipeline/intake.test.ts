import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Transform } from '../model/flow.js'
import { createDiskSpool } from '../spool/disk-spool.js'
import { createMemorySpool } from '../spool/memory-spool.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { createPipeline } from './create-pipeline.js'
import type { Pipeline } from './pipeline.js'
import { batch, startRig } from './testdata/rig.js'

/** What a program without types gives. */
function dropUntyped(...args: Parameters<typeof Reflect.apply>[2][]): Transform {
  return (one, drop) => {
    for (const arg of args) Reflect.apply(drop, undefined, arg)
    return one
  }
}

describe('the counts that a transform drops', () => {
  const three = { samples: 3, histograms: 0, exemplars: 0 }

  it.each([
    ['absent', []],
    ['null', [null]],
    ['an object without them', [{}]],
    ['not a number', [{ samples: Number.NaN, histograms: Number.NaN, exemplars: undefined }]],
    ['texts', [{ samples: '1', histograms: '', exemplars: null }]],
    ['negative', [{ samples: -1, histograms: -1, exemplars: -1 }]],
    ['infinite', [{ samples: Number.POSITIVE_INFINITY, histograms: 0, exemplars: 0 }]],
  ])('are zero where they are %s', async (_, counts) => {
    const { write, pipeline } = startRig({ sink: createMemorySink() }, { transforms: [dropUntyped(['odd', ...counts])] })
    await write(batch('a', [1, 2, 3]))
    expect(pipeline.accounts().intake).toMatchObject({
      in: three,
      dropped: { odd: { samples: 0, histograms: 0, exemplars: 0 } },
      spooled: three,
      balanced: true,
    })
  })

  it('are whole, and never more than its batch held', async () => {
    const keepNone: Transform = (one) => ({ ...one, columns: [] })
    const greedy = dropUntyped(['a', { samples: 1.7, histograms: 9, exemplars: 9 }], ['b', { ...three, samples: 9 }], ['c', three])
    const { write, pipeline } = startRig({ sink: createMemorySink() }, { transforms: [greedy, keepNone] })
    await write(batch('a', [1, 2, 3]))
    expect(pipeline.accounts().intake).toMatchObject({
      in: three,
      dropped: { a: { samples: 1, histograms: 0, exemplars: 0 }, b: { samples: 2 }, c: { samples: 0 } },
      spooled: { samples: 0 },
      balanced: true,
    })
  })

  it('are of the batch that it was given, where one before it added to that', async () => {
    const doubled: Transform = (one) => ({ ...one, columns: [...one.columns, ...one.columns] })
    const dropAll: Transform = (one, drop) => {
      drop('all', { ...three, samples: 6 })
      return { ...one, columns: [] }
    }
    const { write, pipeline } = startRig({ sink: createMemorySink() }, { transforms: [doubled, dropAll] })
    await write(batch('a', [1, 2, 3]))
    expect(pipeline.accounts().intake).toMatchObject({ in: { samples: 6 }, dropped: { all: { samples: 6 } }, balanced: true })
  })
})

describe('a batch that is none', () => {
  let dir: string
  let pipeline: Pipeline

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'promline-intake-'))
  })

  afterEach(async () => {
    await pipeline.close({ deadlineMs: 500 })
    await rm(dir, { recursive: true, force: true })
  })

  const good = batch('a', [1, 2, 3])
  const [columns] = good.columns
  const spools = { memory: () => createMemorySpool(), disk: () => createDiskSpool({ dir, minFreeBytes: 0 }) }
  const cases: readonly (readonly [name: string, batch: unknown, message: string])[] = [
    [
      'values in a list',
      { ...good, columns: [{ ...columns, values: [1, 2, 3] }] },
      'columns whose values are of type Array, not Float64Array',
    ],
    [
      'timestamps in a list',
      { ...good, columns: [{ ...columns, timestampMs: [1, 2, 3] }] },
      'columns whose timestampMs are of type Array, not number or Float64Array',
    ],
    [
      'timestamps that are missing',
      { ...good, columns: [{ ...columns, timestampMs: undefined }] },
      'columns whose timestampMs are of type Undefined, not number or Float64Array',
    ],
    ['an origin without an id', { ...good, origin: { kind: 'target' } }, 'an origin whose id is of type Undefined, not String'],
    [
      'null as its tenant, where the same origin without one is known',
      { ...good, origin: { ...good.origin, tenant: null } },
      'an origin whose tenant is of type Null, not String',
    ],
  ]

  it.each(cases.flatMap((one) => [['memory', ...one] as const, ['disk', ...one] as const]))(
    'is refused by a pipeline with a spool in %s that goes on: %s',
    async (kind, _, wrong, message) => {
      const sink = createMemorySink()
      pipeline = createPipeline({
        name: 'p',
        spool: spools[kind](),
        sinks: [{ sink, delivery: { batchSendDeadlineMs: 0, maxSamplesPerSend: 2 } }],
      })
      await pipeline.write(batch('a', [1, 2, 3]))
      await expect(Reflect.apply(pipeline.write, undefined, [wrong])).rejects.toMatchObject({ code: 'encode', message })
      await pipeline.write(batch('a', [1, 2, 3]))
      await pipeline.flush()
      const { intake, sinks, balanced } = pipeline.accounts()
      expect({ delivered: sinks['memory']?.delivered.samples, refused: intake.refused.samples, balanced }).toEqual({
        delivered: 6,
        refused: 3,
        balanced: true,
      })
    },
  )
})

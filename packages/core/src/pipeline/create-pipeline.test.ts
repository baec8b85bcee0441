import { describe, expect, it } from 'vitest'
import { batchOf } from '../model/samples.js'
import type { Batch, Origin } from '../model/batch.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { createPipeline } from './create-pipeline.js'
import { DoubleSpool } from './testdata/double-spool.js'

function batch(id: string, values: readonly number[], extra: Partial<Origin> = {}): Batch {
  return batchOf(
    values.map((value, i) => ({ labels: { __name__: 'm', i: String(i) }, value, timestampMs: 1_000 })),
    { kind: 'target', id, ...extra },
  )
}

describe('createPipeline()', () => {
  it('takes a batch to its sink, and balances', async () => {
    const clock = createFakeClock()
    const sink = createMemorySink()
    const pipeline = createPipeline({ name: 'p', spool: new DoubleSpool({ clock }), sinks: [{ sink }], clock })
    expect(await pipeline.write(batch('a', [1, 2, 3]))).toEqual({ status: 'spooled' })
    expect(pipeline.accounts().sinks['memory']).toMatchObject({ in: { samples: 3 }, spooled: { samples: 3 }, balanced: true })
    await clock.advance(1_000)
    expect(pipeline.accounts()).toMatchObject({ sinks: { memory: { delivered: { samples: 3 }, spooled: { samples: 0 } } }, balanced: true })
    expect(sink.sends).toHaveLength(1)
    const closed = pipeline.close()
    await clock.advance(0)
    await closed
    expect(sink.closed).toBe(true)
    await expect(pipeline.write(batch('a', [1]))).rejects.toThrow('pipeline "p" is closed')
  })
})

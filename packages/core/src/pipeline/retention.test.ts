import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Sink } from '../delivery/sink.js'
import { countsOf } from '../model/batch.js'
import { createMemorySpool } from '../spool/memory-spool.js'
import { createPipeline } from './create-pipeline.js'
import { batch, range } from './testdata/rig.js'

/** Collects garbage. A turn of the event loop before lets go of what the turn itself holds, as `WeakRef` demands. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  await new Promise((resolve) => setImmediate(resolve))
  if (typeof collect === 'function') collect()
}

/** Delivers what it is given, and keeps nothing. */
function forgetfulSink(): Sink<number> {
  return {
    name: 'forgetful',
    encode: (batches) => {
      const counts = batches.map(countsOf)[0]!
      return [{ part: 'all', body: 1, bytes: 1, counts }]
    },
    send: async () => ({ status: 'delivered' }),
  }
}

describe('a pipeline', () => {
  it('holds no batch that was acknowledged', async () => {
    const spool = createMemorySpool({ maxBytes: 1_000_000 })
    const pipeline = createPipeline({ name: 'p', spool, sinks: [{ sink: forgetfulSink() }] })
    const { signal } = new AbortController()
    const write = async (i: number): Promise<WeakRef<object>> => {
      const written = batch(`t${i % 7}`, [i], { timestampMs: i })
      await pipeline.write(written, { signal })
      return new WeakRef(written)
    }
    const references: WeakRef<object>[] = []
    for (const i of range(0, 50)) references.push(await write(i))
    await collectGarbage()
    expect(references.filter((reference) => reference.deref() !== undefined)).toHaveLength(0)
    await pipeline.close()
  })
})

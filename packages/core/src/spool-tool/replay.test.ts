import { describe, expect, it } from 'vitest'
import { type Batch, countsOf } from '../model/batch.js'
import { createLabels } from '../model/labels.js'
import { silentLogger } from '../model/logger.js'
import { samplesOf } from '../model/samples.js'
import { batch, valuesOf } from '../pipeline/testdata/rig.js'
import { estimateBatchBytes } from '../records/columns-encode.js'
import type { SpooledBatch } from '../spool/spool.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { replayBatches } from './replay.js'

/** Batches as a spool gives them, and what was read of them so far. */
async function* reading(batches: readonly Batch[], read: number[] = []): AsyncGenerator<SpooledBatch> {
  for (const [i, one] of batches.entries()) {
    read.push(i + 1)
    yield { seq: i + 1, batch: one, counts: countsOf(one), bytes: 1, appendedMs: 0 }
  }
}

function replay(batches: AsyncIterable<SpooledBatch>, options: Partial<Parameters<typeof replayBatches>[1]> = {}) {
  return replayBatches(batches, { sinks: [createMemorySink()], signal: new AbortController().signal, logger: silentLogger, ...options })
}

/** Some 10 KB each. */
const large = Array.from({ length: 20 }, (_, i) =>
  batch(
    'a',
    Array.from({ length: 1_000 }, (_, k) => k),
    { timestampMs: i },
  ),
)
const oneBytes = estimateBatchBytes(large[0]!)

describe('replayBatches()', () => {
  it('holds no more bytes at a time than its window, and delivers all of them in order', async () => {
    const read: number[] = []
    const ahead: number[] = []
    const sink = createMemorySink({
      otherwise: () => {
        ahead.push(read.length - valuesOf(sink.delivered).length / 1_000)
        return { status: 'delivered' }
      },
    })
    const result = await replay(reading(large, read), { sinks: [sink], windowBytes: 3 * oneBytes })
    expect(result).toMatchObject({ batches: 20, deliveredUpTo: 20, complete: true })
    expect(sink.delivered.flatMap((one) => [...samplesOf(one)].map(({ timestampMs }) => timestampMs))).toEqual(
      large.flatMap((_, i) => Array.from({ length: 1_000 }, () => i)),
    )
    // One more is read, and waits.
    expect(Math.max(...ahead)).toBeLessThanOrEqual(4)
  })

  it('takes a batch that is larger than its window, and than what a memory spool holds, by itself', async () => {
    const exemplar = { labels: createLabels({ trace: 'x'.repeat(2 ** 20) }), value: 1 }
    const exemplars = Array.from({ length: 64 }, () => exemplar)
    const { origin, columns } = batch('a', [1])
    const huge: Batch = {
      origin,
      columns: [...columns, { kind: 'exemplars', series: columns[0]!.series, rows: new Uint16Array(64), exemplars }],
    }
    expect(estimateBatchBytes(huge)).toBeGreaterThan(64 * 1024 * 1024)
    expect(await replay(reading([large[0]!, huge, large[1]!]))).toMatchObject({ batches: 3, deliveredUpTo: 3, complete: true })
    expect(await replay(reading(large), { windowBytes: 1 })).toMatchObject({ batches: 20, deliveredUpTo: 20, complete: true })
  })

  it('stops behind what cannot be sent, and says why and how far all is delivered', async () => {
    const odd = large.with(2, { ...large[2]!, origin: JSON.parse('{"kind":"target"}') })
    const read: number[] = []
    const result = await replay(reading(odd, read))
    expect(result).toMatchObject({
      deliveredUpTo: 2,
      complete: false,
      failure: { seq: 3, error: { message: 'an origin whose id is of type Undefined, not String' } },
    })
    // Not a whole window more.
    expect(read.length).toBeLessThan(10)
  })

  it('delivers what was read before what cannot be', async () => {
    async function* breaking(): AsyncGenerator<SpooledBatch> {
      yield* reading(large.slice(0, 3))
      throw new Error('the disk is gone')
    }
    const result = await replay(breaking())
    expect(result).toMatchObject({ batches: 3, deliveredUpTo: 3, complete: false, failure: { error: { message: 'the disk is gone' } } })
  })

  it('rejects where nothing can be read at all', async () => {
    async function* broken(): AsyncGenerator<SpooledBatch> {
      yield* reading([])
      throw new Error('no such sink')
    }
    await expect(replay(broken())).rejects.toThrow('no such sink')
  })
})

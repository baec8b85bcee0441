import { describe, expect, it } from 'vitest'
import type { SendOutcome } from '../delivery/sink.js'
import type { Batch } from '../model/batch.js'
import { samplesOf } from '../model/samples.js'
import { closePipelines } from '../pipeline/close-pipelines.js'
import { batch, startRig, valuesOf } from '../pipeline/testdata/rig.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { createSinkDeadLetter } from './sink-dead-letter.js'

const why = { sink: 'kafka', reason: 'too-large', message: 'a record of 2 MB' }

/** Refuses what holds a bad value. */
const refusing =
  (bad: number) =>
  (send: { readonly batches: readonly Batch[] }): SendOutcome =>
    valuesOf(send.batches).includes(bad)
      ? { status: 'rejected', cause: 'invalid', divisible: true, error: new Error(`${bad} is bad`) }
      : { status: 'delivered' }

const labelsIn = (batches: readonly Batch[]) =>
  batches.flatMap((one) => [...samplesOf(one)].map((sample) => ({ ...sample.labels.toObject() })))

describe('createSinkDeadLetter()', () => {
  it.each([
    [undefined, { __name__: 'm', i: '0', dead_letter_sink: 'kafka', dead_letter_reason: 'too-large' }],
    [false, { __name__: 'm', i: '0' }],
  ])('says who refused it and why, unless it must not (labels: %s)', async (labels, expected) => {
    const taken: Batch[] = []
    const consume = async (one: Batch) => {
      taken.push(one)
      return { status: 'spooled' } as const
    }
    const deadLetter = createSinkDeadLetter({ consume, ...(labels !== undefined && { labels }) })
    for (const value of [1, 2]) await deadLetter.write(batch('a', [value], { tenant: 't' }), why)
    expect(labelsIn(taken)).toEqual([expected, expected])
    expect(taken[0]!.origin).toEqual({ kind: 'target', id: 'a', tenant: 't' })
  })

  it('takes what a sink refuses to another sink, and acknowledges only then', async () => {
    const fakeClock = createFakeClock()
    let full = true
    const kept = createMemorySink({ name: 'kept' })
    const refuse = () => (full ? new Error('no space left on device') : undefined)
    const other = startRig({ sink: kept }, { fakeClock, spoolOptions: { refuse } })
    const deadLetter = createSinkDeadLetter({ consume: other.pipeline.write })
    const picky = createMemorySink({ otherwise: refusing(2) })
    const first = startRig({ sink: picky, deadLetter, delivery: { lanes: 1, batchSendDeadlineMs: 0 } }, { fakeClock })
    await first.write(batch('a', [1, 2, 3]))
    await fakeClock.advance(10_000)
    expect(first.accounts()).toEqual({ in: 3, delivered: 1, inFlight: 2 })
    expect(first.spool.disk.marks.get('memory')).toBeUndefined()
    expect(first.pipeline.status().sinks[0]).toMatchObject({ state: 'retrying', reason: 'no space left on device' })
    full = false
    await fakeClock.advance(10_000)
    expect(first.accounts()).toEqual({ in: 3, delivered: 2, 'rejected invalid': 1 })
    expect(first.spool.disk.marks.get('memory')).toEqual([1])
    await first.during(closePipelines([first.pipeline, other.pipeline], { clock: fakeClock }))
    expect(valuesOf(kept.delivered)).toEqual([2])
    expect(other.accounts('kept')).toEqual({ in: 1, delivered: 1 })
  })

  it('leaves one write behind where the other pipeline takes none, however long it waits', async () => {
    const fakeClock = createFakeClock()
    const down = createMemorySink({ name: 'down', otherwise: { status: 'retryable', error: new Error('down') } })
    const other = startRig({ sink: down }, { fakeClock, spoolOptions: { maxBytes: 16 } })
    await other.write(batch('b', [0]))
    const deadLetter = createSinkDeadLetter({ consume: other.pipeline.write })
    const picky = createMemorySink({ otherwise: refusing(1) })
    const first = startRig({ sink: picky, deadLetter, delivery: { batchSendDeadlineMs: 0 } }, { fakeClock })
    await first.write(batch('a', [1]))
    await fakeClock.advance(600_000)
    expect(other.pipeline.accounts().intake.pending.samples).toBeLessThanOrEqual(1)
    expect(first.accounts()).toEqual({ in: 1, inFlight: 1 })
  })
})

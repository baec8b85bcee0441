import { describe, expect, it } from 'vitest'
import { createMemorySink, encodeInMemory } from '../testing/memory-sink.js'
import { batch, range, startRig, valuesOf } from './testdata/rig.js'

describe('encoding', () => {
  /** A sink that counts what it encodes, and answers when it is told. */
  function countingSink() {
    const pending: (() => void)[] = []
    const encoded: number[][] = []
    const sink = createMemorySink({
      encode: (batches) => {
        encoded.push(valuesOf(batches))
        return [encodeInMemory('memory', batches)]
      },
      otherwise: () => new Promise((resolve) => pending.push(() => resolve({ status: 'delivered' }))),
    })
    return { sink, encoded, pending }
  }

  it('is done when a request can be sent, and not before', async () => {
    const { sink, encoded, pending } = countingSink()
    const { write, clock, accounts } = startRig({
      sink,
      delivery: { lanes: 4, maxSamplesPerSend: 2, maxInFlight: 3, batchSendDeadlineMs: 0 },
    })
    for (const id of ['a', 'b', 'c', 'd']) await write(batch(id, range(0, 10)))
    for (let settled = 0; settled < 20; settled++) {
      await clock.advance(0)
      expect(encoded).toHaveLength(Math.min(settled + 3, 20))
      pending.shift()?.()
    }
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 40, delivered: 40 })
  })

  it.each([
    ['as the sink wants it', {}, [5, 5]],
    ['as the options say', { maxSamplesPerSend: 2 }, [2, 2, 2, 2, 2]],
  ])('joins as many samples %s', async (_, delivery, sizes) => {
    const { sink, encoded, pending } = countingSink()
    const { write, clock } = startRig({
      sink: Object.assign(sink, { maxSamplesPerSend: 5 }),
      delivery: { ...delivery, batchSendDeadlineMs: 0 },
    })
    await write(batch('a', range(0, 10)))
    for (const _size of sizes) {
      await clock.advance(0)
      pending.shift()?.()
    }
    expect(encoded.map((values) => values.length)).toEqual(sizes)
  })

  it('waits while a tenant is blocked, in every lane but the one that asks', async () => {
    const { sink, encoded, pending } = countingSink()
    sink.answer({ status: 'retryable', error: new Error('401'), blocked: 'credentials refused (401)' })
    const { write, clock, accounts } = startRig({ sink, delivery: { lanes: 8, batchSendDeadlineMs: 0 } })
    await write(batch('a', [1]))
    await clock.advance(0)
    for (const id of ['b', 'c', 'd', 'e']) await write(batch(id, [2]))
    await clock.advance(29_999)
    expect(encoded).toEqual([[1]])
    await clock.advance(1)
    pending.shift()?.()
    for (let i = 0; i < 4; i++) {
      await clock.advance(0)
      pending.shift()?.()
    }
    await clock.advance(0)
    expect(accounts()).toEqual({ in: 5, delivered: 5 })
  })
})

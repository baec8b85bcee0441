import { describe, expect, it } from 'vitest'
import type { Batch, Columns } from '../model/batch.js'
import { createLabels } from '../model/labels.js'
import { batchOf, samplesOf } from '../model/samples.js'
import { dropOlder } from './age-limit.js'

const origin = { kind: 'target', id: 'a' } as const
const at = (...times: number[]): Batch =>
  batchOf(
    times.map((timestampMs, i) => ({ labels: { __name__: 'm', i: String(i) }, value: i, timestampMs })),
    origin,
  )

describe('dropOlder()', () => {
  it.each([
    ['nothing where all is young enough', [10, 10], 10, []],
    ['all of one time', [9, 9], 10, [0, 1]],
    ['rows by their own time', [9, 10, 8, 11], 10, [0, 2]],
  ])('drops %s', (_, times, oldestMs, gone) => {
    const batch = at(...times)
    const { batch: young, dropped } = dropOlder(batch, oldestMs)
    expect(dropped).toEqual({ samples: gone.length, histograms: 0, exemplars: 0 })
    expect([...samplesOf(young)].map((sample) => sample.value)).toEqual(times.map((_, i) => i).filter((i) => !gone.includes(i)))
    if (gone.length === 0) expect(young).toBe(batch)
  })

  it('keeps markers and start times beside their rows, and drops exemplars by their own time or with their samples', () => {
    const { series } = at(1, 1).columns[0]!
    const exemplar = (timestampMs?: number) => ({ labels: createLabels({}), value: 1, ...(timestampMs !== undefined && { timestampMs }) })
    const samples: Columns = {
      kind: 'samples',
      series,
      values: Float64Array.of(1, Number.NaN),
      timestampMs: Float64Array.of(5, 20),
      stale: Uint8Array.of(0, 1),
      startTimestampMs: Float64Array.of(1, 2),
    }
    const exemplars: Columns = {
      kind: 'exemplars',
      series,
      rows: Uint16Array.of(0, 1, 1),
      exemplars: [exemplar(5), exemplar(20), exemplar()],
    }
    const { batch, dropped } = dropOlder({ origin, columns: [samples, exemplars] }, 10)
    expect(dropped).toEqual({ samples: 1, histograms: 0, exemplars: 1 })
    expect(batch.columns[0]).toMatchObject({
      stale: Uint8Array.of(1),
      startTimestampMs: Float64Array.of(2),
      timestampMs: Float64Array.of(20),
    })
    expect(batch.columns[1]).toMatchObject({ rows: Uint16Array.of(1, 1), exemplars: [exemplar(20), exemplar()] })
    expect(dropOlder({ origin, columns: [samples, exemplars] }, 30).batch.columns).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import type { Batch, Columns } from '../model/batch.js'
import type { Exemplar } from '../model/histogram.js'
import { createLabels } from '../model/labels.js'
import { batchOf } from '../model/samples.js'
import { dropOlder } from './age-limit.js'
import { divideBySize, halve, packBySize } from './divide.js'
import { stampExemplars } from './exemplar-times.js'

const origin = { kind: 'target', id: 'a' } as const

/** Samples of `m{i="0"}`, `m{i="1"}`, ... on a list of their own. */
function samplesAt(...times: number[]): Columns {
  const samples = times.map((timestampMs, i) => ({ labels: { __name__: 'm', i: String(i) }, value: i, timestampMs }))
  return batchOf(samples, origin).columns[0]!
}

const exemplar = (timestampMs?: number): Exemplar => ({
  labels: createLabels({ trace_id: 't' }),
  value: 1,
  ...(timestampMs !== undefined && { timestampMs }),
})

const exemplarsOn = ({ series }: Columns, rows: readonly number[], exemplars: readonly Exemplar[]): Columns => ({
  kind: 'exemplars',
  series,
  rows: Uint16Array.from(rows),
  exemplars,
})

function timesIn(batches: readonly Batch[]): (number | undefined)[] {
  const columns = batches.flatMap((batch) => batch.columns)
  return columns.flatMap((one) => (one.kind === 'exemplars' ? one.exemplars.map(({ timestampMs }) => timestampMs) : []))
}

describe('an exemplar without a time', () => {
  const samples = samplesAt(5, 20)

  it.each([
    ['has that of its sample', [samples, exemplarsOn(samples, [1, 0], [exemplar(), exemplar(7)])], [20, 7]],
    [
      'has that of the last sample before it',
      [samples, { ...samples, timestampMs: 30 }, exemplarsOn(samples, [0], [exemplar()]), { ...samples, timestampMs: 40 }],
      [30],
    ],
    ['has that of its series, also on another list', [samples, exemplarsOn(samplesAt(0, 0), [0], [exemplar()])], [5]],
    ['keeps none where there is no sample', [exemplarsOn(samples, [0], [exemplar()])], [undefined]],
  ] as const)('%s', (_, columns, expected) => {
    expect(timesIn([stampExemplars({ origin, columns })])).toEqual(expected)
  })

  it('is not looked for where all say theirs', () => {
    const batch = { origin, columns: [samples, exemplarsOn(samples, [0], [exemplar(7)])] }
    expect(stampExemplars(batch)).toBe(batch)
  })

  it('says it when it is parted from its sample: by halving, by size, and by age', () => {
    const one = samplesAt(5)
    const batch: Batch = { origin, columns: [one, exemplarsOn(one, [0, 0], [exemplar(), exemplar()])] }
    expect(halve([batch])!.map(timesIn)).toEqual([[], [5, 5]])
    expect(divideBySize([batch], 1).map(timesIn)).toEqual([[], [5], [5]])
    expect(packBySize([batch], 1).map(timesIn)).toEqual([[], [5], [5]])
    const two: Batch = { origin, columns: [samples, exemplarsOn(samples, [0, 1], [exemplar(), exemplar()])] }
    const { batch: young, dropped } = dropOlder(two, 10)
    expect(timesIn([young])).toEqual([20])
    expect(dropped).toEqual({ samples: 1, histograms: 0, exemplars: 1 })
  })
})

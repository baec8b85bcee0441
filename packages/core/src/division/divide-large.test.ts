import { describe, expect, it } from 'vitest'
import { addCounts, type Batch, type Columns, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import { createLabels } from '../model/labels.js'
import { batchOf } from '../model/samples.js'
import { createSeriesList } from '../model/series-list.js'
import { SeriesTable } from '../model/series-table.js'
import { divideBySize, joinNeighbours, packBySize } from './divide.js'

const origin = { kind: 'client', id: 'a' } as const
const metadata = { name: 'm', type: 'gauge', help: '', unit: '' } as const

function listOf(size: number) {
  const table = new SeriesTable()
  return createSeriesList(Array.from({ length: size }, (_, i) => table.intern(createLabels({ __name__: 'm', i: String(i) }), metadata, 0)))
}

/** A sample of each series of a list, at each of some times. */
function rounds(series: ReturnType<typeof listOf>, times: number): Columns[] {
  return Array.from({ length: times }, (_, timestampMs) => ({
    kind: 'samples',
    series,
    values: new Float64Array(series.length).fill(timestampMs),
    timestampMs,
  }))
}

function exemplarsOn(series: ReturnType<typeof listOf>, rows: readonly number[]): Columns {
  const exemplars = rows.map((value) => ({ labels: createLabels({}), value, timestampMs: 1 }))
  return { kind: 'exemplars', series, rows: Uint16Array.from(rows), exemplars }
}

const sizeOf = (batches: readonly Batch[]) => totalOf(batches.map(countsOf).reduce(addCounts, zeroCounts))

/** What may take this long on a machine that does other things: what was mended took minutes, or all memory. */
const limitMs = 30_000

describe('a request that is cut into very many pieces', () => {
  const many = 100_000
  it.each<readonly [string, Columns[], number]>([
    ['samples of one series', rounds(listOf(1), many), many],
    ['samples of two series', rounds(listOf(2), many / 2), many],
    ['series of one instant', rounds(listOf(20_000), 1), 20_000],
    [
      'exemplars of one series',
      [
        exemplarsOn(
          listOf(1),
          Array.from({ length: many }, () => 0),
        ),
      ],
      many,
    ],
    [
      'exemplars of many',
      [
        exemplarsOn(
          listOf(20_000),
          Array.from({ length: many }, (_, i) => (i * 7) % 20_000),
        ),
      ],
      many,
    ],
  ])(
    'keeps all of it, in time: %s',
    (_, columns, total) => {
      for (const divide of [divideBySize, packBySize]) {
        const sizes = divide([{ origin, columns }], 10).map(sizeOf)
        expect(Math.max(...sizes.slice(0, 1_000))).toBeLessThanOrEqual(10)
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total)
      }
    },
    limitMs,
  )

  it('keeps the order of the samples of a series', () => {
    const batch = batchOf(
      Array.from({ length: 5_000 }, (_, i) => ({ labels: { __name__: 'm' }, value: i, timestampMs: i })),
      origin,
    )
    const times = divideBySize([batch], 3).flatMap((run) =>
      run.flatMap(({ columns }) => columns.map((one) => 'timestampMs' in one && one.timestampMs)),
    )
    expect(times).toEqual(Array.from({ length: 5_000 }, (_, i) => i))
  })

  it('copies no list but for the pieces themselves', () => {
    const series = listOf(1_000)
    const [first] = divideBySize([{ origin, columns: rounds(series, 1) }], 10)
    const [again] = packBySize([{ origin, columns: rounds(series, 1) }], 10)
    expect(again?.[0]?.columns[0]?.series).toBe(first?.[0]?.columns[0]?.series)
  })

  it(
    'joins very many neighbours',
    () => {
      const columns = rounds(listOf(1), 1)
      const [joined, ...others] = joinNeighbours(Array.from({ length: 100_000 }, () => ({ origin, columns })))
      expect([joined?.columns.length, others.length]).toEqual([100_000, 0])
    },
    limitMs,
  )
})

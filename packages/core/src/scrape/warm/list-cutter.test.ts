import { expect, test } from 'vitest'
import { createLabels } from '../../model/labels.js'
import { unknownMetadata } from '../../model/metadata.js'
import { packedOf } from '../../model/packed-series-list.js'
import type { Series } from '../../model/series.js'
import { SeriesListTable } from '../../model/series-list.js'
import { createRandom } from '../../model/testdata/random.js'
import { ListCutter } from './list-cutter.js'

const metadata = [unknownMetadata('a'), unknownMetadata('b')]
const series: readonly Series[] = Array.from({ length: 6000 }, (_, i) => {
  const family = metadata[i < 4000 ? 0 : 1]!
  return { labels: createLabels({ __name__: family.name, i: String(i) }), metadata: family }
})
const lists = new SeriesListTable().cut(series, 0).map(({ list }) => packedOf(list))

const textOf = (list: { length: number; at: (i: number) => Series }) =>
  Array.from({ length: list.length }, (_, i) => list.at(i).labels.get('i'))

test('lists that come as a whole stay themselves', () => {
  const cutter = new ListCutter(0)
  for (const list of lists) cutter.addRows(list, 0, list.length)
  const found = cutter.finish()
  expect(found.map((list, i) => list === lists[i])).toEqual(lists.map(() => true))
})

test('any sequence is cut as a table cuts it', () => {
  const below = createRandom(3)
  for (let run = 0; run < 20; run++) {
    const cutter = new ListCutter(0)
    const kept: Series[] = []
    for (const list of lists) {
      for (let from = 0; from < list.length; ) {
        const to = Math.min(list.length, from + 1 + below(below(3) === 0 ? 5 : 2000))
        if (below(3) > 0) {
          cutter.addRows(list, from, to)
          for (let i = from; i < to; i++) kept.push(series[Number(list.at(i).labels.get('i'))]!)
        }
        from = to
      }
    }
    const expected = new SeriesListTable().cut(kept, 0).map(({ list }) => textOf(list))
    expect(cutter.finish().map(textOf)).toEqual(expected)
  }
})

test('series one by one', () => {
  const cutter = new ListCutter(0)
  for (const { labels, metadata: family } of series) cutter.add(family, { bytes: labels.bytes, start: 0, end: labels.bytes.length })
  expect(cutter.finish().map(textOf)).toEqual(lists.map(textOf))
  expect(new ListCutter(0).finish()).toEqual([])
})

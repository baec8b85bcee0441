import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLabels } from './labels.js'
import type { MetricMetadata } from './metadata.js'
import {
  equalSeriesLists,
  groupHashAt,
  labelsHashAt,
  type PackedSeriesList,
  PackedSeriesListBuilder,
  packedOf,
} from './packed-series-list.js'
import { groupHash, type Series, seriesHash } from './series.js'
import { createSeriesList } from './series-list.js'

const families: readonly MetricMetadata[] = ['a', 'b', 'c'].map((name) => ({ name, type: 'gauge', help: '', unit: '' }))

const seriesOf = fc
  .record({
    family: fc.nat(families.length - 1),
    labels: fc.dictionary(fc.constantFrom('le', 'quantile', 'pod', 'é', '__name_', 'lf'), fc.string({ minLength: 1, unit: 'grapheme' }), {
      maxKeys: 4,
    }),
  })
  .map(({ family, labels }): Series => {
    const metadata = families[family]!
    return { labels: createLabels({ __name__: metadata.name, ...labels }), metadata }
  })

function packed(series: readonly Series[]): PackedSeriesList {
  return packedOf(createSeriesList(series))
}

function contentOf(list: PackedSeriesList): unknown {
  return Array.from({ length: list.length }, (_, i) => [list.at(i).labels.toObject(), list.at(i).metadata])
}

describe('PackedSeriesList', () => {
  test('has the series of the list that it was made of, and their hashes', () => {
    fc.assert(
      fc.property(fc.array(seriesOf), (series) => {
        const list = packed(series)
        expect(list.length).toBe(series.length)
        for (const [i, one] of series.entries()) {
          expect(list.at(i).labels.equals(one.labels)).toBe(true)
          expect(list.at(i).metadata).toBe(one.metadata)
          expect(labelsHashAt(list, i)).toBe(seriesHash(one))
          expect(groupHashAt(list, i)).toBe(groupHash(one))
        }
      }),
    )
  })

  test('is joined of rows of others', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(seriesOf), fc.nat(9), fc.nat(9)), { maxLength: 4 }), (parts) => {
        const builder = new PackedSeriesListBuilder()
        const expected: Series[] = []
        for (const [series, x, y] of parts) {
          const from = Math.min(x, y, series.length)
          const to = Math.min(Math.max(x, y), series.length)
          builder.addRows(packed(series), from, to)
          expected.push(...series.slice(from, to))
        }
        expect(builder.length).toBe(expected.length)
        const list = builder.build()
        expect(equalSeriesLists(list, packed(expected))).toBe(true)
        expect(list.families).toEqual(packed(expected).families)
      }),
    )
  })

  test('is equal to another by content alone', () => {
    fc.assert(
      fc.property(fc.array(seriesOf), fc.array(seriesOf), (a, b) => {
        const twin = a.map(({ labels, metadata }) => ({ labels: createLabels(labels.toObject()), metadata: { ...metadata } }))
        expect(equalSeriesLists(packed(a), packed(twin))).toBe(true)
        const same = JSON.stringify(contentOf(packed(a))) === JSON.stringify(contentOf(packed(b)))
        expect(equalSeriesLists(packed(a), packed(b))).toBe(same)
      }),
    )
  })

  test.each<[string, (list: PackedSeriesList) => unknown]>([
    ['at', (list) => list.at(1)],
    ['at', (list) => list.at(-1)],
    ['metadataAt', (list) => list.metadataAt(1)],
  ])('%s has nothing beyond the list', (_, read) => {
    const series = { labels: createLabels({ __name__: 'a' }), metadata: families[0]! }
    expect(() => read(packed([series]))).toThrow(/series -?1 of 1/)
  })

  test('keeps the automatic mark, and a builder begins anew', () => {
    const builder = new PackedSeriesListBuilder()
    const labels = createLabels({ __name__: 'up' })
    builder.add(families[0]!, { bytes: labels.bytes, start: 0, end: labels.bytes.length })
    const first = builder.build({ automatic: true })
    expect(first.automatic).toBe(true)
    expect(packedOf(first)).toBe(first)
    expect(builder.build()).toMatchObject({ length: 0 })
    expect(first.length).toBe(1)
    expect(equalSeriesLists(first, packed([first.at(0)]))).toBe(false)
  })
})

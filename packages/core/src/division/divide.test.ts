import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCounts, type Batch, type Columns, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import { createLabels } from '../model/labels.js'
import { batchOf, samplesOf } from '../model/samples.js'
import { createSeriesList } from '../model/series-list.js'
import { SeriesTable } from '../model/series-table.js'
import { divideByOrigin, divideBySize, halve, joinNeighbours, packBySize } from './divide.js'
import { areIndependent, isUnordered } from './independence.js'

const metadata = { name: 'm', type: 'gauge', help: '', unit: '' } as const

function listOf(...names: string[]) {
  const table = new SeriesTable()
  return createSeriesList(names.map((name) => table.intern(createLabels({ __name__: 'm', name }), { ...metadata, name }, 0)))
}

function columnsOf(series: ReturnType<typeof listOf>, timestampMs = 1): Columns {
  return { kind: 'samples', series, values: Float64Array.from({ length: series.length }, (_, i) => i), timestampMs }
}

function batchFrom(...columns: Columns[]): Batch {
  return { origin: { kind: 'target', id: 'a' }, columns }
}

const sizes = (pieces: readonly (readonly Batch[])[]) =>
  pieces.map((batches) => totalOf(batches.map(countsOf).reduce(addCounts, zeroCounts)))

const contents = (batches: readonly Batch[]) =>
  batches.flatMap((batch) =>
    [...samplesOf(batch)].map(({ labels, value, timestampMs }) => `${batch.origin.id} ${labels.get('name')} ${value} ${timestampMs}`),
  )

describe('halve()', () => {
  const ab = listOf('a', 'b')
  const cd = listOf('c', 'd')

  it('cuts between lists, and keeps them', () => {
    const [first, second] = halve([batchFrom(columnsOf(ab), columnsOf(cd))])!
    expect(first[0]?.columns.map((columns) => columns.series)).toEqual([ab])
    expect(second[0]?.columns.map((columns) => columns.series)).toEqual([cd])
  })

  it('cuts between batches of different origins', () => {
    const other = { ...batchFrom(columnsOf(cd)), origin: { kind: 'client', id: 'b' } } as const
    expect(halve([batchFrom(columnsOf(ab)), other])!.map((half) => half.map((batch) => batch.origin.id))).toEqual([['a'], ['b']])
  })

  it('cuts inside a list where one is most of it, and gives the same lists the next time', () => {
    const long = listOf(...Array.from({ length: 10 }, (_, i) => `s${i}`))
    const once = halve([batchFrom(columnsOf(ab), columnsOf(long))])!
    expect(sizes(once)).toEqual([6, 6])
    const again = halve([batchFrom(columnsOf(ab, 2), columnsOf(long, 2))])!
    expect(again[1][0]?.columns[0]?.series).toBe(once[1][0]?.columns[0]?.series)
  })

  it('does not cut a histogram where there is another place', () => {
    const table = new SeriesTable()
    const bucket = (le: string) => table.intern(createLabels({ __name__: 'h_bucket', le }), { ...metadata, name: 'h' }, 0)
    const alone = table.intern(createLabels({ __name__: 'm' }), metadata, 0)
    const series = createSeriesList([alone, bucket('1'), bucket('2'), bucket('5'), bucket('+Inf')])
    expect(sizes(halve([batchFrom(columnsOf(series))])!)).toEqual([1, 4])
  })

  it('keeps several samples of a series together, and in order', () => {
    const [first, second] = halve([batchFrom(columnsOf(ab, 1), columnsOf(ab, 2))])!
    expect(contents(first)).toEqual(['a a 0 1', 'a a 0 2'])
    expect(contents(second)).toEqual(['a b 1 1', 'a b 1 2'])
  })

  it('cuts samples of one series by time, and exemplars off their sample, and exemplars apart', () => {
    const one = listOf('a')
    const exemplar = { labels: createLabels({ trace_id: 'x' }), value: 1 }
    const exemplars: Columns = { kind: 'exemplars', series: one, rows: Uint16Array.of(0, 0), exemplars: [exemplar, exemplar] }
    expect(sizes(halve([batchFrom(columnsOf(one, 1), columnsOf(one, 2))])!)).toEqual([1, 1])
    expect(halve([batchFrom(columnsOf(one), exemplars)])!.map((half) => countsOf(half[0]!))).toEqual([
      { samples: 1, histograms: 0, exemplars: 0 },
      { samples: 0, histograms: 0, exemplars: 2 },
    ])
    expect(sizes(halve([batchFrom(exemplars)])!)).toEqual([1, 1])
  })

  it('takes exemplars along with the rows that they belong to', () => {
    const exemplar = (value: number) => ({ labels: createLabels({}), value })
    const exemplars: Columns = {
      kind: 'exemplars',
      series: cd,
      rows: Uint16Array.of(1, 0, 1),
      exemplars: [exemplar(1), exemplar(2), exemplar(3)],
    }
    const [, second] = halve([batchFrom(columnsOf(cd), exemplars)])!
    const [samples, own] = second[0]!.columns
    const timed = (value: number) => ({ ...exemplar(value), timestampMs: 1 })
    expect(own).toEqual({ kind: 'exemplars', series: samples?.series, rows: Uint16Array.of(0, 0), exemplars: [timed(1), timed(3)] })
  })

  it.each([
    ['one sample', [batchFrom(columnsOf(listOf('a')))]],
    ['nothing', []],
    ['an empty batch', [batchFrom()]],
  ])('cannot divide %s', (_, batches) => {
    expect(halve(batches)).toBeUndefined()
  })
})

const samples = fc.array(fc.record({ i: fc.nat(20), timestampMs: fc.nat(3), id: fc.nat(2) }), { maxLength: 60 }).map((all) => {
  const ids = [...new Set(all.map(({ id }) => id))]
  return ids.map((id) =>
    batchOf(
      all
        .filter((sample) => sample.id === id)
        .map(({ i, timestampMs }, at) => ({ labels: { __name__: 'm', name: String(i) }, value: at, timestampMs })),
      { kind: 'target', id: `t${id}` },
    ),
  )
})

describe('dividing, of any batches', () => {
  const perSeries = (lines: readonly string[]) => lines.map((line) => line.split(' ').slice(0, 2).join(' '))

  it('loses nothing, and keeps the order of each series', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 20 }), (batches, max) => {
        const before = contents(batches)
        for (const pieces of [divideBySize(batches, max), packBySize(batches, max), halve(batches) ?? [batches], divideByOrigin(batches)]) {
          const after = contents(pieces.flat())
          expect([...after].sort()).toEqual([...before].sort())
          for (const key of new Set(perSeries(before))) {
            const of = (lines: readonly string[]) => lines.filter((line) => line.startsWith(`${key} `))
            expect(of(after)).toEqual(of(before))
          }
        }
        expect(Math.max(0, ...sizes(divideBySize(batches, max)))).toBeLessThanOrEqual(max)
        expect(Math.max(0, ...sizes(packBySize(batches, max)))).toBeLessThanOrEqual(max)
      }),
    )
  })

  it('calls pieces independent only where no series is in two of them', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 20 }), (batches, max) => {
        const pieces = divideBySize(batches, max)
        const seen = pieces.flatMap((piece) => [...new Set(perSeries(contents(piece)))])
        if (new Set(seen).size < seen.length) expect(areIndependent(pieces)).toBe(false)
      }),
    )
  })

  it('calls pieces dependent where two lists of one instant share a series', () => {
    const batch = batchFrom(columnsOf(listOf('a', 'b')), columnsOf(listOf('c', 'b')))
    expect(areIndependent(divideBySize([batch], 2))).toBe(false)
  })

  it('reaches single samples by halving', () => {
    const leaves = (batches: readonly Batch[]): number[] => halve(batches)?.flatMap(leaves) ?? sizes([batches])
    fc.assert(
      fc.property(samples, (batches) => {
        const total = contents(batches).length
        expect(leaves(batches)).toEqual(total === 0 ? [0] : Array.from({ length: total }, () => 1))
      }),
    )
  })
})

describe('divideBySize()', () => {
  it('gives back what fits', () => {
    const batch = batchFrom(columnsOf(listOf('a', 'b')))
    expect(divideBySize([batch], 2)[0]?.[0]).toBe(batch)
  })

  it('lets pieces of one instant be under way together, and no others', () => {
    const [ab, cd] = [listOf('a', 'b'), listOf('c', 'd')]
    expect(areIndependent(divideBySize([batchFrom(columnsOf(ab), columnsOf(cd))], 1))).toBe(true)
    expect(areIndependent(divideBySize([batchFrom(columnsOf(ab, 1), columnsOf(cd, 2))], 1))).toBe(false)
  })
})

describe('packBySize()', () => {
  const list = (size: number, prefix: string) => listOf(...Array.from({ length: size }, (_, i) => `${prefix}${i}`))
  const [three, four, two, one] = [list(3, 'a'), list(4, 'b'), list(2, 'c'), list(1, 'd')]

  it('fills what is open before it begins anew, where lists come once and are of one instant', () => {
    const batch = batchFrom(columnsOf(three), columnsOf(four), columnsOf(two), columnsOf(one))
    const packed = packBySize([batch], 5)
    expect(packed.map((run) => run.flatMap(({ columns }) => columns.map(({ series }) => series)))).toEqual([
      [three, two],
      [four, one],
    ])
    expect(areIndependent(packed)).toBe(true)
    expect(sizes(divideBySize([batch], 5))).toEqual([3, 4, 3])
  })

  it.each([
    ['of several instants', [batchFrom(columnsOf(three), columnsOf(four), columnsOf(two, 2))]],
    ['with a list twice', [batchFrom(columnsOf(three), columnsOf(four), columnsOf(three))]],
    ['one after the other', [batchFrom(columnsOf(three), columnsOf(four)), batchFrom(columnsOf(two))]],
  ])('keeps the order of batches %s', (_, batches) => {
    expect(packBySize(batches, 5)).toEqual(divideBySize(batches, 5))
  })

  it('keeps the order of what stands on one series, where that has to be cut', () => {
    const exemplars: Columns = {
      kind: 'exemplars',
      series: one,
      rows: new Uint16Array(6),
      exemplars: Array.from({ length: 6 }, (_, i) => ({ labels: createLabels({}), value: i, timestampMs: i })),
    }
    const packed = packBySize([batchFrom(columnsOf(three), columnsOf(one), exemplars, columnsOf(two))], 5)
    const columns = packed.flatMap((run) => run.flatMap((batch) => batch.columns)).filter(({ series }) => series === one)
    expect(columns[0]?.kind).toBe('samples')
    expect(columns.flatMap((part) => (part.kind === 'exemplars' ? part.exemplars.map(({ value }) => value) : []))).toEqual([
      0, 1, 2, 3, 4, 5,
    ])
    expect(Math.max(...sizes(packed))).toBeLessThanOrEqual(5)
  })

  it('gives back what fits', () => {
    const batch = batchFrom(columnsOf(three), columnsOf(three, 2))
    expect(packBySize([batch], 6)[0]?.[0]).toBe(batch)
  })
})

describe('isUnordered()', () => {
  const exemplars: Columns = {
    kind: 'exemplars',
    series: listOf('a'),
    rows: Uint16Array.of(0),
    exemplars: [{ labels: createLabels({}), value: 1 }],
  }
  const [ab, cd] = [listOf('a', 'b'), listOf('c', 'd')]
  const times: Columns = { kind: 'samples', series: ab, values: Float64Array.of(1, 2), timestampMs: Float64Array.of(1, 1) }
  it.each<readonly [string, boolean, Batch]>([
    ['nothing', true, batchFrom()],
    ['lists that come once', true, batchFrom(columnsOf(ab), columnsOf(cd))],
    ['exemplars beside their samples', true, batchFrom({ ...columnsOf(ab), series: exemplars.series }, exemplars, columnsOf(cd))],
    ['exemplars apart from their samples', false, batchFrom({ ...columnsOf(ab), series: exemplars.series }, columnsOf(cd), exemplars)],
    ['a list that comes again', false, batchFrom(columnsOf(ab), columnsOf(cd), columnsOf(ab))],
    ['two lists that share a series', false, batchFrom(columnsOf(ab), columnsOf(listOf('c', 'b')))],
    ['two instants', false, batchFrom(columnsOf(ab, 1), columnsOf(cd, 2))],
    ['a time a row', false, batchFrom(times)],
  ])('of %s is %s', (_, expected, batch) => {
    expect(isUnordered(batch)).toBe(expected)
  })
})

describe('joinNeighbours()', () => {
  it('joins neighbours of one origin', () => {
    const [a, b] = [
      batchFrom(columnsOf(listOf('a'))),
      { ...batchFrom(columnsOf(listOf('b'))), origin: { kind: 'topic', id: 'b' } as const },
    ]
    const joined = joinNeighbours([a, { ...a }, b, a])
    expect(joined.map((batch) => [batch.origin.id, batch.columns.length])).toEqual([
      ['a', 2],
      ['b', 1],
      ['a', 1],
    ])
  })
})
